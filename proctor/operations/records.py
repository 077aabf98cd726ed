"""Examining what is stored: the database, the master key, and the last entries of the event logs.

Only reading: no migration is run, no key is made, and a database that is not there yet is not begun.
"""

from __future__ import annotations

import base64
import stat
from datetime import datetime
from pathlib import Path

from sqlalchemy import Engine, inspect, text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import SQLAlchemyError

from proctor.clock import STEP_SECONDS
from proctor.config import Config
from proctor.errors import ProctorError
from proctor.keys import MasterKey
from proctor.ledger import tables as ledger_tables
from proctor.operations.finding import Finding, failure, ok, warning
from proctor.store import migrate
from proctor.store.data_keys import read_keys, stored_check
from proctor.store.engine import sync_engine

_FULL = 2  # PRAGMA synchronous
_MOST_LOGS_NAMED = 5


def sqlite_file(config: Config) -> Path | None:
    """The file of the database; None when it is no SQLite."""
    url = make_url(config.database)
    return Path(url.database or "") if url.get_backend_name() == "sqlite" else None


def existing_database(config: Config) -> Engine | None:
    """The database, None when it is a SQLite file that is not there: connecting would make one."""
    file = sqlite_file(config)
    return None if file is not None and not file.is_file() else sync_engine(config.database)


def unusable_database(error: Exception) -> Finding:
    """The database's address is no address, or its driver is not installed. The error's words may hold a password."""
    return failure(
        "database", "Không dùng được địa chỉ cơ sở dữ liệu, hoặc thiếu trình điều khiển của nó.",
        "The database's address cannot be used, or its driver is not installed.",
        "Kiểm tra --database; với PostgreSQL hãy cài trình điều khiển.",
        "Check --database; for PostgreSQL install its driver.", error=type(error).__name__,
    )  # fmt: skip


def unreadable_logs() -> Finding:
    """What is to be said of the logs when the database cannot be read."""
    return failure("event_logs", "Không đọc được nhật ký.", "The logs cannot be read.",
                   "Xem mục cơ sở dữ liệu.", "See the database.")  # fmt: skip


def database(engine: Engine | None) -> Finding:
    """Reachable, of this program's schema, and kept so that an acknowledged commit survives a power cut."""
    name = "database"
    if engine is None:
        return ok(name, "Chưa có cơ sở dữ liệu; lần chạy đầu sẽ tạo.",
                  "There is no database yet; the first start makes it.")  # fmt: skip
    try:
        revision = migrate.current(engine)
        with engine.connect() as connection:
            sqlite = engine.dialect.name == "sqlite"
            journal = connection.scalar(text("PRAGMA journal_mode")) if sqlite else None
            synchronous = connection.scalar(text("PRAGMA synchronous")) if sqlite else None
    except SQLAlchemyError as error:  # its words may hold the address with a password
        return failure(
            name, "Không mở được cơ sở dữ liệu.", "The database cannot be opened.",
            "Kiểm tra --database, quyền đọc và máy chủ cơ sở dữ liệu.",
            "Check --database, the right to read it, and the database server.", error=type(error).__name__,
        )  # fmt: skip
    newest = migrate.newest()
    details = {"kind": engine.dialect.name, "revision": revision, "newest": newest}
    if sqlite:
        details |= {"journal_mode": journal, "synchronous": synchronous}
        if journal != "wal" or synchronous != _FULL:
            return failure(
                name, "SQLite không ở chế độ WAL với synchronous=FULL.",
                "SQLite is not in WAL mode with synchronous=FULL.",
                "Đặt dữ liệu ở đĩa cục bộ (không phải NFS).", "Keep the data on a local disk (no NFS).", **details,
            )  # fmt: skip
    if revision is not None and revision > newest:
        return failure(
            name, f"Cơ sở dữ liệu ({revision}) mới hơn chương trình ({newest}).",
            f"The database ({revision}) is newer than the program ({newest}).",
            "Cài phiên bản mới của chương trình.", "Install the newer version of the program.", **details,
        )  # fmt: skip
    if revision != newest:
        return warning(
            name, f"Lần chạy tới sẽ nâng cấp cơ sở dữ liệu từ {revision or '-'} lên {newest}.",
            f"The next start brings the database from {revision or '-'} to {newest}.",
            "Sao lưu trước: proctor backup.", "Make a backup before: proctor backup.", **details,
        )  # fmt: skip
    kept = "WAL, synchronous=FULL" if sqlite else engine.dialect.name
    return ok(name, f"Cơ sở dữ liệu mở được, đúng phiên bản {revision}; {kept}.",
              f"The database opens, of the right revision {revision}; {kept}.", **details)  # fmt: skip


