"""Media for the tests: real VP8 and Opus, encoded once, cut into RTP packets of a publisher whose clock,
skew and path the test chooses.

Every picture carries its own time: a row of 16 black or white blocks says the frame's milliseconds in
binary, so that whoever decodes it knows what should be showing. `flash` seconds turn the lower half white
while a 1 kHz tone sounds in `beep` seconds.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from functools import cache
from pathlib import Path
from typing import Any

import av
import numpy as np

from proctor.recording.part import PartHeader, encode_header, part_context
from proctor.recording.recorder import Opening
from proctor.sealed import FrameWriter

KEY = bytes(range(32))
NTP_EPOCH_SECONDS = 3_900_000_000  # some day of the sender's clock
OPUS_DELAY = 312


class FakeClock:
    """Server time moved by hand: monotonic second 0 is noon of 2026-03-02."""

    anchor = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)

    def __init__(self) -> None:
        self.seconds = 0.0

    def monotonic(self) -> float:
        return self.seconds

    def now(self) -> datetime:
        return self.at_monotonic(self.seconds)

    def at_monotonic(self, monotonic: float) -> datetime:
        return self.anchor + timedelta(seconds=monotonic)

    async def sleep_until(self, moment: datetime) -> None:
        await asyncio.sleep(0)


class Events(list):
    """An on_event that remembers: (room, sitting, kind, payload)."""

    def __call__(self, room_id: str, sitting_id: str, kind: str, payload: dict[str, Any]) -> None:
        self.append((room_id, sitting_id, kind, payload))

    def of(self, kind: str) -> list[dict[str, Any]]:
        return [payload for _, _, each, payload in self if each == kind]


@dataclass(frozen=True)
class Picture:
    at: float  # seconds from the clip's beginning
    keyframe: bool
    data: bytes


@dataclass(frozen=True, order=True)
class Packet:
    """One call of Sink.rtp, or of Sink.sender_report when `ntp` is set."""

    arrival: float
    kind: str
    layer: str
    seq: int
    timestamp: int
    marker: bool = False
    payload: bytes = b""
    ntp: int = -1


@cache
def pictures(
    width: int, height: int, fps: int, seconds: float, first_ms: int = 0, flash: tuple[float, ...] = ()
) -> tuple[Picture, ...]:
    """A VP8 clip with one keyframe, at its beginning."""
    encoder = av.CodecContext.create("libvpx", "w")
    assert isinstance(encoder, av.VideoCodecContext)
    encoder.width, encoder.height, encoder.pix_fmt = width, height, "yuv420p"
    encoder.time_base = Fraction(1, fps)
    encoder.bit_rate = 400_000
    encoder.thread_count = 1  # as in proctor/rehearsal/pictures.py
    encoder.options = {"deadline": "realtime", "cpu-used": "-8", "lag-in-frames": "0", "g": "9999"}
    made = []
    for index in range(round(seconds * fps)):
        frame = av.VideoFrame.from_ndarray(_picture(width, height, index / fps, first_ms, flash), "yuv420p")
        frame.pts = index
        for packet in encoder.encode(frame):
            made.append(Picture(float(packet.pts * encoder.time_base), packet.is_keyframe, bytes(packet)))
    return tuple(made)


def _picture(width: int, height: int, at: float, first_ms: int, flash: tuple[float, ...]) -> np.ndarray:
    image = np.full((height * 3 // 2, width), 128, np.uint8)
    image[:height] = 40
    milliseconds = first_ms + round(at * 1000)
    block = width // 16
    for bit in range(16):
        value = 235 if milliseconds >> (15 - bit) & 1 else 16
        image[: height // 4, bit * block : (bit + 1) * block] = value
    noise = np.random.default_rng(round(at * 1000))  # so that a picture needs several packets
    image[height // 4 : height // 3] = noise.integers(60, 120, (height // 3 - height // 4, width))
    column = int(at * 60) % (width - 20)
    image[height // 3 : height // 2, column : column + 20] = 180  # something moves
    if any(start - 1e-6 <= at < start + 0.2 for start in flash):
        image[height // 2 : height] = 235
    return image


@cache
def sound(seconds: float, beep: tuple[float, ...] = (), always: bool = False) -> tuple[bytes, ...]:
    """Opus packets of 60 ms: a tone during the 0.2 s after each `beep`, or all the time."""
    encoder = av.CodecContext.create("libopus", "w")
    assert isinstance(encoder, av.AudioCodecContext)
    encoder.sample_rate, encoder.layout, encoder.format = 48_000, "mono", "s16"
    encoder.bit_rate = 32_000
    encoder.options = {"frame_duration": "60", "application": "voip"}
    times = np.arange(round(seconds * 48_000)) / 48_000
    sounding = np.full(times.shape, always)
    for start in beep:
        sounding |= (times >= start) & (times < start + 0.2)
    wave = (np.sin(2 * np.pi * 1000 * times) * sounding * 12_000).astype(np.int16)
    packets = []
    for at in range(0, len(wave) - 2879, 2880):
        frame = av.AudioFrame.from_ndarray(wave[None, at : at + 2880], "s16", "mono")
        frame.sample_rate, frame.pts = 48_000, at
        packets += [bytes(packet) for packet in encoder.encode(frame)]
    return tuple(packets)


def vp8_payloads(data: bytes, picture_id: int, size: int = 1100) -> list[bytes]:
    """RFC 7741: descriptor with a 15-bit picture id before each piece."""
    pieces = [data[at : at + size] for at in range(0, len(data), size)]
    tail = bytes((0x80, 0x80 | picture_id >> 8 & 0x7F, picture_id & 0xFF))
    return [bytes((0x90 if index == 0 else 0x80,)) + tail + piece for index, piece in enumerate(pieces)]


def video_packets(
    clip: Iterable[Picture], *, start: float, layer: str = "h", delay: float = 0.03, seq: int = 65_500,
    timestamp: int = 0xFFFF0000, picture_id: int = 32_700,
) -> list[Packet]:  # fmt: skip
    """The clip as sent by a camera that began at the server's monotonic second `start`."""
    packets = []
    for index, picture in enumerate(clip):
        at = start + picture.at
        rtp = (timestamp + round(picture.at * 90_000)) & 0xFFFFFFFF
        payloads = vp8_payloads(picture.data, (picture_id + index) & 0x7FFF)
        for number, payload in enumerate(payloads):
            last = number == len(payloads) - 1
            arrival = at + delay + number * 0.0005
            packets.append(Packet(arrival, "video", layer, seq & 0xFFFF, rtp, last, payload))
            seq += 1
    return packets


