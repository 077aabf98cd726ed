"""What an installation holds that is older than plans, and than what rosters tell besides number and name."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy import inspect, text

from proctor.exam.plan import Plan
from proctor.store import migrate, tables
from proctor.store.engine import async_engine, sync_engine
from proctor.store.exams import Exams
from proctor.store.people import Candidate, People


async def test_what_was_there_before_keeps_its_codes_has_asked_for_nothing_and_is_a_draft_under_regime_a(
    tmp_path: Path,
) -> None:
    url = f"sqlite:///{tmp_path / 'old.db'}"
    engine = sync_engine(url)
    config = Config()
    config.set_main_option("script_location", str(Path(migrate.__file__).parent / "migrations"))
    config.set_main_option("path_separator", "os")
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        config.attributes["metadata"] = [tables.metadata]
        command.upgrade(config, "0001")
        moment = "'2026-01-01T00:00:00+00:00'"
        moments = f"{moment}, {moment}, 90, {moment}, {moment}, {moment}"
        connection.execute(text(f"INSERT INTO exam VALUES ('e', 'x', {moments})"))
        connection.execute(text("INSERT INTO room (room, exam, title, owner_epoch) VALUES ('r', 'e', 'x', 1)"))
        connection.execute(
            text(
                "INSERT INTO candidate (candidate, room, number, full_name, code_digest)"
                " VALUES ('c', 'r', '001', 'An', 'digest')"
            )
        )
    migrate.upgrade(engine, [tables.metadata])
    columns = {column["name"] for column in inspect(engine).get_columns("candidate")}
    engine.dispose()
    assert columns == {column.name for column in tables.candidates.columns}
    opened = async_engine(url)
    found = await People(opened).candidate_by_code("001", "digest")
    assert found == Candidate("c", "r", "001", "An", code_issued_at="2026-01-01T00:00:00+00:00")
    assert (await Exams(opened).exam("e")).plan == Plan(regime="A")
    await opened.dispose()
