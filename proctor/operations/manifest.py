"""What a backup holds: every file with its size and SHA-256, and the head of every event log.

    DIR/manifest.json      written last; a folder without it is no backup
    DIR/proctor.db         the database, one file
    DIR/papers/  DIR/uploads/  DIR/photos/  DIR/recordings/

The list of files carries a digest of its own, so that a manifest that was cut or edited is told from a whole one. It
protects against accidents; whoever can write the backup can write a fitting manifest. The event logs' chains, and the
signed heads that receipts carry, are what shows such a change.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

import msgspec

from proctor.errors import ProctorError
from proctor.operations.progress import Progress
from proctor.sealed import sync_directory

NAME = "manifest.json"
DATABASE = "proctor.db"
FOLDERS = ("papers", "uploads", "photos", "recordings")
_FORMAT = 1
_PIECE = 1 << 20


class Item(msgspec.Struct, frozen=True):
    """One file. `path` is relative, with slashes."""

    path: str
    size: int
    sha256: str


class Manifest(msgspec.Struct, frozen=True):
    """`made_at`: ISO 8601, when the database was copied. `logs`: number and hash (hexadecimal) of the last entry of
    each event log; `broken`: those whose chain did not hold when they were copied; `missing`: files that the database
    knows and that were not there."""

    format: int
    version: str
    made_at: str
    schema: str | None
    logs: dict[str, tuple[int, str]]
    broken: list[str]
    missing: list[str]
    files: list[Item]
    files_sha256: str

    @property
    def size(self) -> int:
        """Bytes of all files."""
        return sum(item.size for item in self.files)


def make(
    *, version: str, made_at: str, schema: str | None, logs: dict[str, tuple[int, str]], broken: list[str],
    missing: list[str], files: list[Item],
) -> Manifest:  # fmt: skip
    """The manifest of these files."""
    files = sorted(files, key=lambda item: item.path)
    return Manifest(_FORMAT, version, made_at, schema, logs, broken, missing, files, _digest_of(files))


def write(folder: Path, manifest: Manifest) -> None:
    """Put it into the folder, durable."""
    with (folder / NAME).open("wb") as file:
        file.write(msgspec.json.format(msgspec.json.encode(manifest), indent=1))
        file.flush()
        os.fsync(file.fileno())
    sync_directory(folder)


def read(folder: Path) -> Manifest:
    """The manifest in a folder. Raises ProctorError `not_a_backup`."""
    try:
        manifest = msgspec.json.decode((folder / NAME).read_bytes(), type=Manifest)
    except (OSError, msgspec.MsgspecError):
        raise ProctorError("not_a_backup", path=str(folder)) from None
    sound = manifest.format == _FORMAT and manifest.files_sha256 == _digest_of(manifest.files)
    names = [item.path for item in manifest.files]
    if not sound or names.count(DATABASE) != 1 or len(set(names)) != len(names) or not all(map(_inside, names)):
        raise ProctorError("not_a_backup", path=str(folder))
    return manifest


def check_all(folder: Path, manifest: Manifest, progress: Progress) -> None:
    """Read every file and compare. Raises ProctorError `backup_damaged`."""
    wrong = []
    for item in manifest.files:
        if _stored(folder / item.path, item.path, progress) != item:
            wrong.append(item.path)
        progress.done()
    progress.finish()
    if wrong:
        raise ProctorError("backup_damaged", count=len(wrong), what=wrong[0])


def pieces(path: Path, most: int | None = None) -> Iterator[bytes]:
    """The content of a file, up to `most` bytes. A link is not followed."""
    with os.fdopen(os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC), "rb", buffering=0) as file:
        while piece := file.read(_PIECE if most is None else min(_PIECE, most)):
            yield piece
            if most is not None:
                most -= len(piece)


def copy(source: Path, target: Path, name: str, progress: Progress, most: int | None = None) -> Item:
    """Copy a file, durable, and tell what was copied. Raises OSError."""
    digest, size = hashlib.sha256(), 0
    target.parent.mkdir(parents=True, exist_ok=True)
    with os.fdopen(os.open(target, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW, 0o600), "wb") as file:
        for piece in pieces(source, most):
            file.write(piece)
            digest.update(piece)
            size += len(piece)
            progress.read(len(piece))
        file.flush()
        os.fsync(file.fileno())
    return Item(name, size, digest.hexdigest())


def digest_of_file(path: Path, name: str, progress: Progress) -> Item:
    """What a file is now. Raises OSError."""
    digest, size = hashlib.sha256(), 0
    for piece in pieces(path):
        digest.update(piece)
        size += len(piece)
        progress.read(len(piece))
    return Item(name, size, digest.hexdigest())


def sync_tree(folder: Path) -> None:
    """Make the names of all files in and below a folder durable."""
    for inside, _, _ in os.walk(folder):
        sync_directory(Path(inside))


def _stored(path: Path, name: str, progress: Progress) -> Item | None:
    try:
        return digest_of_file(path, name, progress)
    except OSError:
        return None


def _digest_of(files: list[Item]) -> str:
    listed = [[item.path, item.size, item.sha256] for item in files]
    return hashlib.sha256(json.dumps(listed, separators=(",", ":")).encode()).hexdigest()


def _inside(name: str) -> bool:
    """Whether a path stays where backups have their files."""
    path = PurePosixPath(name)
    plain = not path.is_absolute() and ".." not in path.parts and str(path) == name and "\0" not in name
    return plain and (name == DATABASE or (len(path.parts) > 1 and path.parts[0] in FOLDERS))
