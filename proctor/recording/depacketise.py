"""VP8 frames out of RTP packets (RFC 7741), for one stream.

Packets in order take the short path. A packet ahead of its turn is held for a moment, since a
retransmission may still fill the hole; when it does not, the hole is a loss: the frame under construction
is dropped and so is everything up to the next keyframe, because VP8 frames refer to one another and a
decoder fed across a hole shows smeared pictures. `broken` says that a keyframe is needed.

Bounded: at most HELD_PACKETS wait, for at most HELD_SECONDS, and a frame has at most FRAME_BYTES.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from msgspec import Struct

HELD_SECONDS = 1.6  # a little longer than retransmissions are asked for (media/losses.py)
HELD_PACKETS = 256
FRAME_BYTES = 4 * 1024 * 1024
RESTART_AFTER = 64  # that many "late" packets in a row mean the numbering began anew (RFC 3550 A.1)


class Frame(Struct, gc=False):
    """One encoded picture. `timestamp` is RTP's (90 kHz), `arrival` the monotonic second of its first packet;
    `width` and `height` are set on keyframes only."""

    timestamp: int
    arrival: float
    keyframe: bool
    width: int
    height: int
    data: bytes


class _Packet(NamedTuple):
    timestamp: int
    marker: bool
    payload: bytes
    arrival: float


class Vp8Depacketiser:
    """Feed `push` every packet of one stream as it arrives; it returns the frames that became complete."""

    __slots__ = (
        "_arrival", "_bytes", "_held", "_held_until", "_late", "_next", "_parts", "_picture_id", "_timestamp",
        "broken", "losses",
    )

    def __init__(self) -> None:
        self.broken = True
        """No frame is handed out before the next keyframe."""
        self.losses = 0
        self._next = -1  # the sequence number that continues the stream
        self._late = 0
        self._held: dict[int, _Packet] = {}
        self._held_until = 0.0
        self._parts: list[bytes] = []
        self._bytes = 0
        self._timestamp = 0
        self._arrival = 0.0
        self._picture_id = -1  # of the frame under construction or last finished

    def push(self, seq: int, timestamp: int, marker: bool, payload: bytes, arrival: float) -> Sequence[Frame]:
        """`payload` is RTP's, with the VP8 descriptor; empty for a padding-only packet, which only counts."""
        if self._next < 0:
            self._next = seq
        frames: list[Frame] = []
        if seq == self._next:
            self._late = 0
            self._next = (seq + 1) & 0xFFFF
            frame = self._accept(timestamp, marker, payload, arrival)
            if not self._held:
                return () if frame is None else (frame,)
            if frame is not None:
                frames.append(frame)
            self._drain(frames)
            return frames
        ahead = (seq - self._next) & 0xFFFF
        if ahead >= 0x8000:  # behind: a duplicate, or too late
            self._late += 1
            if self._late >= RESTART_AFTER:
                self._restart(seq)
            return ()
        self._late = 0
        if not self._held:
            self._held_until = arrival + HELD_SECONDS
        self._held.setdefault(seq, _Packet(timestamp, marker, payload, arrival))
        while self._held and (arrival >= self._held_until or len(self._held) > HELD_PACKETS):
            self._skip_hole()
            self._drain(frames)
        return frames

    def _restart(self, seq: int) -> None:
        self._lose()
        self._held.clear()
        self._late = 0
        self._next = (seq + 1) & 0xFFFF

    def _drain(self, frames: list[Frame]) -> None:
        """Take held packets for as long as they continue the stream."""
        while (packet := self._held.pop(self._next, None)) is not None:
            self._next = (self._next + 1) & 0xFFFF
            frame = self._accept(*packet)
            if frame:
                frames.append(frame)
        if self._held:
            self._held_until = min(packet.arrival for packet in self._held.values()) + HELD_SECONDS

    def _skip_hole(self) -> None:
        """Give up the missing packets and go on with the first one held."""
        self._next = min(self._held, key=lambda seq: (seq - self._next) & 0xFFFF)
        # Picture ids tell a hole between two frames (dropped padding) from a lost picture.
        whole = False
        if not self._parts and not self.broken and self._picture_id >= 0:
            descriptor = parse_descriptor(self._held[self._next].payload)
            whole = bool(descriptor and descriptor[1] and descriptor[2] == (self._picture_id + 1) & 0x7FFF)
        if not whole:
            self._lose()

    def _lose(self) -> None:
        if not self.broken:
            self.losses += 1
        self.broken = True
        self._parts = []
        self._bytes = 0

    def _accept(self, timestamp: int, marker: bool, payload: bytes, arrival: float) -> Frame | None:
        if not payload:
            return None
        descriptor = parse_descriptor(payload)
        if descriptor is None:
            self._lose()
            return None
        offset, start, picture_id = descriptor
        if start:
            if self._parts:  # the frame before never got its marker (RFC 7741 4.1: it must)
                self._lose()
            if self.broken and payload[offset] & 1:  # an interframe with nothing to refer to
                return None
            self._timestamp = timestamp
            self._arrival = arrival
            self._picture_id = picture_id
        elif not self._parts:
            if not self.broken:
                self._lose()
            return None
        elif timestamp != self._timestamp:
            self._lose()
            return None
        self._parts.append(payload[offset:])
        if marker:
            return self._finish()
        self._bytes += len(payload)
        if self._bytes > FRAME_BYTES:
            self._lose()
        return None

    def _finish(self) -> Frame | None:
        data = self._parts[0] if len(self._parts) == 1 else b"".join(self._parts)
        self._parts = []
        self._bytes = 0
        if data[0] & 1:
            return Frame(self._timestamp, self._arrival, False, 0, 0, data)
        size = keyframe_size(data)
        if size is None:
            self._lose()
            return None
        self.broken = False
        return Frame(self._timestamp, self._arrival, True, *size, data)


def parse_descriptor(payload: bytes) -> tuple[int, bool, int] | None:
    """(length of the VP8 payload descriptor, begins a frame, picture id or -1), or None when malformed.

    RFC 7741 section 4.2. Picture ids of 7 bits are not told apart from none: they repeat within seconds.
    """
    size = len(payload)
    if not size:
        return None
    first = payload[0]
    start = first & 0x17 == 0x10  # S set, partition index 0
    offset = 1
    picture_id = -1
    if first & 0x80:
        if size < 2:
            return None
        extension = payload[1]
        offset = 2
        if extension & 0x80:
            if size < 4:
                return None
            if payload[2] & 0x80:
                picture_id = (payload[2] & 0x7F) << 8 | payload[3]
                offset = 4
            else:
                offset = 3
        if extension & 0x40:
            offset += 1
        if extension & 0x30:
            offset += 1
    return (offset, start, picture_id) if offset < size else None


def keyframe_size(frame: bytes) -> tuple[int, int] | None:
    """Width and height from a VP8 keyframe's header (RFC 6386 9.1), or None when it is not one."""
    if len(frame) < 10 or frame[0] & 1 or frame[3:6] != b"\x9d\x01\x2a":
        return None
    width = int.from_bytes(frame[6:8], "little") & 0x3FFF
    height = int.from_bytes(frame[8:10], "little") & 0x3FFF
    return (width, height) if width and height else None
