"""One live room: where everything of it meets.

The actor that owns its log, the timer that acts on its schedule, its picture and sound, the people who come and go, and
the pages that look at it. Data flows one way: pages, media and time hand decisions to the actor; what the actor applied
goes to `react`, which tells pages and starts and stops recording.
"""

from __future__ import annotations

import asyncio
import base64
import secrets
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import Any

import structlog

from proctor import views
from proctor.clock import Clock
from proctor.errors import ProctorError
from proctor.exam import events as e
from proctor.exam.decisions import closing, conduct, papers
from proctor.exam.room import Decision, Room, Violation
from proctor.facts import SERVER, Facts
from proctor.keys import Keys
from proctor.ledger.actor import Acknowledgement, Applied, RoomActor
from proctor.media.server import MediaRoom
from proctor.pulse import Pulse
from proctor.recording.service import RecordingService
from proctor.room_media import RoomMedia
from proctor.room_presence import RoomPresence
from proctor.room_timer import RoomTimer
from proctor.signalling.exchange import ASKING, Push, pushes
from proctor.stills import Stills

log = structlog.get_logger(__name__)

_RETRY_SECONDS = 1.0
_VIEWING = timedelta(minutes=15)
_DIAGNOSES = 200  # asked and not yet answered


class LiveRoom:
    """One room. `emit` sends a push to the pages it is meant for."""

    def __init__(
        self,
        actor: RoomActor[Room, e.Event],
        *,
        clock: Clock,
        media: MediaRoom,
        recording: RecordingService,
        paper_key: Callable[[str, str], Awaitable[bytes]],
        keys: Keys,
        stills: Stills,
        pulse: Pulse,
    ) -> None:
        self.actor = actor
        self._facts = Facts(actor.room, actor.act, clock)
        self.media = RoomMedia(
            actor, clock=clock, facts=self._facts, connections=media, recording=recording, stills=stills
        )
        self.timer = RoomTimer(actor, clock=clock, pulse=pulse, push=self._push)
        self.heard = self.timer.heard
        self.presence = RoomPresence(
            actor, facts=self._facts, heard=self.heard, media=self.media, vitals=self.vitals, push=self._push
        )
        self.receipted: dict[int, bytes] = {}  # number and hash of the log's entries that receipts speak of
        self.set_back_seconds = 0.0  # how far the system clock was set back before this server opened the room
        self.emit: Callable[[str, Push], None] = lambda room, push: None
        self._clock = clock
        self._paper_key = paper_key
        self._keys = keys
        self._stills = stills
        self._tasks: set[asyncio.Task[Any]] = set()
        self._viewed: dict[tuple[str, str], datetime] = {}
        self._asked: dict[str, tuple[str, str]] = {}  # diagnosis: who asked, of which candidate

    def _push(self, push: Push) -> None:
        self.emit(self.room, push)

    @property
    def state(self) -> Room:
        return self.actor.state

    @property
    def room(self) -> str:
        return self.actor.room

    async def act(self, who: str, decide: Callable[[Room, datetime], Decision]) -> Acknowledgement[Room]:
        """Take a decision; see `RoomActor.act`."""
        return await self.actor.act(who, decide)

    async def act_in_time(
        self, candidate: str, decide: Callable[[Room, datetime], Decision]
    ) -> Acknowledgement[Room]:
        """Take a decision of a candidate for whom a deadline runs, as of when it came in; see `RoomTimer.came_at`."""
        return await self.actor.act(candidate, decide, asked_at=self.timer.came_at(candidate))

    def tell(self, who: str, decide: Callable[[Room, datetime], Decision]) -> asyncio.Future[bool]:
        """Put a fact on the log, however long that takes; see `Facts.add`."""
        return self._facts.add(who, decide)

    def start(self) -> None:
        """Begin to take decisions."""
        self.actor.start()

    def watch(self) -> None:
        """Begin to act on the time, once the log says what the time before the start did to the room."""
        self.timer.start()

    async def close(self) -> None:
        """Write what is still to be written, then stop."""
        await asyncio.gather(self.timer.close(), self.presence.close())
        await self._facts.close()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self.actor.close()

    # -- what is kept, and who looked at it ---------------------------------------------------------------------------

    def segments(self, candidate: str) -> list[dict[str, Any]]:
        """The recorded segments of a sitting in order of time."""
        return sorted(self.state.sitting(candidate).recorded(), key=lambda each: each["started_at"])

    def violation(self, violation: str) -> Violation:
        """Raises ProctorError `not_found`."""
        known = self.state.violations.get(violation)
        if known is None:
            raise ProctorError("not_found", what="violation")
        return known

    async def view_still(self, who: str, violation: str, full_name: str = "") -> bytes:
        """The still of a violation; on the log, once in a quarter of an hour for each viewer (A5.4), by `full_name`
        when the room does not know it.

        Raises ProctorError `not_found`, `damaged`.
        """
        known = self.state.violations.get(violation)
        if known is None or known.still is None:
            raise ProctorError("not_found", what="still")
        jpeg = await self._stills.read(self.room, known.noted.candidate, known.still.still)
        if self._views_anew(who, violation):
            await self.act(who, lambda room, now: conduct.view_still(room, now, who, violation, full_name))
        return jpeg

    async def view_recording(self, who: str, candidate: str, full_name: str = "") -> None:
        """Somebody looks at a recording: on the ledger, once in a quarter of an hour each (A5.4), by `full_name`
        when the room does not know it."""
        if self._views_anew(who, candidate):
            named = "" if who in self.state.staff else full_name
            viewed = e.RecordingViewed(candidate=candidate, by=who, full_name=named)
            await self.act(who, lambda room, now: Decision((viewed,)))

    async def view_log(self, who: str, full_name: str = "") -> None:
        """Somebody reads the room's log, which holds drafts and what was written between two: kept as a look at a
        recording is."""
        if self._views_anew(who, "log"):
            viewed = e.LogViewed(by=who, full_name="" if who in self.state.staff else full_name)
            await self.act(who, lambda room, now: Decision((viewed,)))

    def _views_anew(self, who: str, what: str) -> bool:
        """Whether this is more than a quarter of an hour after the last look; from now on it is the last."""
        now = self._clock.now()
        told = self._viewed.get((who, what))
        if told is not None and now - told < _VIEWING:
            return False
        self._viewed[who, what] = now
        return True

    # -- the end ------------------------------------------------------------------------------------------------------

    async def hand_over(self, who: str, replaces: int = 0) -> dict[str, Any]:
        """Hand everything to the training office (A14.2e), with the log as it stands before this entry.

        Segments that are still being finished are waited for.
        """
        if self.state.ended:
            await self.media.finished()
            await self.tell(SERVER, lambda room, now: Decision())  # after the segments that were told before
        handover = f"h_{secrets.token_hex(8)}"
        seq, head = self.actor.head
        done = await self.act(
            who,
            lambda room, now: closing.hand_over(
                room, now, by=who, handover=handover, log_head=(seq, head.hex()), replaces=replaces
            ),
        )
        answer: dict[str, Any] = done.answer
        return answer

    # -- a look into a candidate's page, for those who help ------------------------------------------------------------

    def ask_diagnosis(self, who: str, candidate: str) -> str:
        """Ask a candidate's page how its devices and network are doing. Raises Refusal `not_found`, `not_connected`."""
        known = self.state.sitting(candidate)
        if not known.connected:
            raise ProctorError("not_connected")
        diagnosis = f"d_{secrets.token_hex(6)}"
        self._asked[diagnosis] = (who, candidate)
        asked = e.DiagnosisAsked(candidate=candidate, diagnosis=diagnosis, by=who)
        self.tell(who, lambda room, now: Decision((asked,)))
        while len(self._asked) > _DIAGNOSES:
            del self._asked[next(iter(self._asked))]
        self._push(Push("candidate", "diagnose", {"diagnosis": diagnosis}, candidate, only_epoch=known.epoch))
        return diagnosis

    def diagnosed(self, candidate: str, diagnosis: str, findings: dict[str, Any]) -> None:
        """A page answered. Raises ProctorError `not_found` for what nobody asked of it."""
        who, asked = self._asked.get(diagnosis, ("", ""))
        if asked != candidate:
            raise ProctorError("not_found", what="diagnosis")
        del self._asked[diagnosis]
        given = e.DiagnosisGiven(candidate=candidate, diagnosis=diagnosis)
        self.tell(candidate, lambda room, now: Decision((given,)))
        body = {"diagnosis": diagnosis, "candidate": candidate, "asked_by": who, "findings": findings}
        self._push(Push("staff", "diagnosis", body))

    # -- what pages are told ------------------------------------------------------------------------------------------

    async def key_for(self, candidate: str) -> dict[str, Any] | None:
        """The paper's key in the shape of `PaperKey`, if this candidate may have it now."""
        if not papers.may_have_key(self.state, candidate):
            return None
        assert self.state.paper is not None
        key = await self._paper_key(self.state.exam, self.state.paper.sha256)
        return {
            "exam": self.state.exam,
            "key": base64.b64encode(key).decode(),
            "released_at": views.moment(self.state.released_at),
        }

    def receipt(self, candidate: str) -> dict[str, Any] | None:
        """The receipt of an accepted submission, with the signed head of the log at the entry that holds it.

        It is the same whenever it is asked for, at any device and after a restart, until what the submission named has
        come or its time is over, which is an entry of its own. None before a submission.
        """
        known = self.state.sittings[candidate]
        submission = views.submission(self.state, known)
        if submission is None:
            return None
        return {**submission, "ledger": self.signed_head(known.receipt_seq, self.receipted[known.receipt_seq])}

    def _tell_receipt(self, candidate: str) -> None:
        """The receipt of what was collected; or anew, once all that it named has come, or its time is over."""
        epoch = self.state.sittings[candidate].epoch
        receipt = self.receipt(candidate)
        if receipt is not None:
            self._push(Push("candidate", "receipt", receipt, candidate, only_epoch=epoch))

    def signed_head(self, seq: int, head: bytes) -> dict[str, Any]:
        """A head of the log, signed over room, number and hash: whoever keeps it can show a cut tail."""
        signature = self._keys.sign(b"%s %d " % (self.room.encode(), seq) + head)
        return {
            "seq": seq,
            "head": head.hex(),
            "signature": base64.b64encode(signature).decode(),
            "key_id": self._keys.key_id,
        }

    def react(self, applied: Applied[Room, e.Event]) -> None:
        """Follow up what became the room's state. Called by the actor, on the event loop."""
        now = self._clock.now()
        events = [event for _, event in applied.entries]
        self.receipted |= {entry.seq: entry.hash for entry, event in applied.entries if isinstance(event, e.RECEIPTED)}
        for push in pushes(applied.before, applied.after, events, now):
            self._push(push)
        keys_for = [event.candidate for event in events if isinstance(event, e.PaperKeyDelivered)]
        if keys_for:
            self._spawn(self._deliver_keys(keys_for), "paper keys")
        for candidate, old in applied.before.sittings.items():
            new = applied.after.sittings.get(candidate)
            if new is None:  # moved to another room
                self.media.forget(candidate)
                continue
            if old.pending and (new.pending is None or new.pending.epoch != old.pending.epoch):
                self.media.unpublish(candidate + ASKING)
            if old.device and new.device != old.device:  # the picture belongs to the device that was there before
                self.media.unpublish(candidate)
        for event in events:
            match event:
                case e.Admitted(candidate=candidate):
                    self.media.record(candidate)
                    if self.state.hold is not None:  # whose deadline is to come is now among those who write on
                        self.timer.look()
                case e.ViolationNoted():
                    self._spawn(self.media.keep_still(event), "still")
                case e.CandidateDisconnected(candidate=candidate):
                    self.heard.settled(candidate)
                case e.EntryRefused(candidate=candidate):
                    self.media.unpublish(candidate)
                case (
                    e.TimesShifted() | e.ExtraTimeGranted() | e.ReleaseDelayed() | e.HoldResolved()
                    | e.ExamPublished() | e.PaperLoaded() | e.PaperConfirmed() | e.Submitted()
                ):
                    self.timer.look()
                    if isinstance(event, e.Submitted) and event.collected:  # nobody asked, so nobody was answered
                        self._tell_receipt(event.candidate)
                case e.SubmissionCompleted(candidate=candidate) | e.SubmissionIncomplete(candidate=candidate):
                    self._tell_receipt(candidate)
                case e.RoomEnded():
                    self._spawn(self.media.end_all(), "end of recording")

    async def _deliver_keys(self, candidates: list[str]) -> None:
        for candidate in candidates:
            while True:
                try:
                    key = await self.key_for(candidate)
                    break
                except Exception:
                    log.exception("the paper's key could not be read", room=self.room)
                    await asyncio.sleep(_RETRY_SECONDS)
            if key is not None:
                active = self.state.sittings[candidate].epoch
                self._push(Push("candidate", "paper_key", key, candidate, only_epoch=active))

    @property
    def clock_step_s(self) -> float:
        """By how many seconds the system clock has been moved since this server started."""
        return round(self._clock.step_seconds() - self.set_back_seconds, 1)

    def vitals(self) -> dict[str, Any]:
        """How media and recording are doing now."""
        return {
            "server_time": views.moment(self._clock.now()),
            "clock_step_s": self.clock_step_s,
            **self.media.vitals(key for key, known in self.state.sittings.items() if known.connected),
        }

    def _spawn(self, work: Any, what: str) -> None:
        task = asyncio.ensure_future(work)
        self._tasks.add(task)

        def done(task: asyncio.Task[Any]) -> None:
            self._tasks.discard(task)
            if not task.cancelled() and (error := task.exception()) is not None:
                log.error("background work failed", room=self.room, what=what, error=repr(error))

        task.add_done_callback(done)
