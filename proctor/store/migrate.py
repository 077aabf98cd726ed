"""Bring a database to the newest schema."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from sqlalchemy import Engine, MetaData, inspect, text

_SCRIPTS = Path(__file__).parent / "migrations"


def upgrade(engine: Engine, metadata: Sequence[MetaData]) -> None:
    """Run the migrations that `engine`'s database lacks. `metadata` are those of all rooms of the house."""
    if current(engine) == newest():
        return
    from alembic import command  # takes longer to import than a start without migrations takes
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(_SCRIPTS))
    config.set_main_option("path_separator", "os")
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        config.attributes["metadata"] = list(metadata)
        command.upgrade(config, "head")


def newest() -> str:
    """The last revision; the names of the files begin with theirs."""
    return max(path.name.split("_")[0] for path in (_SCRIPTS / "versions").glob("[0-9]*.py"))


def current(engine: Engine) -> str | None:
    """The revision that a database is at; None of one that is empty."""
    with engine.connect() as connection:
        if not inspect(connection).has_table("alembic_version"):
            return None
        found: str | None = connection.scalar(text("SELECT version_num FROM alembic_version"))
        return found
