"""The schema: one way to the newest, and no detour when it is there."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from alembic.config import Config
from alembic.script import ScriptDirectory

from proctor.store import migrate, tables
from proctor.store.engine import sync_engine

LAZY = """
import sys
from proctor.store import migrate, tables
from proctor.store.engine import sync_engine
migrate.upgrade(sync_engine(sys.argv[1]), [tables.metadata])
sys.exit("alembic" in sys.modules)
"""


def test_the_newest_revision_is_the_head_that_alembic_finds() -> None:
    config = Config()
    config.set_main_option("script_location", str(Path(migrate.__file__).parent / "migrations"))
    config.set_main_option("path_separator", "os")
    assert ScriptDirectory.from_config(config).get_current_head() == migrate.newest()


def test_a_database_of_the_newest_schema_opens_without_alembic(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'new.db'}"
    assert subprocess.run([sys.executable, "-c", LAZY, url], check=False).returncode == 1
    assert subprocess.run([sys.executable, "-c", LAZY, url], check=False).returncode == 0
    engine = sync_engine(url)
    with engine.connect() as connection:
        assert connection.scalar(tables.staff.select()) is None
    engine.dispose()