def audio_packets(
    packets: Sequence[bytes], *, start: float, delay: float = 0.03, seq: int = 10, timestamp: int = 0xFFFFF000
) -> list[Packet]:
    """Opus as sent by a microphone that began at `start`; RTP says when a packet's first sample was heard."""
    return [
        Packet(start + index * 0.06 + delay, "audio", "", seq + index & 0xFFFF,
               timestamp + index * 2880 & 0xFFFFFFFF, False, payload)
        for index, payload in enumerate(packets)
    ]  # fmt: skip


def report(kind: str, layer: str, *, at: float, start: float, timestamp: int, delay: float = 0.03) -> Packet:
    """The sender report that a stream begun at `start` with `timestamp` sends at second `at`."""
    rate = 48_000 if kind == "audio" else 90_000
    rtp = (timestamp + round((at - start) * rate)) & 0xFFFFFFFF
    ntp = round((NTP_EPOCH_SECONDS + at) * 2**32)
    return Packet(at + delay, kind, layer, 0, rtp, ntp=ntp)


def feed(sink: Any, packets: Iterable[Packet]) -> None:
    """Deliver in order of arrival."""
    for packet in sorted(packets, key=lambda packet: packet.arrival):
        if packet.ntp >= 0:
            sink.sender_report(packet.kind, packet.layer, packet.ntp, packet.timestamp, packet.arrival)
        else:
            sink.rtp(packet.kind, packet.layer, packet.seq, packet.timestamp, packet.marker, packet.payload,
                     packet.arrival)  # fmt: skip


class PartOnDisk:
    """The recorder's part of room/anna, written at once. Its time is FakeClock's."""

    def __init__(self, path: Path, opening: Opening) -> None:
        self.path = path
        self._frames = FrameWriter(KEY, part_context("room", "anna", path.stem))
        header = PartHeader("room", "anna", path.stem, opening.layer, opening.width, opening.height,
                            0.0, FakeClock.anchor.isoformat(), opening.connection)  # fmt: skip
        path.write_bytes(self._frames.header + self._frames.seal(encode_header(header)))

    def write(self, batch: bytes) -> None:
        with self.path.open("ab") as file:
            file.write(self._frames.seal(batch))

    def close(self) -> None:
        pass


async def stored(service: Any, room_id: str, sitting_id: str, segment: str) -> bytes:
    """A segment's WebM as an inspector's browser gets it."""
    return b"".join([piece async for piece in service.open_range(room_id, sitting_id, segment)])
