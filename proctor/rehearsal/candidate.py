"""A synthetic candidate: signs in, waits, is admitted, sends picture and sound, opens the paper, writes, submits.

It goes through the same doors as a browser. Run as a process (`python -m proctor.rehearsal.candidate`) it plays the
candidates that it is given as JSON on standard input, until that closes. Where the cast `tells`, it says on standard
output how each fared, once all are done. With a number as argument it encodes so many people first, and says when it
has.
"""

from __future__ import annotations

import asyncio
import base64
import contextlib
import hashlib
import sys
import time
from collections.abc import Sequence
from typing import Any

import aiohttp
import msgspec
import socketio.exceptions
import uvloop

from proctor.errors import ProctorError
from proctor.keys import unseal
from proctor.rehearsal import pictures
from proctor.rehearsal.client import SyntheticPublisher
from proctor.rehearsal.page import Page, get_ready

ENCODED = "encoded"
_RETRY_SECONDS = 2.0
_SENTENCES = (
    "Vật chất là phạm trù triết học dùng để chỉ thực tại khách quan.",
    "Ý thức là sự phản ánh năng động, sáng tạo thế giới khách quan vào bộ óc con người.",
    "Vật chất quyết định ý thức; ý thức tác động trở lại vật chất thông qua hoạt động thực tiễn.",
    "Trong nhận thức và hành động phải xuất phát từ thực tế khách quan.",
    "Đồng thời phải phát huy tính năng động chủ quan của con người.",
)


class Script(msgspec.Struct):
    """What one candidate does. `drops_after`: seconds after admission at which it loses its network, for `gone_for`.
    It hands in once the server has its answer for the `revisions`th time. Each `loses_every`th packet of picture and
    sound is lost on its way (0: none)."""

    number: str
    code: str
    person: int
    drops_after: float | None = None
    gone_for: float = 0.0
    writes_every: float = 6.0
    revisions: int = 4 * len(_SENTENCES)
    loses_every: int = 0


class Cast(msgspec.Struct):
    """The candidates of a run."""

    url: str
    room: str
    candidates: list[Script]
    authority: str | None = None  # certificate of the authority that signed the server's, over HTTPS
    tells: bool = False


class Fared(msgspec.Struct):
    """How a candidate fared. Times are in seconds, None for what did not happen."""

    number: str
    lobby: float | None = None  # from the sign-in to the lobby
    media: float | None = None  # from the offer of picture and sound to their connection
    back: float | None = None  # from the network's return to picture and sound
    submitted: bool = False
    sent: int = 0  # packets of picture and sound
    late: int = 0  # of them, those that this machine sent after their time
    refusals: list[str] = []


