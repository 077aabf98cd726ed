"""The data keys: random, wrapped under the master key, in the database; those that came from the master key before."""

from __future__ import annotations

import errno
import os
import sqlite3
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from proctor.__main__ import main
from proctor.app import opened_store, owned
from proctor.config import Config
from proctor.errors import ProctorError
from proctor.keys import PURPOSES, Keys, MasterKey
from proctor.rehearsal.pictures import photo
from proctor.store.data_keys import SHORT_LIVED
from tests.support.clock import SteppedClock
from tests.support.house import (
    PDF,
    candidate_page,
    config_in,
    invigilator_page,
    office_page,
    plan_exam,
    reach_lobby,
    running,
    stored_keys,
)

BEFORE = (  # there were data keys
    "DROP TABLE data_key", "ALTER TABLE staff DROP COLUMN unit", "ALTER TABLE upload DROP COLUMN device",
    "UPDATE alembic_version SET version_num = '0007'",
)  # fmt: skip


@pytest.fixture
def config(tmp_path: Path) -> Config:
    return config_in(tmp_path)


def opened(config: Config) -> Keys:
    with opened_store(config) as (keys, _):
        return keys


def by_hand(config: Config, *statements: str) -> None:
    with closing(sqlite3.connect(config.data / "proctor.db")) as database:
        for statement in statements:
            database.execute(statement)
        database.commit()


def make_old(config: Config) -> Keys:
    """A house as it was before there were data keys: its database, and the keys that it had."""
    opened(config)
    by_hand(config, *BEFORE)
    return Keys(MasterKey.load(config.master_key).before_data_keys())


def test_what_a_new_house_is_sealed_with_does_not_come_from_the_master_key(config: Config) -> None:
    keys, derived = opened(config), MasterKey.load(config.master_key).before_data_keys()
    assert len({keys.of(purpose) for purpose in PURPOSES} | set(derived.values())) == 2 * len(PURPOSES)
    again = opened(config)
    assert [again.of(purpose) for purpose in PURPOSES] == [keys.of(purpose) for purpose in PURPOSES]
    stored = b"".join(path.read_bytes() for path in config.data.glob("proctor.db*"))
    assert not [purpose for purpose in PURPOSES if keys.of(purpose) in stored]


def test_an_old_house_goes_on_with_the_keys_that_it_had(config: Config) -> None:
    old = make_old(config)
    for keys in (opened(config), opened(config), stored_keys(config)):
        assert [keys.of(purpose) for purpose in PURPOSES] == [old.of(purpose) for purpose in PURPOSES]


async def test_papers_photographs_and_codes_of_an_old_house_stay_what_they_were(
    config: Config, clock: SteppedClock, tmp_path: Path
) -> None:
    old = make_old(config)
    async with running(tmp_path, clock) as server:
        exam = await plan_exam(server)
        assert server.house.keys.key_id == old.key_id
        clock.jump_to(exam.starts_at - timedelta(minutes=10))
        async with await invigilator_page(server) as invigilator, await candidate_page(server, exam, "001") as page:
            await invigilator.join(exam.room)
            await reach_lobby(page, exam.room)
        (face,) = (
            taken.photo
            for taken in server.house.rooms.get(exam.room).state.sittings[exam.candidates["001"]].photographs
            if taken.subject == "face"
        )
    by_hand(config, *BEFORE)  # all it wrote is old
    async with running(tmp_path, clock) as server:
        async with await office_page(server) as office:
            assert (await office.get(f"/api/exams/{exam.exam}/paper"))["body"] == PDF
        async with await invigilator_page(server) as invigilator, await candidate_page(server, exam, "001"):
            await invigilator.join(exam.room)
            path = f"/api/rooms/{exam.room}/candidates/{exam.candidates['001']}/photos/{face}"
            assert (await invigilator.get(path))["body"] == photo(0)


def test_a_purpose_that_a_later_program_adds_gets_a_random_key_beside_the_others(config: Config) -> None:
    keys = opened(config)
    by_hand(config, "DELETE FROM data_key WHERE purpose = 'photos'")
    grown = opened(config)
    derived = MasterKey.load(config.master_key).before_data_keys()
    assert grown.of("photos") not in (keys.of("photos"), derived["photos"])
    assert [grown.of(each) for each in PURPOSES if each != "photos"] == [
        keys.of(each) for each in PURPOSES if each != "photos"
    ]


def lost(config: Config) -> None:
    config.master_key.unlink()


