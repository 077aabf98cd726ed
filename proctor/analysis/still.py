"""A recorded keyframe as a JPEG: what a candidate's camera showed at a moment."""

from __future__ import annotations

from proctor.errors import ProctorError

_QUALITY = 85


def still(keyframe: bytes) -> tuple[bytes, int, int]:
    """JPEG, width and height of a VP8 keyframe; for a worker process. Raises ProctorError `damaged`."""
    import av
    import cv2

    try:
        codec = av.CodecContext.create("vp8", "r")
        pictures = [*codec.decode(av.Packet(keyframe)), *codec.decode(None)]
        picture = pictures[0].to_ndarray(format="bgr24")
    except (av.FFmpegError, IndexError) as error:
        raise ProctorError("damaged", what="keyframe") from error
    height, width = picture.shape[:2]
    written, encoded = cv2.imencode(".jpg", picture, [cv2.IMWRITE_JPEG_QUALITY, _QUALITY])
    if not written:
        raise ProctorError("damaged", what="keyframe")
    return encoded.tobytes(), width, height
