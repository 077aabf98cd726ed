"""The house over PostgreSQL: the same scenarios that pass over SQLite. Left out where PostgreSQL is not installed."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy import inspect

from proctor.ledger import tables as ledger_tables
from proctor.store import migrate, tables
from proctor.store.engine import sync_engine
from tests import test_late_files, test_rosters, test_stills, test_support_log, test_wishes
from tests.support.clock import SteppedClock
from tests.support.house import running
from tests.support.postgresql import cluster, new_database, programs

pytestmark = pytest.mark.skipif(programs() is None, reason="PostgreSQL is not installed (apt-get install postgresql)")
pytest.importorskip("psycopg", reason="psycopg is not installed (pip install -e '.[postgresql]')")

SCENARIOS: list[Callable[..., Awaitable[None]]] = [
    test_late_files.test_what_follows_in_time_completes_the_submission_and_is_told,
    test_late_files.test_what_comes_after_the_grace_is_kept_apart_and_listed_as_missing,
    test_late_files.test_another_content_is_refused_kept_as_evidence_and_the_named_file_may_still_come,
    test_wishes.test_wishes_are_granted_together_or_not_at_all,
    test_support_log.test_the_office_the_supervisor_and_the_inspector_read_who_waited_how_long,
    test_stills.test_a_violation_has_a_still_of_the_candidates_picture,
    test_rosters.test_a_candidate_is_moved_before_the_start_and_keeps_number_and_code,
    test_rosters.test_a_move_is_refused_after_admission_after_the_start_and_to_another_exam,
]


@pytest.fixture(scope="module")
def socket() -> Iterator[str]:
    with cluster() as folder:
        yield folder


@pytest.fixture
def database(socket: str, request: pytest.FixtureRequest) -> str:
    return new_database(socket, f"t{abs(hash(request.node.name)):x}")


def test_the_migrations_make_the_tables_that_the_code_knows(database: str) -> None:
    engine = sync_engine(database)
    migrate.upgrade(engine, [tables.metadata, ledger_tables.metadata])
    assert migrate.current(engine) == migrate.newest()
    found = inspect(engine)
    for metadata in (tables.metadata, ledger_tables.metadata):
        for table in metadata.tables.values():
            columns = {column["name"]: column["nullable"] for column in found.get_columns(table.name)}
            assert columns == {column.name: column.nullable for column in table.columns}, table.name
    engine.dispose()


@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda scenario: scenario.__name__.removeprefix("test_"))
async def test_as_over_sqlite(
    tmp_path: Path, clock: SteppedClock, database: str, scenario: Callable[..., Awaitable[None]]
) -> None:
    async with running(tmp_path, clock, database_url=database) as server:
        await scenario(server, clock)
    async with running(tmp_path, clock, database_url=database) as server:  # the logs verify and fold
        assert all(server.house.rooms.broken(live.room) is None for live in server.house.rooms.awake())