class SyntheticCandidate:
    """One candidate, for the whole of its exam."""

    def __init__(self, url: str, room: str, script: Script, studio: asyncio.Lock, authority: str | None = None) -> None:
        self._url = url
        self._room = room
        self._script = script
        self._page = Page(url, "candidate", authority)
        self._signed_in = False
        self._revision = 0
        self._text = ""
        self._drop = script.drops_after is not None
        self._studio = studio
        self._began = self._returned = 0.0
        self.fared = Fared(script.number)

    async def play(self) -> None:
        """Everything, again and again after a loss, until the work is handed in or the room has ended."""
        async with self._page:
            async with self._studio:  # encoding takes a second of processor for each person; one at a time
                await asyncio.to_thread(_rehearse, self._script.person)
            while not await self._attempt():
                await asyncio.sleep(_RETRY_SECONDS)

    async def _attempt(self) -> bool:
        """Sign in if need be, and sit. True when there is nothing left to do."""
        try:
            if not self._signed_in:
                self._began = self._began or time.monotonic()
                credentials = {"number": self._script.number, "code": self._script.code}
                answer = await self._page.post("/api/sign-in/candidate", credentials)
                self._signed_in = not self._refused(answer)
            return self._signed_in and await self._sit()
        except (TimeoutError, OSError, aiohttp.ClientError, socketio.exceptions.SocketIOError):
            return False
        except ProctorError as error:  # of its own connection: the others go on
            self.fared.refusals.append(error.code)
            return False

    async def _sit(self) -> bool:
        """One connection. True when there is nothing left to do."""
        page = self._page
        welcome = await page.join(self._room)
        if self._refused(welcome):
            return bool(welcome["error"]["code"] in ("room_ended", "not_assigned"))
        if welcome["draft"]:
            self._revision, self._text = welcome["draft"]["revision"], welcome["draft"]["text"]
        if welcome["me"]["state"] == "expected":
            photo = pictures.photo(self._script.person)
            ready = await get_ready(page, self._room, photo, browser="proctor rehearsal")
            if self._refused(ready):
                return bool(ready["error"]["code"] in ("room_ended", "too_late"))
            self.fared.lobby = self.fared.lobby or time.monotonic() - self._began
        publisher = SyntheticPublisher(self._script.person)
        publisher.loses_every = self._script.loses_every
        lost, offered = False, time.monotonic()
        try:
            answer = await page.tell("publish", epoch=page.epoch, sdp=publisher.offer())
            await publisher.accept(answer["sdp"])
            publisher.start()
            self.fared.media = self.fared.media or time.monotonic() - offered
            if self._returned:
                self.fared.back, self._returned = time.monotonic() - self._returned, 0.0
            while not (welcome["me"]["admitted_at"] or self._heard_admission()):
                await page.hear("me", lambda me: me["admitted_at"], seconds=3600)
            lost = await self._work(welcome)
        finally:
            self.fared.sent += publisher.sent
            self.fared.late += publisher.late
            await publisher.stop(goodbye=not lost)
        return not lost

    def _refused(self, answer: Any) -> bool:
        """Whether it is a refusal, which is kept."""
        if "error" not in answer:
            return False
        self.fared.refusals.append(answer["error"]["code"])
        return True

    def _heard_admission(self) -> bool:
        return any(name == "me" and body["admitted_at"] for name, body in self._page.heard)

    async def _work(self, welcome: dict[str, Any]) -> bool:
        """From admission to submission. True when the network was lost on purpose."""
        page = self._page
        writing = asyncio.create_task(self._write(welcome))
        if self._drop:
            self._drop = False
            done, _ = await asyncio.wait([writing], timeout=self._script.drops_after)
            if not done:
                writing.cancel()
                await asyncio.gather(writing, return_exceptions=True)
                await page.leave()
                await asyncio.sleep(self._script.gone_for)
                self._returned = time.monotonic()
                return True
        await writing
        return False

    async def _write(self, welcome: dict[str, Any]) -> None:
        page = self._page
        fetched = await page.get(f"/api/rooms/{self._room}/paper")
        key = welcome["paper_key"] or await page.hear("paper_key", seconds=4 * 3600)
        paper = unseal(base64.b64decode(key["key"]), fetched["body"], key["exam"])
        assert paper.startswith(b"%PDF-")
        await page.tell("paper_opened", sha256=hashlib.sha256(fetched["body"]).hexdigest())
        while True:
            await asyncio.sleep(self._script.writes_every)
            sentence = _SENTENCES[self._revision % len(_SENTENCES)]
            saved = await page.tell("save_answer", epoch=page.epoch, base_revision=self._revision,
                                    text=f"{self._text} {sentence}".strip(), client_time="")  # fmt: skip
            if self._refused(saved):
                return
            self._text, self._revision = f"{self._text} {sentence}".strip(), saved["revision"]
            if self._revision >= self._script.revisions:
                handed_in = await page.tell("submit", epoch=page.epoch, revision=self._revision,
                                            text_sha256=saved["sha256"], files=[])  # fmt: skip
                self.fared.submitted = not self._refused(handed_in)
                return


async def play_all(cast: Cast) -> list[Fared]:
    """Play the candidates of a cast side by side; how each fared."""
    studio = asyncio.Lock()
    players = [SyntheticCandidate(cast.url, cast.room, script, studio, cast.authority) for script in cast.candidates]
    await asyncio.gather(*(player.play() for player in players))
    return [player.fared for player in players]


def _rehearse(person: int) -> None:
    """Encode a person's picture and sound, once, off the loop."""
    pictures.photo(person)
    pictures.sound_loop(person % pictures.PEOPLE)
    for layer in pictures.LAYERS:
        pictures.video_loop(person % pictures.PEOPLE, layer)


async def _main() -> None:
    reader = asyncio.StreamReader()
    loop = asyncio.get_running_loop()
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    if len(sys.argv) > 1:
        for person in range(int(sys.argv[1])):
            await asyncio.to_thread(_rehearse, person)
        print(ENCODED, flush=True)
    cast = msgspec.json.decode(await reader.readline(), type=Cast)
    playing = asyncio.create_task(play_all(cast))
    watching = asyncio.create_task(reader.read())  # ends when the parent does
    await asyncio.wait([playing, watching], return_when=asyncio.FIRST_COMPLETED)
    if cast.tells and playing.done():
        sys.stdout.buffer.write(msgspec.json.encode(playing.result()) + b"\n")
        sys.stdout.flush()
    for task in (playing, watching):
        task.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await playing


def numbered(codes: Sequence[tuple[str, str]]) -> list[Script]:
    """A script for each (number, code); the seventh loses its network for 40 s."""
    return [
        Script(number, code, person, drops_after=75.0 if person == 6 else None, gone_for=40.0)
        for person, (number, code) in enumerate(codes)
    ]


if __name__ == "__main__":
    with contextlib.suppress(KeyboardInterrupt):
        uvloop.run(_main())
