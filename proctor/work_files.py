"""A file of candidates' work on disk: sealed parts in a folder, and what worker processes do with them.

Apart from `upload_folders.py`, so that a worker imports this and not the house.
"""

from __future__ import annotations

import hashlib
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from proctor.errors import ProctorError
from proctor.exam.sitting import WorkFile
from proctor.pictures import FIRST_BYTES, looks_like, small
from proctor.sealed import SealedFile, SealedWriter


@dataclass(frozen=True)
class ZipEntry:
    """One entry of the archive: either `content`, or the parts of `work` in `folder`."""

    name: str
    content: bytes | None = None
    folder: Path | None = None
    work: WorkFile | None = None


LEAST_PART_BYTES = 256 * 1024
"""Of every part but the last: however often a connection breaks, a file has few parts, each of which is opened to tell
how far the file is, and no candidate is refused for a bad connection."""


def part_context(file: str, offset: int) -> bytes:
    return f"upload {file} {offset}".encode()


def parts_of(folder: Path) -> list[tuple[int, Path]]:
    """The parts by offset."""
    return sorted((int(path.stem), path) for path in folder.glob("[0-9]*.part"))


def received_bytes(folder: Path, key: bytes, file: str) -> int:
    """How many bytes the unbroken row of parts holds.

    A part that begins within the one before is passed over: a backup may hold it beside a shorter edition of that one.
    """
    end = 0
    for offset, path in parts_of(folder):
        if offset > end:
            break
        if offset < end:
            continue
        with SealedFile(path, key, part_context(file, offset)) as part:
            end += part.size
    return end


def part_to_grow(folder: Path, key: bytes, file: str, end: int) -> tuple[int, bytes]:
    """The part that bytes at `end` belong to: where it begins, and what it holds by now. The last one, while small."""
    for offset, path in reversed(parts_of(folder)):
        if offset < end:
            with SealedFile(path, key, part_context(file, offset)) as part:
                if offset + part.size == end:
                    return (offset, part.read()) if part.size < LEAST_PART_BYTES else (end, b"")
    return end, b""


def content_of(folder: Path, key: bytes, file: str) -> Iterator[bytes]:
    """The bytes of the parts in order. Raises ProctorError `damaged` where one is missing."""
    end = 0
    for offset, path in parts_of(folder):
        if offset > end:
            raise ProctorError("damaged", what=file)
        if offset < end:
            continue
        with SealedFile(path, key, part_context(file, offset)) as part:
            for start in range(0, part.size, 1 << 20):
                yield part.read(start, start + (1 << 20))
            end += part.size


def digest_of(folder: Path, key: bytes, file: str) -> tuple[str, str]:
    """In a worker process: SHA-256 of a whole file, and what its first bytes look like."""
    digest, start = hashlib.sha256(), b""
    for piece in content_of(folder, key, file):
        digest.update(piece)
        if len(start) < FIRST_BYTES:
            start += piece[:FIRST_BYTES]
    return digest.hexdigest(), looks_like(start)


def seal_anew(before: Path, file: str, after: Path, name: str, key: bytes) -> None:
    """In a worker process: the bytes of a file under another name, in one part."""
    after.mkdir(parents=True, exist_ok=True)
    with SealedWriter(after / f"{0:012d}.part", key, part_context(name, 0)) as writer:
        for piece in content_of(before, key, file):
            writer.write(piece)
        writer.commit()


def small_picture(folder: Path, key: bytes, file: str) -> bytes:
    """In a worker process: a small picture of a file."""
    return small(content_of(folder, key, file))


def write_zip(target: Path, entries: list[ZipEntry], key: bytes) -> None:
    """In a worker process: the archive. Stored, not compressed: photographs do not shrink, and texts are small."""
    with zipfile.ZipFile(target, "w", zipfile.ZIP_STORED) as archive:
        for entry in entries:
            info = zipfile.ZipInfo(entry.name)
            info.external_attr = 0o644 << 16
            with archive.open(info, "w", force_zip64=True) as into:
                if entry.content is not None:
                    into.write(entry.content)
                elif entry.folder is not None and entry.work is not None:
                    _pack(into, entry.name, entry.folder, key, entry.work)


def _pack(into: IO[bytes], name: str, folder: Path, key: bytes, work: WorkFile) -> None:
    """Put a file into the archive if it is the one that the ledger received. Raises ProctorError `damaged`."""
    digest, size = hashlib.sha256(), 0
    try:
        for piece in content_of(folder, key, work.file):
            digest.update(piece)
            size += len(piece)
            into.write(piece)
    except ProctorError as error:
        raise ProctorError("damaged", what=name) from error
    if (size, digest.hexdigest()) != (work.bytes, work.sha256):
        raise ProctorError("damaged", what=name)
