"""`proctor restore`: put a backup where no data is.

Everything is looked at before anything is written: no server runs there, no data is there, the master key fits, every
file of the backup is what its manifest says, and there is room. While files are being written, a file in the data
directory says so: a server does not start on half of a backup, and the same restore, run again, completes it. The
database comes last; then every event log is verified against the head that the manifest holds.
"""

from __future__ import annotations

import errno
import os
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import TextIO
from urllib.parse import quote

from proctor.app import RESTORING, owned
from proctor.config import Config
from proctor.errors import ProctorError
from proctor.keys import MasterKey
from proctor.operations import manifest
from proctor.operations.backup import check_logs
from proctor.operations.manifest import DATABASE, Item, Manifest
from proctor.operations.progress import Progress
from proctor.operations.records import sqlite_file
from proctor.sealed import sync_directory
from proctor.store.engine import sync_engine

_NO_DATA = {"lock", ".writable", "lost+found"}  # what may lie in a data directory that holds no data


def check(config: Config, folder: Path, *, to: TextIO) -> Manifest:
    """Read all of a backup and compare. Raises ProctorError `not_a_backup`, `backup_damaged`."""
    known = manifest.read(folder)
    manifest.check_all(folder, known, Progress("Kiểm tra / Checking", len(known.files), known.size, to))
    print(f"Bản sao lưu lúc {known.made_at} còn nguyên.\nThe backup of {known.made_at} is whole.", file=to, flush=True)
    return known


def restore(config: Config, folder: Path, *, to: TextIO) -> None:
    """Put the backup in `folder` where `config` says.

    Raises ProctorError `backup_postgresql`, `not_a_backup`, `data_in_use`, `data_there`, `key_missing`,
    `wrong_master_key`, `backup_damaged`, `no_room`, `filled_up`, `not_writable`, `chain_broken`.
    """
    database = sqlite_file(config)
    if database is None:
        raise ProctorError("backup_postgresql")
    known = manifest.read(folder)
    if (config.data / "lock").exists():
        with owned(config.data):  # a server that runs is named before what it holds
            pass
    _refuse_over_data(config, database, known)
    try:
        config.data.mkdir(parents=True, exist_ok=True)
        with owned(config.data):
            _refuse_over_data(config, database, known)  # once more: now nobody else can begin
            _check_key(config, folder)
            check(config, folder, to=to)
            _check_room(config, known)
            _put_back(config, database, folder, known, to)
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise ProctorError("filled_up", path=error.filename or str(config.data)) from None
        raise ProctorError("not_writable", path=error.filename or str(config.data)) from error
    files, logs = len(known.files), len(known.logs)
    print(f"Đã khôi phục {files} tệp; {logs} nhật ký khớp với bản sao lưu.\n"
          f"Restored {files} files; {logs} logs fit the backup.", file=to, flush=True)  # fmt: skip


def _refuse_over_data(config: Config, database: Path, known: Manifest) -> None:
    """Raises ProctorError `data_there`, but for what this very restore has left unfinished."""
    if _unfinished(config) == known.files_sha256:
        return
    there = {path.name for path in config.data.glob("*")} - _NO_DATA
    if there or database.exists():
        raise ProctorError("data_there", path=str(config.data))
    if any(path.is_dir() and path.name not in _NO_DATA for path in config.recordings.glob("*")):
        raise ProctorError("data_there", path=str(config.recordings))


def _unfinished(config: Config) -> str | None:
    """Of which backup a restore was begun here and not completed."""
    try:
        return (config.data / RESTORING).read_text()
    except FileNotFoundError:
        return None


def _check_key(config: Config, folder: Path) -> None:
    """Raises ProctorError `key_missing`, `wrong_master_key`, `not_a_backup`. No key is made."""
    try:
        name = quote(str(folder / DATABASE))
        with closing(sqlite3.connect(f"file:{name}?mode=ro&immutable=1", uri=True)) as copied:
            row = copied.execute("SELECT value FROM installation WHERE key = 'master_key_check'").fetchone()
    except sqlite3.Error:
        raise ProctorError("not_a_backup", path=str(folder)) from None
    check = MasterKey.load(config.master_key).check_value()
    if row is not None and row[0] != check:
        raise ProctorError("wrong_master_key", path=str(folder))


def _check_room(config: Config, known: Manifest) -> None:
    """Raises ProctorError `no_room`."""
    config.recordings.mkdir(parents=True, exist_ok=True)
    needed: dict[int, tuple[Path, int]] = {}
    for item in known.files:
        root = config.recordings if item.path.startswith("recordings/") else config.data
        volume = root.stat().st_dev
        needed[volume] = (root, needed.get(volume, (root, 0))[1] + item.size)
    for root, size in needed.values():
        if _unfinished(config) is None and shutil.disk_usage(root).free < size + config.free_bytes:
            raise ProctorError("no_room", path=str(root), needed=round(size / 1e6) + 1)


def _put_back(config: Config, database: Path, folder: Path, known: Manifest, to: TextIO) -> None:
    mark = config.data / RESTORING
    with mark.open("w") as file:
        file.write(known.files_sha256)
        file.flush()
        os.fsync(file.fileno())
    sync_directory(config.data)
    progress = Progress("Khôi phục / Restoring", len(known.files), known.size, to)
    for item in sorted(known.files, key=lambda each: each.path == DATABASE):  # the database last
        target = database if item.path == DATABASE else _target(config, item)
        if manifest.copy(folder / item.path, target, item.path, progress) != item:
            raise ProctorError("backup_damaged", count=1, what=item.path)
        progress.done()
    progress.finish()
    for root in (config.data, config.recordings):
        manifest.sync_tree(root)
    engine = sync_engine(config.database)
    try:
        heads, broken = check_logs(engine)
    finally:
        engine.dispose()
    if heads != known.logs or set(broken) != set(known.broken):
        wrong = next(iter({*heads.items()} ^ {*known.logs.items()}), ("?", (0, "")))
        raise ProctorError("chain_broken", room=wrong[0], seq=wrong[1][0])
    mark.unlink()
    sync_directory(config.data)


def _target(config: Config, item: Item) -> Path:
    """Where a file belongs."""
    kind, _, rest = item.path.partition("/")
    roots = {
        "papers": config.papers, "uploads": config.uploads, "photos": config.photos, "recordings": config.recordings,
    }  # fmt: skip
    return roots[kind] / rest
