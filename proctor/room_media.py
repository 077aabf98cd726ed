"""Picture and sound of one room's candidates: who sends them, who is recorded, and how both are doing.

A publisher's packets go to the pages that look, and through a gate to the recorder: recording runs from the admission
on (A14.2c.7). Until then the invigilator sees the live face and nothing is kept. What becomes of connections, segments
and stills are facts, which go on the room's log.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any

import structlog

from proctor.clock import Clock
from proctor.errors import ProctorError
from proctor.exam import events as e
from proctor.exam.decisions import admission
from proctor.exam.room import Decision, Room
from proctor.facts import SERVER, Facts
from proctor.ledger.actor import RoomActor
from proctor.media.server import MediaRoom
from proctor.recording.depacketise import Frame
from proctor.recording.recorder import Recorder
from proctor.recording.service import RecordingService
from proctor.signalling.exchange import ASKING
from proctor.stills import Stills
from proctor.wall_pictures import WallPicture, WallPictures

log = structlog.get_logger(__name__)

_KEYFRAME_SECONDS = 1.2  # a keyframe that was asked for is there by then
_STILL_SECONDS = 10.0  # and an older one stands for it for so long

NO_MEDIA: Mapping[str, Any] = {
    "media": "none", "level": 0.0, "sound": False, "kbps": 0, "loss": 0.0, "age": None
}  # fmt: skip
"""How somebody is who is connected and sends neither picture nor sound."""


def _arriving(health: Mapping[str, Any] | None) -> dict[str, Any]:
    """What vitals tell of a publisher; nothing without one."""
    if health is None:
        return {}
    return {
        "media": health["state"],
        "level": round(health["audio_level"], 3),
        "sound": health["sound"],
        "kbps": round(sum(health["kbps"].values())),
        "loss": round(health["loss"], 4),
        "age": round(health["age"], 2),
    }


class RecordingGate:
    """Stands between a publisher and its recorder: recording runs from admission on (A14.2c.7).

    Before that the invigilator sees the live face and nothing is kept.
    """

    def __init__(self) -> None:
        self.recorder: Recorder | None = None

    def rtp(
        self, kind: str, layer: str, seq: int, timestamp: int, marker: bool, payload: bytes, arrival: float
    ) -> None:
        if self.recorder is not None:
            self.recorder.rtp(kind, layer, seq, timestamp, marker, payload, arrival)

    def sender_report(self, kind: str, layer: str, ntp: int, rtp_timestamp: int, arrival: float) -> None:
        if self.recorder is not None:
            self.recorder.sender_report(kind, layer, ntp, rtp_timestamp, arrival)

    def closed(self) -> None:
        if self.recorder is not None:
            self.recorder.closed()


class RoomMedia:
    """Of one room."""

    def __init__(
        self,
        actor: RoomActor[Room, e.Event],
        *,
        clock: Clock,
        facts: Facts,
        connections: MediaRoom,
        recording: RecordingService,
        stills: Stills,
    ) -> None:
        self.connections = connections
        self._actor = actor
        self._room = actor.room
        self._facts = facts
        self._stills = stills
        self._clock = clock
        self._recording = recording
        self._gates: dict[str, RecordingGate] = {}
        self._keyframes: dict[str, asyncio.Event] = {}  # that somebody waits for
        self._pictures = WallPictures(self._wall_picture, clock.monotonic, _STILL_SECONDS)

    async def publish(self, candidate: str, epoch: int, sdp: str) -> str:
        """Take a candidate's picture and sound; answers with the media description. Raises as `MediaRoom.publish`."""
        admission.may_publish(self._actor.state, self._clock.now(), candidate, epoch)
        if epoch != self._actor.state.sittings[candidate].epoch:  # the invigilator sees the face; nothing of it is kept
            return await self.connections.publish(candidate + ASKING, sdp, sink=None, on_state=lambda name, state: None)
        gate = self._gates.setdefault(candidate, RecordingGate())
        answer = await self.connections.publish(candidate, sdp, sink=gate, on_state=self._changed)
        known = self._actor.state.sittings.get(candidate)
        if known is None:  # moved to another room while the connection was made
            self.forget(candidate)
            raise ProctorError("not_found", what="candidate")
        if known.admitted_at and not self._actor.state.ended:
            self.record(candidate)
        return answer

    def restart(self, candidate: str, epoch: int, sdp: str) -> str:
        """Let a connection that stands go on at another network; answers with the media description. Raises as
        `MediaRoom.restart`."""
        admission.may_publish(self._actor.state, self._clock.now(), candidate, epoch)
        asking = epoch != self._actor.state.sittings[candidate].epoch
        return self.connections.restart(candidate + ASKING if asking else candidate, sdp)

    def _changed(self, candidate: str, state: str) -> None:
        changed = e.MediaChanged(candidate=candidate, state=state)
        self._facts.add(SERVER, lambda room, now: Decision((changed,)))

    def unpublish(self, candidate: str) -> None:
        """End a candidate's connection, if there is one; a recording goes on with the next."""
        self.connections.unpublish(candidate)

    def forget(self, candidate: str) -> None:
        """The candidate is of another room now."""
        self.connections.unpublish(candidate)
        self._gates.pop(candidate, None)
        self._pictures.forget(candidate)

    def record(self, candidate: str) -> None:
        """Keep what the candidate sends, from now on."""
        gate = self._gates.setdefault(candidate, RecordingGate())
        if gate.recorder is None:
            self.connections.open_deferred(candidate)  # what was sent before is not kept
            gate.recorder = self._recording.recorder(
                self._room, candidate,
                request_keyframe=lambda layer: self.connections.request_keyframe(candidate, layer),
            )
            self.connections.request_keyframe(candidate, "h")

    def end(self, *candidates: str) -> asyncio.Future[Any]:
        """End the connections and recordings of `candidates` at once; done when their last segments are finished."""
        for candidate in candidates:
            self.connections.unpublish(candidate)
            if candidate in self._gates:
                self._gates[candidate].recorder = None
        return self._finished(candidates)

    def end_all(self) -> asyncio.Future[Any]:
        """As `end`, for everybody."""
        return self.end(*self._gates)

    def finished(self) -> asyncio.Future[Any]:
        """Done when every segment of recordings that have ended is finished."""
        return self._finished(self._gates)

    def _finished(self, candidates: Iterable[str]) -> asyncio.Future[Any]:
        return asyncio.gather(*(self._recording.finish(self._room, candidate) for candidate in candidates))

    def recorded(self, candidate: str, kind: str, data: dict[str, Any]) -> None:
        """The recording service tells of a segment or a fault."""
        event: e.Event
        if kind == "segment_closed":
            event = e.SegmentClosed(candidate=candidate, segment=data)
        elif kind == "recording_fault":
            since = datetime.fromisoformat(data["since"]) if data.get("since") else None
            event = e.RecordingFault(candidate=candidate, why=str(data.get("why", "")), since=since)
        elif kind == "recording_resumed":
            event = e.RecordingResumed(candidate=candidate)
        else:
            return
        self._facts.add(SERVER, lambda room, now: Decision((event,)))

    async def keep_still(self, noted: e.ViolationNoted) -> None:
        """Keep what the camera shows now beside a violation, or why there is no picture.

        A keyframe is asked for; without a new one, the last one stands for a few seconds.
        """
        candidate, violation = noted.candidate, noted.violation
        keyframe, why = await self._keyframe(candidate)
        known = self._actor.state.sittings.get(candidate)
        if why == "no_picture" and (known is None or not known.connected):
            why = "not_connected"
        event: e.Event
        if keyframe is None:
            event = e.StillMissing(candidate=candidate, violation=violation, why=why)
        else:
            taken_at = self._moment(keyframe.arrival)
            try:
                made = await self._stills.make(self._room, candidate, keyframe.data)
                event = e.StillKept(
                    candidate=candidate, violation=violation, still=made.still, sha256=made.sha256, bytes=made.bytes,
                    width=made.width, height=made.height, taken_at=taken_at,
                )  # fmt: skip
            except Exception:
                log.exception("a still could not be made", room=self._room)
                event = e.StillMissing(candidate=candidate, violation=violation, why="failed")
        await self._facts.add(SERVER, lambda room, now: Decision((event,)))

    async def picture(self, candidate: str) -> WallPicture:
        """A small picture of a few seconds ago, for who gets no moving one. Raises ProctorError `not_found`."""
        return await self._pictures.of(candidate)

    async def _wall_picture(self, candidate: str) -> WallPicture:
        gate = self._gates.get(candidate)
        last = gate.recorder.keyframe if gate and gate.recorder else None
        if last is None or self._clock.monotonic() - last.arrival > _STILL_SECONDS:
            last, _ = await self._keyframe(candidate)
        if last is None:
            raise ProctorError("not_found", what="picture")
        return WallPicture(await self._stills.small(last.data), self._moment(last.arrival))

    def _moment(self, arrival: float) -> datetime:
        return self._clock.now() - timedelta(seconds=self._clock.monotonic() - arrival)

    async def _keyframe(self, candidate: str) -> tuple[Frame | None, str]:
        """A keyframe of the recorded picture from now, or of a moment ago; or None, and why: "not_recorded" or
        "no_picture"."""
        gate = self._gates.get(candidate)
        recorder = gate.recorder if gate else None
        if recorder is None:
            return None, "not_recorded"
        came = asyncio.Event()
        self._keyframes[candidate] = came = self._keyframes.get(candidate, came)
        recorder.on_keyframe = came.set
        recorder.ask_for_keyframe()
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(came.wait(), _KEYFRAME_SECONDS)
        if self._keyframes.get(candidate) is came:  # the next who asks waits for a picture of its own
            del self._keyframes[candidate]
        last = recorder.keyframe
        if last is None or self._clock.monotonic() - last.arrival > _STILL_SECONDS:
            return None, "no_picture"
        return last, ""

    def vitals(self, connected: Iterable[str]) -> dict[str, Any]:
        """How the recording is doing, and the media of each who publishes or is among the `connected`."""
        health = self._recording.health()
        mine = {
            key.split("/", 1)[1]: value
            for key, value in health["sittings"].items()
            if key.split("/", 1)[0] == self._room
        }
        written = [value for value in mine.values() if value["segment"]]
        behind = max((value["written_seconds_ago"] or 0.0 for value in written), default=0.0)
        arriving: dict[str, dict[str, Any]] = self.connections.health()
        return {
            "recording": {
                "ok": not any(value["refused"] for value in mine.values()),
                "writing": len(written),
                "behind_s": round(behind, 1),
            },
            "candidates": {
                candidate: {**NO_MEDIA, "recorded": mine.get(candidate, {}).get("segment") is not None}
                | _arriving(arriving.get(candidate))
                for candidate in {*arriving, *connected}
            },
        }
