"""An open database and the files that it is in."""

from __future__ import annotations

from pathlib import Path

from proctor.store.engine import sync_engine
from tests.support.files import contents, holds


def test_a_database_is_held_until_this_process_closes_a_file_of_it(tmp_path: Path) -> None:
    database = tmp_path / "proctor.db"
    engine = sync_engine(f"sqlite:///{database}")
    try:
        with engine.begin() as connection:
            connection.exec_driver_sql("create table one (two)")
        assert holds(database)
        assert {path.name: content[:15] for path, content in contents(tmp_path)}["proctor.db"] == b"SQLite format 3"
        assert holds(database), "another process read it"
        (tmp_path / "proctor.db-shm").read_bytes()
        assert not holds(database)
    finally:
        engine.dispose()
    assert not holds(database), "nobody has it open"
