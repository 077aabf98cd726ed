"""What to record of one sitting, decided packet by packet on the event loop. Holds no file and no clock:
packets bring their arrival time, parts are opened through a callable.

The larger simulcast layer `h` is recorded; when it falls silent, `l` takes over until `h` returns with a
keyframe. A segment has one layer of one connection, begins with a keyframe, and ends

* at the first keyframe after ROTATE_SECONDS, which is asked for, and at LIMIT_SECONDS at the latest;
* when layer, resolution or connection change, or a timestamp jumps;
* when its picture, or everything, has been silent for SILENT_SECONDS.

Sound without a picture makes segments of its own. Time moves by packets and by the service's `tick`,
whichever is first, so a test moves it by the arrival it gives to packets.

Each segment costs a file, a job and an entry of the room's log, and all these changes are in the sender's hand. So
segments are rationed: one in EVERY_SECONDS, with BURST for an honest beginning or a reconnection, which change several
times at once. What waits for its turn goes on where it can: a new resolution in the running segment, which players
take in their stride; the small layer in its own. Where it cannot, pictures and sound are missing, and the replay shows
the hole or the gap.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from proctor.recording.depacketise import Frame, Vp8Depacketiser
from proctor.recording.part import AUDIO, AUDIO_REPORT, END, VIDEO, VIDEO_REPORT, record_head
from proctor.recording.timeline import Unwrapper
from proctor.token_bucket import TokenBucket

ROTATE_SECONDS = 55.0
LIMIT_SECONDS = 75.0
FALLBACK_SECONDS = 2.0
SILENT_SECONDS = 5.0
FLUSH_SECONDS = 1.0
FLUSH_BYTES = 256 * 1024
TICK_SECONDS = 0.25
ASK_SECONDS = 1.0  # between two requests for a keyframe
LEAD_SECONDS = 0.5  # sound waits this long for a picture before it makes a segment alone
LEAD_PACKETS = 200  # 0.5 s of the shortest Opus packets, 2.5 ms
EVERY_SECONDS = 5.0  # between two segments: as often as silence can end one
BURST = 4  # sound, its picture, and once more each for a connection that breaks at once


class Sink(Protocol):
    """What a media connection calls for one sitting, on the event loop."""

    def rtp(
        self, kind: str, layer: str, seq: int, timestamp: int, marker: bool, payload: bytes, arrival: float
    ) -> None:
        """One packet. `kind` is "audio" or "video"; `layer` "h" or "l" for video. `payload` is RTP's
        payload, for video with the VP8 descriptor. A padding-only packet is passed too, with an empty
        payload, so that the sequence numbers have no hole. `arrival` is in monotonic seconds."""

    def sender_report(self, kind: str, layer: str, ntp: int, rtp_timestamp: int, arrival: float) -> None:
        """A sender report of that stream: NTP time as 32.32 fixed point and the RTP timestamp beside it."""

    def closed(self) -> None:
        """The media connection ended; another one may come, with new numbering."""


class Part(Protocol):
    """Where a segment goes while it is recorded."""

    def write(self, batch: bytes) -> None:
        """Append records."""

    def close(self) -> None:
        """No more will come; finalise."""


@dataclass(frozen=True)
class Opening:
    """What is known of a segment when it begins; `layer` is "" and the size 0 x 0 for sound alone."""

    layer: str
    width: int
    height: int
    arrival: float
    connection: int


class _Layer:
    """One simulcast layer as it comes in."""

    __slots__ = ("clock", "depacketiser", "report", "seen")

    def __init__(self) -> None:
        self.depacketiser = Vp8Depacketiser()
        self.clock = Unwrapper(90_000)
        self.seen = float("-inf")
        self.report: tuple[int, int, float] | None = None


class Recorder:
    """The Sink of one sitting."""

    __slots__ = (
        "_any_seen", "_ask_after", "_audio_clock", "_audio_report", "_batch", "_batch_bytes", "_batch_since",
        "_begun", "_connection", "_layers", "_lead", "_next_tick", "_open_part", "_opening", "_part", "_ration",
        "_video_seen", "_wanted", "keyframe", "on_keyframe", "request_keyframe",
    )

    def __init__(self, *, open_part: Callable[[Opening], Part], request_keyframe: Callable[[str], None]) -> None:
        self.request_keyframe = request_keyframe
        self._open_part = open_part
        self._connection = 0
        self._part: Part | None = None
        self._opening = Opening("", 0, 0, 0.0, 0)
        self._batch: list[bytes] = []
        self._batch_bytes = 0
        self._batch_since = 0.0
        self._video_seen = 0.0
        self._any_seen = 0.0
        self._ask_after = 0.0
        self._next_tick = 0.0
        self._ration: TokenBucket | None = None  # fills from the first packet on
        self.keyframe: Frame | None = None  # the last one, for stills
        self.on_keyframe: Callable[[], None] = lambda: None
        self._reset()

    def _reset(self) -> None:
        self._layers = {"h": _Layer(), "l": _Layer()}
        self._wanted = "h"
        self._audio_clock = Unwrapper(48_000)
        self._audio_report: tuple[int, int, float] | None = None
        self._lead: deque[tuple[int, float, bytes]] = deque(maxlen=LEAD_PACKETS)  # sound that waits for a picture
        self._begun = False

    # What media calls

    def rtp(
        self, kind: str, layer: str, seq: int, timestamp: int, marker: bool, payload: bytes, arrival: float
    ) -> None:
        if not self._begun:
            self._begun = True
            self._layers["h"].seen = arrival  # the larger layer is given its time to start
        if arrival >= self._next_tick:
            self.tick(arrival)
        self._any_seen = arrival
        if kind == "audio":
            if payload:
                self._audio(timestamp, arrival, payload)
            return
        stream = self._layers[layer]
        stream.seen = arrival
        if layer != "h" and self._wanted == "h":
            return
        depacketiser = stream.depacketiser
        for frame in depacketiser.push(seq, timestamp, marker, payload, arrival):
            self._video(layer, stream, frame)
        if depacketiser.broken:
            self._ask(arrival)

    def sender_report(self, kind: str, layer: str, ntp: int, rtp_timestamp: int, arrival: float) -> None:
        if kind == "audio":
            self._audio_report = (rtp_timestamp, ntp, arrival)
            if self._part:
                self._report(AUDIO_REPORT, self._audio_clock, self._audio_report)
        else:
            stream = self._layers[layer]
            stream.report = (rtp_timestamp, ntp, arrival)
            if self._part and self._opening.layer == layer:
                self._report(VIDEO_REPORT, stream.clock, stream.report)

    def closed(self) -> None:
        if self._lead and not self._part:
            self._open_sound(self._any_seen)
        self._close()
        self._reset()
        self._connection += 1

    # What the service calls

    def tick(self, now: float) -> None:
        """Do what is due at monotonic second `now`; cheap, to be called a few times a second."""
        self._next_tick = now + TICK_SECONDS
        if self._batch and now - self._batch_since >= FLUSH_SECONDS:
            self._flush()
        high, low = self._layers["h"], self._layers["l"]
        if self._wanted == "h" and now - high.seen > FALLBACK_SECONDS and now - low.seen < FALLBACK_SECONDS:
            self._wanted = "l"
            low.depacketiser = Vp8Depacketiser()
            self._ask(now)
        if not self._part:
            if self._lead and now - self._lead[0][1] >= LEAD_SECONDS:
                self._open_sound(now)
            return
        age = now - self._opening.arrival
        if not self._opening.width:
            if age >= ROTATE_SECONDS:  # sound can be cut anywhere
                self._close()
        elif age >= LIMIT_SECONDS or now - self._video_seen > SILENT_SECONDS:
            self._close()
        elif age >= ROTATE_SECONDS:
            self._ask(now)
        if now - self._any_seen > SILENT_SECONDS:
            self._close()

    @property
    def open_since(self) -> float | None:
        """Arrival of the open segment's first packet, in monotonic seconds."""
        return self._opening.arrival if self._part else None

    def ask_for_keyframe(self) -> None:
        """Of what is recorded, for who wants to see it now."""
        self.request_keyframe(self._wanted)

    # The steps

    def _ask(self, now: float) -> None:
        """Of the layer that is wanted; of the larger one too, as soon as it can be had again."""
        if now >= self._ask_after:
            self._ask_after = now + ASK_SECONDS
            self.request_keyframe(self._wanted)
            if self._wanted != "h" and now - self._layers["h"].seen < FALLBACK_SECONDS:
                self.request_keyframe("h")

    def _video(self, layer: str, stream: _Layer, frame: Frame) -> None:
        if frame.keyframe:
            self.keyframe = frame
            self.on_keyframe()
        opening = self._opening
        rtp, jumped = stream.clock.extend(frame.timestamp, frame.arrival)
        if jumped:
            stream.report = None
            if opening.layer == layer:
                self._close()
        continues = self._part is not None and opening.layer == layer
        if frame.keyframe and self._deserves_segment(continues, frame) and self._take_ration(frame.arrival):
            self._close(next_rtp=rtp if continues else -1)
            self._open(Opening(layer, frame.width, frame.height, frame.arrival, self._connection))
            self._report(VIDEO_REPORT, stream.clock, stream.report)
        elif not continues:
            self._ask(frame.arrival)
            return
        if frame.keyframe:
            self._wanted = layer
        self._video_seen = frame.arrival
        self._put(VIDEO, frame.keyframe, rtp, frame.arrival, frame.data)

    def _deserves_segment(self, continues: bool, keyframe: Frame) -> bool:
        age = keyframe.arrival - self._opening.arrival
        resized = (self._opening.width, self._opening.height) != (keyframe.width, keyframe.height)
        return not continues or age >= ROTATE_SECONDS or (resized and age >= EVERY_SECONDS)

    def _take_ration(self, now: float) -> bool:
        if self._ration is None:
            self._ration = TokenBucket(1 / EVERY_SECONDS, BURST, now)
        return self._ration.take(now)

    def _audio(self, timestamp: int, arrival: float, payload: bytes) -> None:
        rtp, jumped = self._audio_clock.extend(timestamp, arrival)
        if jumped:
            self._audio_report = None
            self._lead.clear()
            self._close()
        if self._part:
            self._put(AUDIO, True, rtp, arrival, payload)
            return
        self._lead.append((rtp, arrival, payload))

    def _open_sound(self, now: float) -> None:
        """Begin a segment of the sound that waited in vain for a picture, or forget what has waited too long."""
        if self._take_ration(now):
            self._open(Opening("", 0, 0, self._lead[0][1], self._connection))
        while self._lead and now - self._lead[0][1] >= LEAD_SECONDS:
            self._lead.popleft()

    def _open(self, opening: Opening) -> None:
        self._opening = opening
        self._part = self._open_part(opening)
        self._any_seen = max(self._any_seen, opening.arrival)
        self._report(AUDIO_REPORT, self._audio_clock, self._audio_report)
        for rtp, arrival, payload in self._lead:
            self._put(AUDIO, True, rtp, arrival, payload)
        self._lead.clear()

    def _close(self, next_rtp: int = -1) -> None:
        if not self._part:
            return
        self._put(END, False, next_rtp, self._any_seen, b"")
        self._flush()
        self._part.close()
        self._part = None

    def _report(self, kind: int, clock: Unwrapper, report: tuple[int, int, float] | None) -> None:
        if report is None or (rtp := clock.near(report[0])) is None:
            return
        _, ntp, arrival = report
        self._put(kind, False, rtp, arrival, (ntp & 0xFFFFFFFFFFFFFFFF).to_bytes(8, "little"))

    def _put(self, kind: int, keyframe: bool, rtp: int, arrival: float, data: bytes) -> None:
        if not self._batch:
            self._batch_since = self._any_seen
        self._batch += (record_head(kind, keyframe, rtp, arrival, len(data)), data)
        self._batch_bytes += len(data)
        if self._batch_bytes >= FLUSH_BYTES:
            self._flush()

    def _flush(self) -> None:
        if self._part and self._batch:
            self._part.write(b"".join(self._batch))
        self._batch = []
        self._batch_bytes = 0
