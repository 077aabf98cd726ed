"""A finished exam for the demonstration, made through the same rules, log and recorder as a real one.

Only time is not real: a house is opened with a clock that stands in the past and is moved by hand, the acts of the day
are taken one after another, and synthetic packets are handed to the recorders with the arrival times they would have
had. What comes out is an ordinary room with an ordinary log and ordinary segments.
"""

from __future__ import annotations

import asyncio
import secrets
import shutil
import struct
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial

from proctor.app import House, make_writable
from proctor.config import Config
from proctor.demo.plan import Plan, plan_exam
from proctor.exam import events as e
from proctor.exam.decisions import admission, answers, briefing, closing, conduct, papers, presence, timing
from proctor.exam.permissions import Role
from proctor.exam.room import Decision
from proctor.live_room import LiveRoom
from proctor.rehearsal import pictures

CANDIDATES = 3
MINUTES = 4  # of recording
_DEVICE = "sample device"
_DEVICES = {part: {"ok": True} for part in ("camera", "microphone", "speaker", "network")}
_NTP_EPOCH = 2_208_988_800
_DESCRIPTOR = struct.Struct("!BBH")  # RFC 7741: X and S bits, I, 15-bit picture id


class PastClock:
    """Stands where it is put. Its monotonic reading moves with it."""

    def __init__(self, now: datetime) -> None:
        self._start = self._now = now

    def now(self) -> datetime:
        return self._now

    def monotonic(self) -> float:
        return (self._now - self._start).total_seconds() + 1_000.0

    def at_monotonic(self, monotonic: float) -> datetime:
        return self._start + timedelta(seconds=monotonic - 1_000.0)

    async def sleep_until(self, moment: datetime) -> None:
        await asyncio.Event().wait()  # the acts below say themselves what time has brought

    def step_seconds(self) -> float:
        return 0.0

    def move_to(self, moment: datetime) -> None:
        self._now = moment


async def put_finished_exam(config: Config) -> None:
    """Begin the data of `config`, which must not exist, with a finished exam: all of it, or nothing when interrupted.

    It is made in a folder beside and moved when it is whole. Raises ProctorError `not_writable`.
    """
    make_writable(config.recordings)  # asked before the work, which would be thrown away after it
    making = config.data.with_name(f"{config.data.name}.making")
    await asyncio.to_thread(shutil.rmtree, making, ignore_errors=True)
    staged = replace(config, data=making / "data", recordings=making / "recordings")
    try:
        await _make_finished_exam(staged)
        await asyncio.to_thread(_move, staged, config)
    finally:
        shutil.rmtree(making, ignore_errors=True)


def _move(staged: Config, config: Config) -> None:
    config.recordings.mkdir(parents=True, exist_ok=True)
    for room in staged.recordings.iterdir():
        shutil.move(room, config.recordings / room.name)
    config.data.parent.mkdir(parents=True, exist_ok=True)
    staged.data.rename(config.data)


async def _make_finished_exam(config: Config) -> None:
    start = datetime.now(UTC).replace(second=0, microsecond=0) - timedelta(hours=3)
    clock = PastClock(start - timedelta(hours=1))
    house = await House.open(config, clock)
    try:
        plan = await plan_exam(
            house, "Bài thi mẫu đã kết thúc / A finished sample exam", start, CANDIDATES, minutes=MINUTES
        )
        live = house.rooms.get(plan.room)
        await _hold(house, clock, plan, live)
    finally:
        await house.close()


