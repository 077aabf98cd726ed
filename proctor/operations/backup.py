"""`proctor backup`: a copy of everything but the master key, also while the server goes on.

The database is copied first, in one step, as SQLite's backup gives it: the state of one moment, and writers do not wait
for it. Files come after. Whatever the database speaks of was durable before it did, and the server removes no files but
a recording part that has become a segment, and the sealed papers of a draft that the office removed. So every file that
the copied database knows is there to be copied, but papers of a draft that went while the backup was made: those are
told as missing. Files that are newer than the database do no harm: they are what a server finds that was killed before
it told its log.

An upload that is under way changes its place when it becomes evidence, and when it becomes work again. One that was
moved away from under the copying is looked for again, and of one that was met in both places the fuller is kept: the
restored server finds it wherever it lies.

Finished files never change, so on the same volume they can be hard-linked. A recording part grows: of it goes the
beginning that is there, and the restored server makes a segment of that, as after kill -9.

All goes into a folder beside, under another name, and gets its name when the manifest is in it. Nothing half done ever
looks whole.
"""

from __future__ import annotations

import contextlib
import errno
import fcntl
import os
import shutil
import sqlite3
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TextIO
from urllib.parse import quote

from sqlalchemy import Engine, create_engine
from sqlalchemy.exc import SQLAlchemyError

from proctor import __version__
from proctor.config import Config
from proctor.errors import ProctorError
from proctor.ledger import chain, tables
from proctor.operations import manifest
from proctor.operations.completeness import missing
from proctor.operations.manifest import DATABASE, Item
from proctor.operations.progress import Progress
from proctor.operations.records import sqlite_file
from proctor.recording.finalise import PART_SUFFIX
from proctor.sealed import sync_directory
from proctor.store import migrate
from proctor.store.uploads import APART

UNFINISHED = ".unfinished"
_BUSY_SECONDS = 30.0
_MOST_LOOKS = 10


@dataclass(frozen=True)
class _Source:
    """A file to copy. One that is `growing` is copied as far as it goes; one that `moves` may lie elsewhere next; one
    that `goes` may be no more, as the paper of a draft that is removed: then it is missing if the database names it."""

    path: Path
    name: str
    growing: bool
    moves: bool
    goes: bool


def back_up(config: Config, folder: Path, *, link: bool, verify: bool, to: TextIO) -> bool:
    """Make `folder` a backup. `link`: hard-link where it is possible. `verify`: read all of it again.

    Returns whether all was sound; a log that is broken or a file that is missing already is told, and keeps nothing
    else from being saved.
    Raises ProctorError `backup_postgresql`, `no_data`, `backup_inside`, `backup_exists`, `no_room`, `filled_up`,
    `not_writable`, `damaged`; then there is no `folder`.
    """
    database = sqlite_file(config)
    if database is None:
        raise ProctorError("backup_postgresql")
    if not database.is_file():
        raise ProctorError("no_data", path=str(config.data))
    if any(folder.is_relative_to(inside) for inside in (config.data, config.recordings)):
        raise ProctorError("backup_inside", path=str(folder))
    if folder.exists():
        raise ProctorError("backup_exists", path=str(folder))
    making = folder.with_name(folder.name + UNFINISHED)
    try:
        with _unfinished(making):
            made, linked = _fill(config, database, making, link=link, to=to)
            if verify:
                words = "Đọc lại / Reading again"
                manifest.check_all(making, made, Progress(words, len(made.files), made.size, to))
            (making / UNFINISHED).unlink()
            sync_directory(making)
            making.rename(folder)
            sync_directory(folder.parent)
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise ProctorError("filled_up", path=str(folder.parent)) from None
        raise ProctorError("not_writable", path=error.filename or str(folder)) from error
    _tell(config, folder, made, linked, to)
    return not made.broken and not made.missing


def check_log(engine: Engine, log: str) -> tuple[int, str]:
    """Number and hash of the last entry of an event log, all of which is verified.

    Raises ProctorError `chain_broken`, ValueError, KeyError.
    """
    number, head = 0, chain.GENESIS
    for entry in chain.verify(tables.read(engine, log)):
        number, head = entry.seq, entry.hash
    return number, head.hex()


def check_logs(engine: Engine) -> tuple[dict[str, tuple[int, str]], list[str]]:
    """The heads of all logs that hold, and the names of those that are broken."""
    heads, broken = {}, []
    for log in tables.rooms(engine):
        try:
            heads[log] = check_log(engine, log)
        except (ProctorError, ValueError, KeyError):
            broken.append(log)
    return heads, broken


