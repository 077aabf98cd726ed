"""What a backup refuses, what it finds damaged, and that nothing half done is ever taken for whole."""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import io
import json
import os
import shutil
import sqlite3
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from proctor.app import RESTORING, House, opened_store, owned
from proctor.coding import encode
from proctor.config import Config
from proctor.errors import ProctorError
from proctor.exam.events import SegmentClosed
from proctor.ledger import chain
from proctor.ledger import tables as ledger_tables
from proctor.operations import backup, manifest
from proctor.operations.backup import UNFINISHED, back_up
from proctor.operations.restore import check, restore
from proctor.sealed import SealedWriter
from proctor.store import tables
from proctor.store.engine import sync_engine
from tests.support.clock import SteppedClock
from tests.support.house import config_in, plan_exam, running


@pytest.fixture
async def config(tmp_path: Path, clock: SteppedClock) -> Config:
    """A house with a planned exam, a sealed paper, a recording and a part, which no server holds."""
    async with running(tmp_path / "house", clock) as server:
        exam = await plan_exam(server)
    config = config_in(tmp_path / "house", free_bytes=1_000_000)
    recorded = config.recordings / exam.room / next(iter(exam.candidates.values()))
    recorded.mkdir(parents=True)
    with SealedWriter(recorded / "s1.webm.sealed", bytes(32), b"") as film:
        film.write(bytes(200_000))
        film.commit()
    (recorded / "s2.part").write_bytes(bytes(1_000))
    (recorded / ".s3.webm.sealed.tmp").write_bytes(b"on its way")
    (config.papers / "being-sealed.part").write_bytes(b"on its way")
    uploaded = config.uploads / exam.room / "f_1"
    uploaded.mkdir(parents=True)
    (uploaded / "0.part").write_bytes(b"sealed")
    return config


def made(config: Config, folder: Path, *, link: bool = True, verify: bool = False, sound: bool = True) -> str:
    """Make a backup; what was said."""
    said = io.StringIO()
    assert back_up(config, folder, link=link, verify=verify, to=said) is sound, said.getvalue()
    return said.getvalue()


def elsewhere(config: Config, folder: Path) -> Config:
    """The same installation with its data in another place."""
    return replace(config, data=folder / "data", recordings=folder / "recordings")


