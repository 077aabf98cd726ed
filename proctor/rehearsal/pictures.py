"""Moving pictures and sound for synthetic participants, encoded once per process.

A person is drawn with filled rows of pixels, so that no image library is needed: a head that sways before a
wall, shoulders, eyes that blink, a mouth that moves. Colours and pace differ by number, so that a wall of
them shows twelve different people. The wall carries noise like a cheap camera's, which brings the bit rates
near those of real browsers. Sound is a soft voice-like tone, a pitch for each person.
"""

from __future__ import annotations

import array
import colorsys
import fractions
import functools
import math
import random
from dataclasses import dataclass

import av
from av.video.frame import PictureType

PEOPLE = 12
SECONDS = 4
KEYFRAME_SECONDS = 2
LAYERS = {"l": (320, 180, 8, 60_000), "h": (640, 360, 15, 240_000)}
"""Width, height, frames per second, bits per second."""

OPUS_SECONDS = 0.06
_MTU = 1100
_RATE = 48000


@dataclass(frozen=True, slots=True)
class Frame:
    keyframe: bool
    parts: tuple[bytes, ...]  # the encoded frame, cut to fit packets


@functools.cache
def video_loop(person: int, layer: str) -> tuple[Frame, ...]:
    """`SECONDS` of VP8 that may be repeated without end; it begins with a keyframe."""
    width, height, fps, bit_rate = LAYERS[layer]
    codec = av.CodecContext.create("libvpx", "w")
    codec.width, codec.height, codec.pix_fmt, codec.bit_rate = width, height, "yuv420p", bit_rate
    codec.thread_count = 1  # several wait for one another by spinning, which on a busy machine takes ten times as long
    codec.framerate, codec.time_base = fractions.Fraction(fps), fractions.Fraction(1, fps)
    # Negative: this speed, whatever a frame takes; positive would let the machine choose, and no two runs were alike.
    codec.options = {"deadline": "realtime", "cpu-used": "-8", "lag-in-frames": "0", "auto-alt-ref": "0"}
    frames = []
    for number in range(SECONDS * fps):
        frame = _draw(person % PEOPLE, width, height, number / fps)
        frame.pts = number
        if number % (KEYFRAME_SECONDS * fps) == 0:
            frame.pict_type = PictureType.I
        for packet in codec.encode(frame):
            data = bytes(packet)
            parts = tuple(data[at : at + _MTU] for at in range(0, len(data), _MTU))
            frames.append(Frame(packet.is_keyframe, parts))
    return tuple(frames)


@functools.cache
def sound_loop(person: int) -> tuple[bytes, ...]:
    """Three seconds of Opus in packets of 60 ms."""
    codec = av.CodecContext.create("libopus", "w")
    codec.sample_rate, codec.layout, codec.format, codec.bit_rate = _RATE, "mono", "s16", 24_000
    codec.options = {"frame_duration": "60", "application": "voip"}
    pitch = 180 * 2 ** (person % PEOPLE / 12)
    size = round(_RATE * OPUS_SECONDS)
    packets = []
    for number in range(50):
        samples = array.array("h")
        for sample in range(number * size, (number + 1) * size):
            time = sample / _RATE
            envelope = 0.6 + 0.4 * math.sin(2 * math.pi * 2 * time)
            samples.append(int(9000 * envelope * math.sin(2 * math.pi * pitch * time)))
        frame = av.AudioFrame(format="s16", layout="mono", samples=size)
        frame.sample_rate, frame.pts = _RATE, number * size
        frame.planes[0].update(samples.tobytes())
        packets += [bytes(packet) for packet in codec.encode(frame)]
    return tuple(packets)


@functools.cache
def photo(person: int) -> bytes:
    """A JPEG of the person's face."""
    codec = av.CodecContext.create("mjpeg", "w")
    codec.width, codec.height, codec.pix_fmt = 640, 360, "yuvj420p"
    codec.time_base = fractions.Fraction(1, 1)
    frame = _draw(person % PEOPLE, 640, 360, 0.0).reformat(format="yuvj420p")
    frame.pts = 0
    return b"".join(bytes(packet) for packet in codec.encode(frame))


# --- drawing -------------------------------------------------------------------------------------------------

_NOISE = random.Random(7).randbytes(1 << 16)


