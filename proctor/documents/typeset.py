"""A template and its data to a PDF."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal

_TEMPLATES = Path(__file__).parent / "templates"

Template = Literal["slips", "attendance"]
Language = Literal["vi", "en"]


def typeset(template: Template, data: Mapping[str, Any]) -> bytes:
    """In a worker process: the PDF of `template`, filled with `data`; its words are in `data["language"]`."""
    import typst

    pdf = typst.compile(
        _TEMPLATES / f"{template}.typ", root=_TEMPLATES, sys_inputs={"data": json.dumps(data)},
        ignore_system_fonts=True, format="pdf",
    )  # fmt: skip
    assert isinstance(pdf, bytes)
    return pdf


def typeset_slips(data: Mapping[str, Any]) -> bytes:
    """In a worker process: code slips, with a QR code of `data["address"]`."""
    import segno

    matrix = [[bool(module) for module in row] for row in segno.make(data["address"], error="m", micro=False).matrix]
    return typeset("slips", {**data, "qr": matrix})
