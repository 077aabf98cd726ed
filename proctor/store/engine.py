"""Database engines. SQLite by default, PostgreSQL by URL.

Every SQLite connection is opened in WAL mode with `synchronous=FULL`: a commit that was acknowledged survives the
power cut that follows it.

A process that has the database open touches its files through SQLite alone. The locks that hold them are the process's
and go with whichever descriptor of the file it closes first (fcntl(2)); worker processes, which open the database for
themselves, would take it for abandoned, cut the shared index short under the server and end it by SIGBUS.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import Engine, create_engine, event
from sqlalchemy.engine import make_url
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

_BUSY_MILLISECONDS = 10_000


def sync_engine(url: str) -> Engine:
    """For the ledger's writer thread and for migrations."""
    engine = create_engine(url)
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _set_pragmas)
    return engine


def async_engine(url: str) -> AsyncEngine:
    """For everything that runs on the event loop."""
    parsed = make_url(url)
    if parsed.get_backend_name() == "sqlite":
        parsed = parsed.set(drivername="sqlite+aiosqlite")
    engine = create_async_engine(parsed)
    if engine.dialect.name == "sqlite":
        event.listen(engine.sync_engine, "connect", _set_pragmas)
    return engine


def _set_pragmas(connection: Any, _record: Any) -> None:
    cursor = connection.cursor()
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", f"busy_timeout={_BUSY_MILLISECONDS}"):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()
