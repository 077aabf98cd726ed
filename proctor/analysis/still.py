"""A recorded keyframe as a JPEG: what a candidate's camera showed at a moment. Runs in worker processes."""

from __future__ import annotations

from typing import Any

from proctor.errors import ProctorError

_QUALITY = 85
_SMALL_WIDTH, _SMALL_QUALITY = 320, 60  # some 8 kB of a face before a wall


def still(keyframe: bytes) -> tuple[bytes, int, int]:
    """JPEG, width and height of a VP8 keyframe. Raises ProctorError `damaged`."""
    picture = _decoded(keyframe)
    height, width = picture.shape[:2]
    return _jpeg(picture, _QUALITY), width, height


def small_still(keyframe: bytes) -> bytes:
    """A JPEG no wider than a tile of the wall. Raises as `still`."""
    import cv2

    picture = _decoded(keyframe)
    height, width = picture.shape[:2]
    if width > _SMALL_WIDTH:
        size = _SMALL_WIDTH, max(1, round(height * _SMALL_WIDTH / width))
        picture = cv2.resize(picture, size, interpolation=cv2.INTER_AREA)
    return _jpeg(picture, _SMALL_QUALITY)


def _decoded(keyframe: bytes) -> Any:
    """As rows of pixels, blue, green and red."""
    import av

    try:
        codec = av.CodecContext.create("vp8", "r")
        pictures = [*codec.decode(av.Packet(keyframe)), *codec.decode(None)]
        return pictures[0].to_ndarray(format="bgr24")
    except (av.FFmpegError, IndexError) as error:
        raise ProctorError("damaged", what="keyframe") from error


def _jpeg(picture: Any, quality: int) -> bytes:
    import cv2

    written, encoded = cv2.imencode(".jpg", picture, [cv2.IMWRITE_JPEG_QUALITY, quality])
    if not written:
        raise ProctorError("damaged", what="keyframe")
    return bytes(encoded.tobytes())