@contextlib.contextmanager
def _unfinished(making: Path) -> Iterator[None]:
    """An empty folder, which goes again if this does not come to its end.

    One that an earlier backup left, killed in the middle, is removed. One that is being filled, whose mark is locked,
    and any that is not ours are left alone: ProctorError `backup_exists`.
    """
    mark = making / UNFINISHED
    if mark.exists():
        with mark.open() as left:
            try:
                fcntl.flock(left, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise ProctorError("backup_exists", path=str(making)) from None
            shutil.rmtree(making)
    elif making.exists():
        raise ProctorError("backup_exists", path=str(making))
    making.mkdir(parents=True, mode=0o700)
    try:
        with mark.open("x") as mine:
            fcntl.flock(mine, fcntl.LOCK_EX | fcntl.LOCK_NB)
            yield
    except BaseException:
        shutil.rmtree(making, ignore_errors=True)
        raise


def _fill(
    config: Config, database: Path, making: Path, *, link: bool, to: TextIO
) -> tuple[manifest.Manifest, int]:
    """Copy all and write the manifest; it, and how many files were linked."""
    first = list(_sources(config))
    size = _keep_room(config, database, making, first, link=link)
    made_at = datetime.now(UTC).isoformat(timespec="milliseconds")
    _copy_database(database, making / DATABASE)
    progress = Progress("Sao lưu / Backing up", len(first) + 1, size, to)
    items = {DATABASE: manifest.digest_of_file(making / DATABASE, DATABASE, progress)}
    progress.done()
    linked, looks, moved = 0, 0, ""
    while looks < 2 or moved:  # the second time, what came meanwhile: a part that became a segment
        if looks == _MOST_LOOKS:
            raise ProctorError("damaged", what=moved)
        sources, moved, looks = _sources(config) if looks else iter(first), "", looks + 1
        for source in sources:
            if source.name in items:
                continue
            try:
                is_linked, items[source.name] = _take(source, making / source.name, progress, link=link)
            except FileNotFoundError:
                (making / source.name).unlink(missing_ok=True)
                if not source.growing and not source.moves and not source.goes:
                    raise ProctorError("damaged", what=source.name) from None
                moved = source.name if source.moves else moved
                continue  # it became a segment, or was moved, which the next look finds; or its draft was removed
            linked += is_linked
            progress.done()
    _keep_one_place(making, items)
    progress.finish()
    made = _described(making, made_at, items)
    manifest.sync_tree(making)
    manifest.write(making, made)
    return made, linked


def _keep_one_place(making: Path, items: dict[str, Item]) -> None:
    """Of an upload that was copied from both of its places, keep the one that more had arrived in."""
    sizes: Counter[str] = Counter()
    for name, item in items.items():
        sizes[name.rpartition("/")[0]] += item.size
    for folder in [folder for folder in sizes if folder.startswith("uploads/")]:
        room, file = folder.split("/")[1:3]
        apart = f"uploads/{room}{APART}/{file}"
        if apart in sizes:
            stale = min(folder, apart, key=lambda place: sizes[place])
            shutil.rmtree(making / stale)
            for name in [name for name in items if name.startswith(f"{stale}/")]:
                del items[name]


def _described(making: Path, made_at: str, items: dict[str, Item]) -> manifest.Manifest:
    """The manifest of what was copied, with what the copied database says of itself and of the files."""
    engine = create_engine(f"sqlite:///{making / DATABASE}")  # without the pragmas: the copy stays one file
    try:
        heads, broken = check_logs(engine)
        return manifest.make(
            version=__version__, made_at=made_at, schema=migrate.current(engine), logs=heads, broken=broken,
            missing=missing(engine, items), files=list(items.values()),
        )  # fmt: skip
    except SQLAlchemyError as error:
        raise ProctorError("damaged", what=DATABASE) from error
    finally:
        engine.dispose()


def _sources(config: Config) -> Iterator[_Source]:
    """Every file beside the database, without what is only on its way (a leading dot; a paper that is being sealed)."""
    roots = (
        (config.papers, "*"), (config.uploads, "*/*/*"), (config.photos, "*/*/*"), (config.recordings, "*/*/*"),
    )  # fmt: skip
    for (root, pattern), kind in zip(roots, manifest.FOLDERS, strict=True):
        for path in _found(root, pattern):
            part = path.name.endswith(PART_SUFFIX)
            if path.name.startswith(".") or (part and kind == "papers") or path.is_symlink() or not path.is_file():
                continue
            name = f"{kind}/{path.relative_to(root).as_posix()}"
            growing = part and kind == "recordings"
            yield _Source(path, name, growing, moves=kind == "uploads", goes=kind == "papers")


def _found(root: Path, pattern: str) -> list[Path]:
    for _ in range(_MOST_LOOKS):
        with contextlib.suppress(FileNotFoundError):  # a folder was moved while it was listed
            return sorted(root.glob(pattern))
    raise ProctorError("damaged", what=str(root))


def _keep_room(config: Config, database: Path, making: Path, sources: list[_Source], *, link: bool) -> int:
    """Bytes to read. Raises ProctorError `no_room` when they do not fit, or would take what a server needs."""
    volume = making.stat().st_dev
    size = needed = sum(file.stat().st_size for file in database.parent.glob(database.name + "*"))
    for source in sources:
        with contextlib.suppress(FileNotFoundError):
            known = source.path.stat()
            size += known.st_size
            if source.growing or not link or known.st_dev != volume:
                needed += known.st_size
    shared = any(root.exists() and root.stat().st_dev == volume for root in (config.data, config.recordings))
    if shutil.disk_usage(making).free < needed + (config.free_bytes if shared else 0):
        raise ProctorError("no_room", path=str(making.parent), needed=round(needed / 1e6) + 1)
    return size


def _copy_database(database: Path, target: Path) -> None:
    """The state of one moment, as one file, sound by SQLite's own check. Raises ProctorError `damaged`, OSError."""
    try:
        with (
            contextlib.closing(sqlite3.connect(f"file:{quote(str(database))}?mode=ro", uri=True,
                                               timeout=_BUSY_SECONDS)) as source,
            contextlib.closing(sqlite3.connect(target)) as copied,
        ):  # fmt: skip
            source.backup(copied)  # all pages in one step: in parts it would begin again with every write
            copied.execute("PRAGMA journal_mode=DELETE")
            sound = copied.execute("PRAGMA integrity_check(1)").fetchone() == ("ok",)
    except sqlite3.Error as error:
        if getattr(error, "sqlite_errorcode", None) == sqlite3.SQLITE_FULL:
            raise OSError(errno.ENOSPC, "database or disk is full", str(target)) from None
        raise ProctorError("damaged", what=database.name) from error
    if not sound:
        raise ProctorError("damaged", what=database.name)
    with target.open("rb") as file:
        os.fsync(file.fileno())


def _take(source: _Source, target: Path, progress: Progress, *, link: bool) -> tuple[bool, Item]:
    """Link or copy one file; whether it was linked, and what it is."""
    if link and not source.growing:
        target.parent.mkdir(parents=True, exist_ok=True)
        try:
            target.hardlink_to(source.path)
        except OSError as error:
            if error.errno not in (errno.EXDEV, errno.EPERM, errno.EMLINK, errno.EOPNOTSUPP):
                raise
        else:
            return True, manifest.digest_of_file(target, source.name, progress)
    most = source.path.stat().st_size if source.growing else None
    return False, manifest.copy(source.path, target, source.name, progress, most)


def _tell(config: Config, folder: Path, made: manifest.Manifest, linked: int, to: TextIO) -> None:
    count, size = len(made.files), made.size / 1e6
    print(f"Đã sao lưu {count} tệp, {size:.1f} MB, {len(made.logs)} nhật ký vào {folder}.\n"
          f"Backed up {count} files, {size:.1f} MB, {len(made.logs)} logs to {folder}.", file=to)  # fmt: skip
    if linked:
        print(f"{linked} tệp dùng chung chỗ trên đĩa với dữ liệu; đĩa hỏng thì mất cả hai (--copy để chép).\n"
              f"{linked} files share their place on the disk with the data; a lost disk takes both (--copy copies).",
              file=to)  # fmt: skip
    for log in made.broken:
        print(f"CHÚ Ý: nhật ký {log} bị sửa hoặc hỏng từ trước.\n"
              f"NOTE: the log {log} had been altered or damaged before.", file=to)  # fmt: skip
    papers = [name for name in made.missing if name.startswith("papers/")]
    others = [name for name in made.missing if name not in papers]
    if papers:
        print(f"CHÚ Ý: thiếu {len(papers)} đề thi mà cơ sở dữ liệu biết, đầu tiên là {papers[0]}; có thể bản nháp của "
              "nó bị xóa trong lúc sao lưu: nếu vậy hãy sao lưu lại.\n"
              f"NOTE: {len(papers)} papers that the database knows were not there, the first is {papers[0]}; their "
              "draft may have been removed while the backup was made: then back up again.", file=to)  # fmt: skip
    if others:
        print(f"CHÚ Ý: thiếu {len(others)} tệp mà cơ sở dữ liệu biết, đầu tiên là {others[0]}; --recordings có đúng "
              f"không?\nNOTE: {len(others)} files that the database knows were not there, the first is {others[0]}; "
              "is --recordings right?", file=to)  # fmt: skip
    print(f"Khóa chính KHÔNG nằm trong bản sao lưu: {config.master_key}. Hãy giữ một bản của khóa ở nơi khác.\n"
          f"The master key is NOT in the backup: {config.master_key}. Keep a copy of it in another place.",
          file=to, flush=True)  # fmt: skip