@functools.cache
def _noisy(level: int) -> bytes:
    """A translation table from random bytes to luma around `level`."""
    return bytes(max(16, min(235, level + value % 9 - 4)) for value in range(256))


def _yuv(hue: float, saturation: float, value: float) -> tuple[int, int, int]:
    red, green, blue = colorsys.hsv_to_rgb(hue % 1, saturation, value)
    luma = 16 + 65.5 * red + 128.6 * green + 25 * blue  # BT.601
    return (
        round(luma),
        round(128 - 37.8 * red - 74.2 * green + 112 * blue),
        round(128 + 112 * red - 93.8 * green - 18.2 * blue),
    )


class _Canvas:
    """Three planes, filled by rows; coordinates are those of a 640 x 360 picture."""

    def __init__(self, width: int, height: int) -> None:
        self.width, self.height, self.scale = width, height, width / 640
        self.luma = [bytearray(width) for _ in range(height)]
        self.chroma = [[bytearray(width // 2) for _ in range(height // 2)] for _ in range(2)]

    def ellipse(self, x: float, y: float, across: float, down: float, colour: tuple[int, int, int]) -> None:
        """Filled, half-axes `across` and `down`."""
        planes = [(self.luma, self.scale)] + [(plane, self.scale / 2) for plane in self.chroma]
        for (rows, scale), value in zip(planes, colour, strict=True):
            top, bottom = max(0, int((y - down) * scale)), min(len(rows), int((y + down) * scale) + 1)
            for row in range(top, bottom):
                inside = 1 - ((row / scale - y) / down) ** 2
                if inside > 0:
                    half = across * math.sqrt(inside)
                    left, right = (
                        max(0, int((x - half) * scale)),
                        min(len(rows[row]), int((x + half) * scale)),
                    )
                    if right > left:
                        rows[row][left:right] = bytes([value]) * (right - left)

    def wall(self, colour: tuple[int, int, int], noise: random.Random) -> None:
        luma, *chroma = colour
        for row, pixels in enumerate(self.luma):
            at = noise.randrange(len(_NOISE) - self.width)
            level = luma - 30 * row // self.height
            pixels[:] = _NOISE[at : at + self.width].translate(_noisy(level))
        for plane, value in zip(self.chroma, chroma, strict=True):
            for pixels in plane:
                pixels[:] = bytes([value]) * len(pixels)

    def frame(self) -> av.VideoFrame:
        frame = av.VideoFrame(self.width, self.height, "yuv420p")
        for plane, rows in zip(frame.planes, (self.luma, *self.chroma), strict=True):
            gap = bytes(plane.line_size - len(rows[0]))
            plane.update(b"".join(bytes(row) + gap for row in rows))
        return frame


def _draw(person: int, width: int, height: int, time: float) -> av.VideoFrame:
    """The person at `time` seconds; every motion has a whole number of periods in `SECONDS`."""
    look = random.Random(person)
    hue = person / PEOPLE
    skin = _yuv(0.06 + 0.02 * look.random(), 0.35 + 0.3 * look.random(), 0.45 + 0.5 * look.random())
    hair = _yuv(0.08, 0.5, 0.1 + 0.3 * look.random())
    dark = _yuv(0, 0, 0.1)
    turn = 2 * math.pi * time / SECONDS
    x = 320 + 36 * math.sin(turn * (1 + person % 3))
    y = 165 + 10 * math.sin(turn * 2 + person)
    canvas = _Canvas(width, height)
    canvas.wall(_yuv(hue, 0.45, 0.75), random.Random(round(time * 1000) * 16 + person))
    canvas.ellipse(320 + (x - 320) / 3, 400, 190, 130, _yuv(hue + 0.5, 0.6, 0.6))
    canvas.ellipse(x, y - 18, 84, 104, hair)
    canvas.ellipse(x, y, 74, 96, skin)
    lids = 2 if math.sin(turn * 3 + person) > 0.93 else 9
    for side in (-30, 30):
        canvas.ellipse(x + side, y - 16, 12, lids, _yuv(0, 0, 0.95))
        canvas.ellipse(x + side, y - 16, 5, min(lids, 5), dark)
    canvas.ellipse(x, y + 48, 26, 4 + 7 * abs(math.sin(turn * 4)), dark)
    return canvas.frame()
