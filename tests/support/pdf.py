"""What a person reads on the pages of a PDF."""

from __future__ import annotations

import io
import re
import unicodedata

import pypdf
from pypdf.generic import ContentStream, NameObject

# What stands on the page without saying anything: lines, and each module of a QR code, of which a page of slips has
# thousands. pypdf would read them one by one.
_DECORATION = re.compile(rb"/Artifact<</Type/Layout>>BDC.*?EMC", re.DOTALL)


def pages(content: bytes) -> list[str]:
    """The text of each page on one line, in NFC."""
    texts = map(_text, pypdf.PdfReader(io.BytesIO(content)).pages)
    return [unicodedata.normalize("NFC", " ".join(text.split())) for text in texts]


def _text(page: pypdf.PageObject) -> str:
    contents = ContentStream(page["/Contents"].get_object(), page.pdf, "bytes")
    contents.set_data(_DECORATION.sub(b"\n", contents.get_data()))
    page[NameObject("/Contents")] = contents
    return page.extract_text()