def files_in(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.mark.parametrize("link", [True, False])
def test_all_that_is_finished_is_in_it_and_comes_back_byte_for_byte(config: Config, tmp_path: Path, link: bool) -> None:
    said = made(config, tmp_path / "backup", link=link, verify=True)
    assert ("share their place" in said) == link
    assert "Backing up: 5/5 " in said
    names = {item.path.split("/")[-1] for item in manifest.read(tmp_path / "backup").files}
    assert {"proctor.db", "s1.webm.sealed", "s2.part", "0.part"} < names
    assert not names & {".s3.webm.sealed.tmp", "being-sealed.part", "lock", "master.key"}
    linked = {path.name for path in (tmp_path / "backup").rglob("*") if path.is_file() and path.stat().st_nlink > 1}
    assert ("s1.webm.sealed" in linked) == link
    assert not linked & {"s2.part", "proctor.db"}, "what still changes is never shared"

    target = elsewhere(config, tmp_path / "there")
    restore(target, tmp_path / "backup", to=io.StringIO())
    was = files_in(config.recordings) | files_in(config.papers) | files_in(config.uploads) | files_in(config.photos)
    now = files_in(target.recordings) | files_in(target.papers) | files_in(target.uploads) | files_in(target.photos)
    assert now == {name: content for name, content in was.items() if content != b"on its way"}
    assert not any(path.stat().st_nlink > 1 for path in target.recordings.rglob("*.sealed"))


async def test_the_restored_data_opens_as_a_house(config: Config, tmp_path: Path, clock: SteppedClock) -> None:
    made(config, tmp_path / "backup")
    target = elsewhere(config, tmp_path / "there")
    restore(target, tmp_path / "backup", to=io.StringIO())
    house = await House.open(target, clock)
    try:
        (exam,) = await house.exams.all_exams()
        assert exam.title == "Triết học Mác - Lênin"
        assert (await house.office.preview_paper("s_1", exam.exam)).startswith(b"%PDF")
    finally:
        await house.close()


def test_a_log_that_is_broken_already_is_saved_and_restored_as_it_is_and_told(config: Config, tmp_path: Path) -> None:
    with contextlib.closing(sqlite3.connect(config.data / "proctor.db")) as connection:
        connection.execute("UPDATE ledger_entry SET kind = 'segment_closed' WHERE room = 'office' AND seq = 2")
        connection.commit()
    said = made(config, tmp_path / "backup", sound=False)
    assert "NOTE: the log office had been altered or damaged before." in said
    restore(elsewhere(config, tmp_path / "there"), tmp_path / "backup", to=io.StringIO())


def test_files_that_the_database_knows_and_that_are_not_there_are_told(config: Config, tmp_path: Path) -> None:
    """As with the wrong --recordings: what looks well would hold none."""
    (paper,) = config.papers.glob("*.sealed")
    (room,) = (path.name for path in config.recordings.iterdir())
    (candidate,) = (path.name for path in (config.recordings / room).iterdir())
    digest = hashlib.sha256((config.recordings / room / candidate / "s1.webm.sealed").read_bytes()).hexdigest()
    add_upload(config, room, candidate, "f_1")
    log_segment(config, room, candidate, {"segment": "s1", "stored_sha256": digest})
    assert manifest_of(config, tmp_path / "sound", sound=True).missing == []
    add_upload(config, room, candidate, "f_2")
    log_segment(config, room, candidate, {"segment": "s1", "stored_sha256": "0" * 64})
    log_segment(config, room, candidate, {"segment": "s7", "stored_sha256": digest})
    paper.unlink()
    assert manifest_of(config, tmp_path / "backup", sound=False).missing == [
        f"papers/{paper.name}", f"recordings/{room}/{candidate}/s1.webm.sealed",
        f"recordings/{room}/{candidate}/s7.webm.sealed", f"uploads/{room}/f_2",
    ]  # fmt: skip
    wrong = replace(config, recordings=tmp_path / "wrong")
    assert "is --recordings right?" in made(wrong, tmp_path / "third", sound=False)


def test_whole_work_that_lies_among_the_evidence_is_not_told_as_missing(config: Config, tmp_path: Path) -> None:
    """The house was killed between the row and the moving, and finds it there."""
    (uploaded,) = config.uploads.glob("*/f_1")
    room = uploaded.parent.name
    (candidate,) = (path.name for path in (config.recordings / room).iterdir())
    add_upload(config, room, candidate, "f_1")
    apart = uploaded.parent.with_name(f"{room}.rejected")
    apart.mkdir()
    uploaded.rename(apart / "f_1")
    assert manifest_of(config, tmp_path / "backup", sound=True).missing == []
    shutil.rmtree(apart)
    assert manifest_of(config, tmp_path / "another", sound=False).missing == [f"uploads/{room}/f_1"]


@pytest.mark.parametrize("taken_before", [0, 1, 2])
def test_an_upload_that_is_moved_meanwhile_is_in_it_whole_and_in_one_place(
    config: Config, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, taken_before: int
) -> None:
    """As it becomes evidence under the copying, before its first part is taken or after so many."""
    (uploaded,) = config.uploads.glob("*/f_1")
    (uploaded / "6.part").write_bytes(b"more")
    apart = uploaded.parent.with_name(f"{uploaded.parent.name}.rejected") / "f_1"
    take, taken = backup._take, []

    def moving() -> None:
        if not apart.exists():
            apart.parent.mkdir()
            uploaded.rename(apart)

    def taking(source: backup._Source, *rest: Any, **more: Any) -> Any:
        if source.name.startswith("uploads/"):
            if len(taken) == taken_before:
                moving()
            taken.append(source.name)
        elif len(taken) == taken_before:
            moving()  # both parts are taken: before the second look
        return take(source, *rest, **more)

    monkeypatch.setattr(backup, "_take", taking)
    made(config, tmp_path / "backup", verify=True)
    files = files_in(tmp_path / "backup/uploads")
    assert {name.rpartition("/")[2]: content for name, content in files.items()} == {
        "0.part": b"sealed", "6.part": b"more"
    }  # fmt: skip
    assert len({name.rpartition("/")[0] for name in files}) == 1
    assert {item.path for item in manifest.read(tmp_path / "backup").files if "uploads" in item.path} == {
        f"uploads/{name}" for name in files
    }


@pytest.mark.parametrize("known", [False, True])
def test_a_paper_whose_draft_is_removed_meanwhile_keeps_nothing_else_from_being_saved(
    config: Config, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, known: bool
) -> None:
    """Before the database was copied, or (`known`) after it: then it is told as missing."""
    (paper,) = config.papers.glob("*.sealed")
    gone = paper if known else paper.with_name(f"e_1-{'0' * 16}.sealed")
    gone.write_bytes(paper.read_bytes())
    take = backup._take

    def removing(source: backup._Source, *rest: Any, **more: Any) -> Any:
        gone.unlink(missing_ok=True)
        return take(source, *rest, **more)

    monkeypatch.setattr(backup, "_take", removing)
    said = made(config, tmp_path / "backup", sound=not known)
    told = [f"papers/{gone.name}"] if known else []
    assert manifest.read(tmp_path / "backup").missing == told
    assert ("draft may have been removed" in said) is known
    assert "--recordings" not in said


def manifest_of(config: Config, folder: Path, *, sound: bool) -> manifest.Manifest:
    made(config, folder, sound=sound)
    return manifest.read(folder)


def add_upload(config: Config, room: str, candidate: str, file: str) -> None:
    row = {"file": file, "room": room, "candidate": candidate, "name": "a", "type": "", "length": 6, "sha256": "0" * 64}
    engine = sync_engine(config.database)
    with engine.begin() as connection:
        connection.execute(tables.uploads.insert().values(row))
    engine.dispose()


def log_segment(config: Config, room: str, candidate: str, facts: dict) -> None:
    """Put an entry at the end of a room's log, as its owner does."""
    engine = sync_engine(config.database)
    number, at, head = ledger_tables.head(engine, room)
    kind, payload = encode(SegmentClosed(candidate=candidate, segment=facts))
    entry = chain.link(head, room=room, seq=number + 1, epoch=1, at=at, kind=kind, actor="server", payload=payload)
    with engine.begin() as connection:
        connection.execute(ledger_tables.entries.insert().values(ledger_tables.entry_row(entry)))
        connection.execute(ledger_tables.payloads.insert().values(ledger_tables.payload_row(entry)))
    engine.dispose()


def no_data(config: Config, folder: Path) -> tuple[Config, Path]:
    return elsewhere(config, folder / "nothing"), folder / "backup"


def there_already(config: Config, folder: Path) -> tuple[Config, Path]:
    (folder / "backup").mkdir()
    return config, folder / "backup"


@pytest.mark.parametrize(
    ("refusal", "case"),
    [
        ("no_data", no_data),
        ("backup_exists", there_already),
        ("backup_inside", lambda config, folder: (config, config.data / "backup")),
        ("backup_inside", lambda config, folder: (config, config.recordings / "backup")),
        ("not_writable", lambda config, folder: (config, Path("/proc/backup"))),
        ("backup_postgresql",
         lambda config, folder: (replace(config, database_url="postgresql://u:secret@h/d"), folder / "backup")),
        ("no_room", lambda config, folder: (replace(config, free_bytes=1 << 60), folder / "backup")),
    ],
)  # fmt: skip
def test_a_backup_that_cannot_be_made_leaves_nothing(
    config: Config, tmp_path: Path, refusal: str, case: Callable[[Config, Path], tuple[Config, Path]]
) -> None:
    asked, folder = case(config, tmp_path)
    before = files_in(tmp_path)
    with pytest.raises(ProctorError) as refused:
        made(asked, folder)
    assert refused.value.code == refusal
    assert "secret" not in str(refused.value.details)
    assert files_in(tmp_path) == before
    assert not list(tmp_path.rglob(f"*{UNFINISHED}"))


def test_a_database_that_sqlite_finds_damaged_is_not_backed_up(config: Config, tmp_path: Path) -> None:
    database = config.data / "proctor.db"
    content = bytearray(database.read_bytes())
    content[4096 * 3 : 4096 * 5] = bytes(range(256)) * 32
    database.write_bytes(content)
    with pytest.raises(ProctorError) as refused:
        made(config, tmp_path / "backup")
    assert refused.value.code == "damaged"
    assert not (tmp_path / "backup").exists()


def flip(folder: Path) -> None:
    (film,) = folder.rglob("s1.webm.sealed")
    content = bytearray(film.read_bytes())
    content[1_000] ^= 1
    film.unlink()  # the other house has the same file
    film.write_bytes(content)


def lose(folder: Path) -> None:
    next(folder.rglob("0.part")).unlink()


def swap_for_a_link(folder: Path) -> None:
    part = next(folder.rglob("s2.part"))
    part.rename(folder / "aside")
    part.symlink_to(folder / "aside")


def no_manifest(folder: Path) -> None:
    (folder / manifest.NAME).unlink()


def cut_the_manifest(folder: Path) -> None:
    os.truncate(folder / manifest.NAME, 300)


def edit(folder: Path, change: Callable[[dict], None]) -> None:
    content = json.loads((folder / manifest.NAME).read_text())
    change(content)
    (folder / manifest.NAME).write_text(json.dumps(content))


def leave_out_a_file(folder: Path) -> None:
    edit(folder, lambda content: content["files"].pop())


def lead_outside(folder: Path) -> None:
    known = manifest.read(folder)
    files = [*known.files, manifest.Item("papers/../../../stolen", 1, "0" * 64)]
    outside = manifest.make(version="", made_at="", schema=None, logs={}, broken=[], missing=[], files=files)
    manifest.write(folder, outside)


def another_log_head(folder: Path) -> None:
    edit(folder, lambda content: content["logs"].update(office=[1, "0" * 64]))


@pytest.mark.parametrize(
    ("damage", "refusal"),
    [
        (flip, "backup_damaged"), (lose, "backup_damaged"), (swap_for_a_link, "backup_damaged"),
        (no_manifest, "not_a_backup"), (cut_the_manifest, "not_a_backup"), (leave_out_a_file, "not_a_backup"),
        (lead_outside, "not_a_backup"),
    ],
)  # fmt: skip
def test_a_backup_that_is_not_what_it_was_is_refused_before_anything_is_written(
    config: Config, tmp_path: Path, damage: Callable[[Path], None], refusal: str
) -> None:
    folder, target = tmp_path / "backup", elsewhere(config, tmp_path / "there")
    made(config, folder)
    damage(folder)
    for act in (check, restore):
        with pytest.raises(ProctorError) as refused:
            act(target, folder, to=io.StringIO())
        assert refused.value.code == refusal
    assert set(files_in(tmp_path / "there")) <= {"data/lock"}


def test_a_log_that_does_not_end_where_the_manifest_says_is_refused_and_no_server_starts(
    config: Config, tmp_path: Path
) -> None:
    folder, target = tmp_path / "backup", elsewhere(config, tmp_path / "there")
    made(config, folder)
    another_log_head(folder)
    with pytest.raises(ProctorError) as refused:
        restore(target, folder, to=io.StringIO())
    assert refused.value.code == "chain_broken"
    with pytest.raises(ProctorError) as refused, opened_store(target):
        pass
    assert refused.value.code == "restore_unfinished"


@pytest.mark.parametrize("left", ["data/proctor.db", "data/papers/p", "data/zip-1/a", "recordings/r_1/c_1/s1.json"])
def test_what_is_there_is_never_overwritten(config: Config, tmp_path: Path, left: str) -> None:
    made(config, tmp_path / "backup")
    there = tmp_path / "there" / left
    there.parent.mkdir(parents=True)
    there.write_text("mine")
    with pytest.raises(ProctorError) as refused:
        restore(elsewhere(config, tmp_path / "there"), tmp_path / "backup", to=io.StringIO())
    assert refused.value.code == "data_there"
    assert files_in(tmp_path / "there") == {left: b"mine"}


def test_a_restore_does_not_begin_while_a_server_holds_the_data(config: Config, tmp_path: Path) -> None:
    made(config, tmp_path / "backup")
    target = elsewhere(config, tmp_path / "there")
    target.data.mkdir(parents=True)
    with owned(target.data), pytest.raises(ProctorError) as refused:
        restore(target, tmp_path / "backup", to=io.StringIO())
    assert refused.value.code == "data_in_use"
    assert set(files_in(tmp_path / "there")) == {"data/lock"}


def test_another_key_is_refused(config: Config, tmp_path: Path) -> None:
    made(config, tmp_path / "backup")
    other = config_in(tmp_path / "other")
    with opened_store(other):
        pass
    target = replace(elsewhere(config, tmp_path / "there"), master_key=other.master_key)
    with pytest.raises(ProctorError) as refused:
        restore(target, tmp_path / "backup", to=io.StringIO())
    assert refused.value.code == "wrong_master_key"
    assert set(files_in(tmp_path / "there")) <= {"data/lock"}


def test_what_a_killed_backup_left_is_no_backup_and_makes_way_for_the_next(config: Config, tmp_path: Path) -> None:
    making = tmp_path / f"backup{UNFINISHED}"
    made(config, tmp_path / "backup")
    shutil.move(tmp_path / "backup", making)  # as it is in the middle: the mark stands, the manifest does not
    (making / manifest.NAME).unlink()
    (making / UNFINISHED).touch()
    with pytest.raises(ProctorError) as refused:
        check(config, making, to=io.StringIO())
    assert refused.value.code == "not_a_backup"
    made(config, tmp_path / "backup")
    check(config, tmp_path / "backup", to=io.StringIO())
    assert not making.exists()


def test_a_backup_that_is_being_made_is_left_alone(config: Config, tmp_path: Path) -> None:
    making = tmp_path / f"backup{UNFINISHED}"
    making.mkdir()
    with (making / UNFINISHED).open("x") as mark:
        fcntl.flock(mark, fcntl.LOCK_EX)  # as the other process holds it
        with pytest.raises(ProctorError) as refused:
            made(config, tmp_path / "backup")
    assert refused.value.code == "backup_exists"
    assert (making / UNFINISHED).exists()


def test_a_folder_that_is_not_of_a_backup_is_not_removed(config: Config, tmp_path: Path) -> None:
    mine = tmp_path / f"backup{UNFINISHED}" / "mine"
    mine.parent.mkdir()
    mine.write_text("mine")
    with pytest.raises(ProctorError) as refused:
        made(config, tmp_path / "backup")
    assert refused.value.code == "backup_exists"
    assert mine.read_text() == "mine"


@contextlib.contextmanager
def small_disk(folder: Path, megabytes: int) -> Iterator[Path]:
    folder.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={megabytes}m", "proctor", folder], check=True)
    try:
        yield folder
    finally:
        subprocess.run(["umount", folder], check=True)


def many_small(config: Config) -> None:
    """Files that take a page of the disk each, where their sizes promise a byte: what fits by its size does not fit."""
    folder = next(config.uploads.glob("*/f_1"))
    for number in range(1, 2_000):
        (folder / f"{number}.part").write_bytes(b"x")


ROOT = pytest.mark.skipif(os.getuid() != 0, reason="needs the right to mount a small disk")


@ROOT
def test_a_disk_that_fills_up_leaves_no_backup_and_gives_the_room_back(config: Config, tmp_path: Path) -> None:
    many_small(config)
    with small_disk(tmp_path / "disk", 5) as disk:
        with pytest.raises(ProctorError) as refused:
            made(config, disk / "backup")
        assert refused.value.code == "filled_up"
        assert not list(disk.iterdir())


@ROOT
def test_a_restore_that_ran_out_of_room_is_completed_by_the_same_one_and_by_no_other(
    config: Config, tmp_path: Path
) -> None:
    folder, later = tmp_path / "backup", tmp_path / "later"
    many_small(config)
    made(config, folder)
    (config.papers / "another.sealed").write_bytes(b"another")
    made(config, later)
    with small_disk(tmp_path / "disk", 5) as disk:
        target = elsewhere(config, disk)
        with pytest.raises(ProctorError) as refused:
            restore(target, folder, to=io.StringIO())
        assert refused.value.code == "filled_up"
        assert (target.data / RESTORING).exists()
        with pytest.raises(ProctorError) as refused, opened_store(target):
            pass
        assert refused.value.code == "restore_unfinished"
        subprocess.run(["mount", "-o", "remount,size=64m", disk], check=True)
        with pytest.raises(ProctorError) as refused:
            restore(target, later, to=io.StringIO())
        assert refused.value.code == "data_there"
        restore(target, folder, to=io.StringIO())
        with opened_store(target):
            assert len(files_in(target.uploads)) == 2_000
