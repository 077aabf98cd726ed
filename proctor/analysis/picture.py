"""How bright and how sharp a photograph is, so that a candidate hears of a dark or blurred camera before the exam."""

from __future__ import annotations

from dataclasses import dataclass

from proctor.errors import ProctorError

_LONG_SIDE = 640  # pixels; sharpness is measured at one size, whatever the camera gives
DARK = 45.0
BLURRED = 25.0
MAX_PIXELS = 40_000_000


@dataclass(frozen=True)
class Assessment:
    """`brightness`: mean of luma, 0 to 255. `sharpness`: variance of the Laplacian at 640 pixels; below `BLURRED` edges
    are soft. `width` and `height` in pixels, as photographed."""

    width: int
    height: int
    brightness: float
    sharpness: float

    @property
    def dark(self) -> bool:
        return self.brightness < DARK

    @property
    def blurred(self) -> bool:
        return self.sharpness < BLURRED


def assess(jpeg: bytes) -> Assessment:
    """Decode a JPEG and measure it; for a worker process. Raises ProctorError `not_a_photo`."""
    import cv2  # some 100 ms, and workers only
    import numpy as np

    size = jpeg_size(jpeg)
    if size is None or size[0] * size[1] > MAX_PIXELS:
        raise ProctorError("not_a_photo")
    picture = cv2.imdecode(np.frombuffer(jpeg, np.uint8), cv2.IMREAD_GRAYSCALE)
    if picture is None:
        raise ProctorError("not_a_photo")
    height, width = picture.shape[:2]
    scale = _LONG_SIDE / max(width, height)
    if scale < 1:
        small = (max(1, round(width * scale)), max(1, round(height * scale)))
        picture = cv2.resize(picture, small, interpolation=cv2.INTER_AREA)
    sharpness = float(cv2.Laplacian(picture, cv2.CV_64F).var())
    return Assessment(width, height, round(float(picture.mean()), 1), round(sharpness, 1))


def jpeg_size(data: bytes) -> tuple[int, int] | None:
    """Width and height that a JPEG's frame header states (ITU T.81 B.2.2), without decoding; None if it is none.

    Asked before decoding, so that a small file cannot unfold to gigabytes.
    """
    if not data.startswith(b"\xff\xd8"):
        return None
    at = 2
    while at + 9 < len(data) and data[at] == 0xFF:
        marker = data[at + 1]
        if marker == 0xFF:
            at += 1
            continue
        if 0xC0 <= marker <= 0xCF and marker not in (0xC4, 0xC8, 0xCC):
            height, width = int.from_bytes(data[at + 5 : at + 7], "big"), int.from_bytes(data[at + 7 : at + 9], "big")
            return (width, height) if width and height else None
        at += 2 + int.from_bytes(data[at + 2 : at + 4], "big")
    return None
