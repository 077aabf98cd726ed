"""What a person reads on the pages of a PDF."""

from __future__ import annotations

import io
import unicodedata

import pypdf


def pages(content: bytes) -> list[str]:
    """The text of each page on one line, in NFC."""
    texts = (page.extract_text() for page in pypdf.PdfReader(io.BytesIO(content)).pages)
    return [unicodedata.normalize("NFC", " ".join(text.split())) for text in texts]
