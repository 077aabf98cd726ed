"""What a file really is, by its first bytes, and a small picture of it. Runs in worker processes.

A browser believes a file's name. A photograph that is none, or is in a form that a marker's computer may not open, is
better told while there is time to take it again. HEIC is what iPhones take; no browser but Safari shows it.
"""

from __future__ import annotations

import io
from collections.abc import Iterable

from proctor.errors import ProctorError

_STARTS = (
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"GIF87a", "image/gif"),
    (b"GIF89a", "image/gif"),
    (b"%PDF-", "application/pdf"),
    (b"PK\x03\x04", "application/zip"),  # also Word, Excel, OpenDocument
)
_HEIC = {b"heic", b"heix", b"hevc", b"heim", b"heis", b"mif1", b"msf1"}  # ISO/IEC 23008-12, brands
_AVIF = {b"avif", b"avis"}
FIRST_BYTES = 32
SHOWN = frozenset({"image/jpeg", "image/png", "image/gif", "image/webp", "image/heic", "image/avif"})
_LONG_SIDE = 640
_MOST_PIXELS = 120_000_000  # a telephone's largest; what claims more is refused before it is decoded
_MOST_BYTES = 50_000_000


def looks_like(start: bytes) -> str:
    """The media type that a file's first bytes tell, "" when they tell none that we know."""
    for magic, kind in _STARTS:
        if start.startswith(magic):
            return kind
    if start[:4] == b"RIFF" and start[8:12] == b"WEBP":
        return "image/webp"
    if start[4:8] == b"ftyp":
        if start[8:12] in _HEIC:
            return "image/heic"
        if start[8:12] in _AVIF:
            return "image/avif"
    return ""


def small(pieces: Iterable[bytes]) -> bytes:
    """A JPEG of at most 640 pixels, upright, without anything that the camera wrote about itself.

    Raises ProctorError `no_preview` when the bytes are no picture that can be decoded.
    """
    import pi_heif  # here, so that only worker processes carry the decoders
    from PIL import Image, ImageOps

    pi_heif.register_heif_opener()
    Image.MAX_IMAGE_PIXELS = _MOST_PIXELS
    content = bytearray()
    for piece in pieces:
        content += piece
        if len(content) > _MOST_BYTES:
            raise ProctorError("no_preview")
    try:
        with Image.open(io.BytesIO(content)) as picture:
            if picture.width * picture.height > _MOST_PIXELS:
                raise ProctorError("no_preview")
            picture.draft("RGB", (_LONG_SIDE, _LONG_SIDE))
            upright = ImageOps.exif_transpose(picture)
            upright.thumbnail((_LONG_SIDE, _LONG_SIDE))
            made = io.BytesIO()
            upright.convert("RGB").save(made, "JPEG", quality=80)
    except ProctorError:
        raise
    except Exception as error:  # decoders meet bytes of strangers; whatever they say, there is no picture
        raise ProctorError("no_preview") from error
    return made.getvalue()
