"""Picture and sound of one room's candidates: who sends them, who is recorded, and how both are doing.

A publisher's packets go to the pages that look, and through a gate to the recorder: recording runs from the admission
on (A14.2c.7). Until then the invigilator sees the live face and nothing is kept.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from proctor.clock import Clock
from proctor.media.server import MediaRoom
from proctor.recording.depacketise import Frame
from proctor.recording.recorder import Recorder
from proctor.recording.service import RecordingService

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
    """`on_change(candidate, state)` hears what becomes of a candidate's connection, see `MediaRoom.publish`."""

    def __init__(
        self,
        room: str,
        *,
        clock: Clock,
        connections: MediaRoom,
        recording: RecordingService,
        on_change: Callable[[str, str], None],
    ) -> None:
        self.connections = connections
        self._room = room
        self._clock = clock
        self._recording = recording
        self._on_change = on_change
        self._gates: dict[str, RecordingGate] = {}
        self._keyframes: dict[str, asyncio.Event] = {}  # that somebody waits for

    async def publish(self, candidate: str, sdp: str) -> str:
        """Take a candidate's picture and sound; answers with the media description. Raises as `MediaRoom.publish`."""
        gate = self._gates.setdefault(candidate, RecordingGate())
        return await self.connections.publish(candidate, sdp, sink=gate, on_state=self._on_change)

    async def show_only(self, name: str, sdp: str) -> str:
        """Take picture and sound of which nothing is kept or told, under a `name` of their own."""
        return await self.connections.publish(name, sdp, sink=None, on_state=lambda publisher, state: None)

    def unpublish(self, candidate: str) -> None:
        """End a candidate's connection, if there is one; a recording goes on with the next."""
        self.connections.unpublish(candidate)

    def forget(self, candidate: str) -> None:
        """The candidate is of another room now."""
        self.connections.unpublish(candidate)
        self._gates.pop(candidate, None)

    def record(self, candidate: str) -> None:
        """Keep what the candidate sends, from now on."""
        gate = self._gates.setdefault(candidate, RecordingGate())
        if gate.recorder is None:
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

    async def keyframe(self, candidate: str) -> tuple[Frame | None, str]:
        """A keyframe of the recorded picture from now, or of a moment ago; or None, and why: "not_recorded" or
        "no_picture"."""
        gate = self._gates.get(candidate)
        recorder = gate.recorder if gate else None
        if recorder is None:
            return None, "not_recorded"
        came = asyncio.Event()
        self._keyframes[candidate] = came = self._keyframes.get(candidate, came)
        recorder.on_keyframe = came.set
        self.connections.request_keyframe(candidate, "h")
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