def of_another(config: Config) -> None:
    config.master_key.unlink()
    MasterKey.make(config.master_key)


@pytest.mark.parametrize("old", [False, True])
@pytest.mark.parametrize(("change", "refused"), [(lost, "key_missing"), (of_another, "wrong_master_key")])
def test_without_its_master_key_a_house_does_not_open_and_nothing_is_written(
    config: Config, change: Callable[[Config], None], refused: str, old: bool
) -> None:
    (make_old if old else opened)(config)
    kept = config.master_key.read_bytes()
    change(config)
    before = (config.data / "proctor.db").read_bytes()
    with pytest.raises(ProctorError) as error:
        opened(config)
    assert error.value.code == refused
    assert (config.data / "proctor.db").read_bytes() == before
    assert config.master_key.exists() == (change is of_another), "a key was made that opens nothing"
    config.master_key.write_bytes(kept)
    opened(config)


def test_a_data_key_is_unwrapped_for_its_own_purpose_alone(config: Config) -> None:
    opened(config)
    by_hand(
        config, "UPDATE data_key SET wrapped_key = (SELECT wrapped_key FROM data_key WHERE purpose = 'uploads') "
        "WHERE purpose = 'recordings'",
    )  # fmt: skip
    with pytest.raises(ProctorError) as error:
        opened(config)
    assert error.value.code == "damaged"


def rotated(config: Config, new: Path) -> int:
    places = ["--data", str(config.data), "--recordings", str(config.recordings)]
    return main(["keys", "rotate", str(new), *places, "--master-key", str(config.master_key)])


@pytest.mark.parametrize("old", [False, True])
def test_another_master_key_takes_the_place_of_one_and_the_data_keys_stay(
    config: Config, tmp_path: Path, capsys: pytest.CaptureFixture[str], old: bool
) -> None:
    keys = make_old(config) if old else opened(config)
    after = replace(config, master_key=tmp_path / "keys/second.key")
    assert rotated(config, after.master_key) == 0
    assert {purpose for purpose in PURPOSES if opened(after).of(purpose) != keys.of(purpose)} == {SHORT_LIVED}
    assert ("whoever has the old key can still read" in capsys.readouterr().out) == old
    assert after.master_key.stat().st_mode & 0o777 == 0o600
    with pytest.raises(ProctorError) as error:
        opened(config)
    assert error.value.code == "wrong_master_key"


def test_a_master_key_is_not_replaced_beside_a_server_inside_the_data_or_by_a_file_that_is_there(
    config: Config, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    opened(config)
    kept = config.master_key.read_bytes()
    with owned(config.data):
        assert rotated(config, tmp_path / "second.key") == 2
    assert "[data_in_use]" in capsys.readouterr().err
    assert rotated(config, config.data / "second.key") == 2
    assert "[key_inside_data]" in capsys.readouterr().err
    assert rotated(config, config.recordings / "second.key") == 2
    assert "[key_inside_data]" in capsys.readouterr().err
    assert rotated(config, config.master_key) == 2
    assert "[key_exists]" in capsys.readouterr().err
    assert not (tmp_path / "second.key").exists()
    assert config.master_key.read_bytes() == kept
    opened(config)


def test_a_file_system_without_hard_links_holds_a_master_key_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_links(*names: object) -> None:
        raise PermissionError(errno.EPERM, "Operation not permitted")  # as FAT says it

    monkeypatch.setattr(os, "link", no_links)
    made = MasterKey.make(tmp_path / "master.key")
    assert MasterKey.load(tmp_path / "master.key").check_value() == made.check_value()
    with pytest.raises(ProctorError, match="key_exists"):
        MasterKey.make(tmp_path / "master.key")
    assert [path.name for path in tmp_path.iterdir()] == ["master.key"]


def test_the_master_key_of_data_that_is_not_there_is_not_replaced(
    config: Config, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    config.data.mkdir(parents=True)
    assert rotated(config, tmp_path / "second.key") == 2
    assert "[no_data]" in capsys.readouterr().err
    assert list(config.data.iterdir()) == [] and not config.master_key.exists()


def test_of_first_starts_at_the_same_moment_all_go_on_with_the_same_keys(config: Config) -> None:
    opened(config)
    by_hand(config, "DELETE FROM data_key", "DELETE FROM installation")
    config.master_key.unlink()
    with ThreadPoolExecutor(8) as together:
        found = list(together.map(opened, [config] * 8))
    assert len({tuple(keys.of(purpose) for purpose in PURPOSES) for keys in found}) == 1