def master_key(config: Config, engine: Engine | None) -> Finding:
    """Present, its owner's alone, apart from the data, and the one under which the data was written."""
    name, path = "master_key", config.master_key
    details = {"path": str(path)}
    if any(path.is_relative_to(folder) for folder in (config.data, config.recordings)):
        return failure(
            name, f"Khóa chính {path} nằm trong dữ liệu: ai chép dữ liệu thì đọc được hết.",
            f"The master key {path} lies inside the data: whoever copies that reads all.",
            "Chuyển khóa ra ngoài và chỉ chỗ bằng --master-key.", "Move it out and say where by --master-key.",
            **details,
        )  # fmt: skip
    try:
        check = stored_check(engine) if engine is not None else None
    except SQLAlchemyError:
        check = None  # the database is a finding of its own
    if not path.exists():
        if check is None:
            return ok(name, f"Chưa có khóa chính; lần chạy đầu sẽ tạo ở {path}.",
                      f"There is no master key yet; the first start makes it at {path}.", **details)  # fmt: skip
        return failure(
            name, f"Mất khóa chính {path}: đề, bản ghi và tệp không đọc được.",
            f"The master key {path} is missing: papers, recordings and files cannot be read.",
            "Đặt lại bản sao của khóa vào đó, quyền 0600.", "Put your copy of the key back there, with mode 0600.",
            **details,
        )  # fmt: skip
    try:
        mode = stat.S_IMODE(path.stat().st_mode)
        master = MasterKey(base64.b64decode(path.read_bytes()))
    except (OSError, ValueError, ProctorError):
        return failure(
            name, f"Không đọc được khóa chính {path}, hoặc tệp bị hỏng.",
            f"The master key {path} cannot be read, or is damaged.",
            "Kiểm tra quyền đọc; nếu hỏng, lấy bản sao của khóa.",
            "Check the right to read it; if it is damaged, take your copy.", **details,
        )  # fmt: skip
    if mode & 0o077:
        return failure(
            name, f"Người khác trên máy có quyền với khóa chính {path} ({mode:04o}).",
            f"Others on this machine have rights to the master key {path} ({mode:04o}).",
            f"Chạy: chmod 600 {path}", f"Run: chmod 600 {path}", **details,
        )  # fmt: skip
    if check is None:
        return ok(name, f"Khóa chính ở {path}, quyền {mode:04o}; chưa có dữ liệu để so.",
                  f"The master key is {path}, mode {mode:04o}; there is no data to compare.", **details)  # fmt: skip
    if check != master.check_value():
        return failure(
            name, f"Khóa chính {path} không phải là khóa của dữ liệu này.",
            f"The master key {path} is not the one of this data.",
            "Chỉ đúng khóa bằng --master-key.", "Name the right one by --master-key.", **details,
        )  # fmt: skip
    assert engine is not None
    try:
        with engine.connect() as connection:
            keys = read_keys(connection, master)
    except ProctorError:
        return failure(
            name, "Các khóa dữ liệu trong cơ sở dữ liệu bị hỏng: khóa chính đúng mà không mở được chúng.",
            "The data keys in the database are damaged: the master key is the right one and does not open them.",
            "Khôi phục bản sao lưu gần nhất.", "Restore the newest backup.", **details,
        )  # fmt: skip
    if keys is not None:  # else the next start makes them
        details["key_id"] = keys.key_id
    return ok(
        name, f"Khóa chính ở {path}, quyền {mode:04o}, khớp với dữ liệu.",
        f"The master key is {path}, mode {mode:04o}, and fits the data.", **details,
    )  # fmt: skip


def event_logs(engine: Engine | None, now: datetime) -> Finding:
    """Whether the last entry of every log fits the one before it, and none lies in the future."""
    name = "event_logs"
    if engine is None:
        return ok(name, "Chưa có nhật ký nào.", "There is no log yet.", logs=0)
    broken, future, count = [], 0.0, 0
    try:
        if not inspect(engine).has_table(ledger_tables.entries.name):
            return ok(name, "Chưa có nhật ký nào.", "There is no log yet.", logs=0)
        for log in ledger_tables.rooms(engine):
            count += 1
            try:
                _, at, _ = ledger_tables.head(engine, log)
                future = max(future, (at - now).total_seconds())
            except (ProctorError, ValueError, KeyError):
                broken.append(log)
    except SQLAlchemyError:
        return unreadable_logs()
    if broken:
        shown = ", ".join(broken[:_MOST_LOGS_NAMED])
        return failure(
            name, f"{len(broken)} nhật ký bị sửa hoặc hỏng: {shown}.",
            f"{len(broken)} logs were altered or damaged: {shown}.",
            "Giữ nguyên dữ liệu làm bằng chứng, khôi phục bản sao lưu vào thư mục khác.",
            "Keep the data as evidence, and restore a backup into another folder.", logs=count, broken=broken,
        )  # fmt: skip
    if future > STEP_SECONDS:
        return failure(
            name, f"Nhật ký có mục ở tương lai {future:.0f} giây: đồng hồ đã bị chỉnh lùi.",
            f"A log has an entry {future:.0f} s in the future: the clock was set back.",
            "Chỉnh đúng giờ của máy trước khi chạy máy chủ.", "Set the machine's clock right before the server starts.",
            logs=count, seconds=round(future),
        )  # fmt: skip
    return ok(name, f"Mục cuối của {count} nhật ký khớp với chuỗi.",
              f"The last entries of {count} logs fit their chains.", logs=count)  # fmt: skip
