"""Headers of tus 1.0."""

from __future__ import annotations

TUS = {"Tus-Resumable": "1.0.0"}


def beginning(length: int) -> dict[str, str]:
    """Of the request that announces a file."""
    return {**TUS, "Upload-Length": str(length)}


def going_on(offset: int = 0) -> dict[str, str]:
    """Of a request that brings bytes."""
    return {**TUS, "Upload-Offset": str(offset), "Content-Type": "application/offset+octet-stream"}