async def _hold(house: House, clock: PastClock, plan: Plan, live: LiveRoom) -> None:
    start, paper = live.state.schedule.starts_at, live.state.paper
    assert paper is not None
    clock.move_to(start - timedelta(minutes=1))
    enter = partial(presence.enter_staff, person=plan.invigilator, role=Role.INVIGILATOR)
    await live.act(plan.invigilator, enter)
    for candidate in plan.candidates:
        for decide in (
            partial(presence.join_candidate, candidate=candidate, device=_DEVICE),
            partial(presence.connect_candidate, candidate=candidate, epoch=1),
            partial(admission.report_device, candidate=candidate, report=_DEVICES, epoch=1),
            partial(admission.consent, candidate=candidate, version="sample", text_sha256="0" * 64),
            partial(admission.accept_rules, candidate=candidate, version="sample", text_sha256="0" * 64),
        ):
            await live.act(candidate, decide)
        for subject in admission.PHOTOS:
            face = pictures.photo(plan.candidates.index(candidate))
            await house.photos.take(live.room, candidate, _DEVICE, subject, face)
        await live.act(candidate, partial(admission.enter_lobby, candidate=candidate))
    clock.move_to(start - timedelta(seconds=40))
    for topic in papers.BRIEFINGS:
        await live.act(plan.invigilator, partial(briefing.hold, by=plan.invigilator, topic=topic))
    await live.act(
        plan.invigilator,
        lambda room, now: admission.admit(
            room, now, plan.invigilator, plan.candidates, checked=admission.CHECKS
        ),
    )
    for candidate in plan.candidates:
        await live.act(candidate, partial(papers.fetch_paper, candidate=candidate, device=_DEVICE))
    recorders = [_Stage(house, live, candidate, person) for person, candidate in enumerate(plan.candidates)]
    gone = (start + timedelta(seconds=70), start + timedelta(seconds=95))
    moment, end = clock.now(), start + timedelta(minutes=MINUTES, seconds=-20)
    released = False
    while moment < end:
        moment += timedelta(seconds=1)
        clock.move_to(moment)
        for stage in recorders:
            if not (stage.person == 1 and gone[0] <= moment < gone[1]):
                stage.play_until(clock.monotonic())
            else:
                stage.skip_to(clock.monotonic())
        if not released and moment >= start:
            released = True
            await live.act("server", timing.pass_time)
            for candidate in plan.candidates:
                await live.act(candidate, partial(papers.open_paper, candidate=candidate, sha256=paper.sha256))
        if moment == gone[0]:
            await _connection(live, plan.candidates[1], connected=False)
        if moment == gone[1]:
            await _connection(live, plan.candidates[1], connected=True)
        if released and int((moment - start).total_seconds()) % 20 == 5:
            await _write(live, plan.candidates)
        if moment == start + timedelta(seconds=120):
            await _note(live, plan)
        await asyncio.sleep(0)
    for candidate in plan.candidates[:2]:
        await _submit(live, candidate)
        await _leave(live, candidate)
    clock.move_to(live.state.schedule.submit_by + timedelta(seconds=1))
    await live.act("server", timing.pass_time)
    for violation in live.state.violations:
        await _dismiss(live, plan, violation)
    await live.act(plan.invigilator, partial(closing.publish_lists, by=plan.invigilator, reason=""))
    clock.move_to(live.state.schedule.end_at + timedelta(seconds=1))
    await asyncio.gather(*(house.recording.finish(live.room, candidate) for candidate in plan.candidates))
    await live.act("server", timing.pass_time)
    await live.hand_over(plan.invigilator)


async def _connection(live: LiveRoom, candidate: str, *, connected: bool) -> None:
    if connected:
        await live.act(candidate, lambda room, now: presence.join_candidate(room, now, candidate, _DEVICE))
        epoch = live.state.sittings[candidate].epoch
        await live.act(candidate, lambda room, now: presence.connect_candidate(room, now, candidate, epoch))
        event = e.MediaChanged(candidate=candidate, state="resumed")
    else:
        epoch = live.state.sittings[candidate].epoch
        await live.act(
            candidate, lambda room, now: presence.disconnect_candidate(room, now, candidate, epoch, "ping timeout")
        )
        event = e.MediaChanged(candidate=candidate, state="stalled")
    await live.act("server", lambda room, now: Decision((event,)))


async def _write(live: LiveRoom, candidates: list[str]) -> None:
    for candidate in candidates:
        known = live.state.sittings[candidate]
        if known.connected:
            text = f"{known.text}Câu {known.revision + 1}: phần trả lời mẫu.\n"
            await live.act(
                candidate,
                partial(
                    answers.save_answer, candidate=candidate, epoch=known.epoch, base_revision=known.revision,
                    text=text,
                ),
            )  # fmt: skip


async def _note(live: LiveRoom, plan: Plan) -> None:
    await live.act(
        plan.invigilator,
        lambda room, now: conduct.note_violation(
            room, now, by=plan.invigilator, violation=f"x_{secrets.token_hex(6)}", candidate=plan.candidates[0],
            category="left_view", text="Rời khỏi khung hình vài giây (mẫu).", since=now - timedelta(seconds=8),
            until=now,
        ),
    )  # fmt: skip


async def _dismiss(live: LiveRoom, plan: Plan, violation: str) -> None:
    await live.act(
        plan.invigilator,
        lambda room, now: conduct.decide_violation(
            room, now, by=plan.invigilator, violation=violation, status="dismissed",
            reason="Thí sinh nhặt bút rồi ngồi lại ngay (mẫu).",
        ),
    )  # fmt: skip


async def _submit(live: LiveRoom, candidate: str) -> None:
    known = live.state.sittings[candidate]
    await live.act(
        candidate,
        lambda room, now: answers.submit(
            room, now, candidate, submission_id=f"b_{secrets.token_hex(8)}", epoch=known.epoch,
            revision=known.revision, text_sha256=str(known.text_sha256), files=(),
        ),
    )  # fmt: skip


async def _leave(live: LiveRoom, candidate: str) -> None:
    epoch = live.state.sittings[candidate].epoch
    await live.act(candidate, lambda room, now: presence.disconnect_candidate(room, now, candidate, epoch, "left"))


class _Stage:
    """Plays a person's picture and sound into a recorder."""

    def __init__(self, house: House, live: LiveRoom, candidate: str, person: int) -> None:
        self.person = person
        self._recorder = house.recording.recorder(live.room, candidate, request_keyframe=lambda layer: None)
        self._frames = pictures.video_loop(person, "h")
        self._sounds = pictures.sound_loop(person)
        self._fps = pictures.LAYERS["h"][2]
        self._origin = self._now = house.clock.monotonic()
        self._origin_ntp = house.clock.now().timestamp() + _NTP_EPOCH
        self._frame = self._sound = self._sequence = 0
        self._report(self._now)

    def play_until(self, now: float) -> None:
        """Hand over what arrives up to `now`, in order of time."""
        while True:
            frame_at = self._origin + self._frame / self._fps
            sound_at = self._origin + self._sound * pictures.OPUS_SECONDS
            if min(frame_at, sound_at) > now:
                break
            if frame_at <= sound_at:
                self._show(frame_at)
            else:
                self._recorder.rtp("audio", "", self._sound & 0xFFFF, self._sound * 2880 & 0xFFFFFFFF, False,
                                   self._sounds[self._sound % len(self._sounds)], sound_at)  # fmt: skip
                self._sound += 1
        self._now = now

    def skip_to(self, now: float) -> None:
        """Nothing arrives until `now`; a new connection begins with a keyframe."""
        self._recorder.closed()
        self._frame = int((now - self._origin) * self._fps)
        self._frame -= self._frame % (self._fps * pictures.KEYFRAME_SECONDS)
        self._frame += self._fps * pictures.KEYFRAME_SECONDS
        self._sound = int((self._frame / self._fps) / pictures.OPUS_SECONDS)
        self._report(now)

    def _show(self, at: float) -> None:
        frame = self._frames[self._frame % len(self._frames)]
        for number, part in enumerate(frame.parts):
            last = number == len(frame.parts) - 1
            head = _DESCRIPTOR.pack(0x90 if number == 0 else 0x80, 0x80, 0x8000 | (self._frame & 0x7FFF))
            self._recorder.rtp("video", "h", self._sequence & 0xFFFF, self._frame * (90_000 // self._fps) & 0xFFFFFFFF,
                               last, head + part, at)  # fmt: skip
            self._sequence += 1
        self._frame += 1

    def _report(self, now: float) -> None:
        seconds = self._origin_ntp
        ntp = int(seconds * (1 << 32))
        self._recorder.sender_report("video", "h", ntp, 0, now)
        self._recorder.sender_report("audio", "", ntp, 0, now)
