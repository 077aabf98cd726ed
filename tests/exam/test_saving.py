"""Saving the answer, and what is in the work: from the page that counts, within bounds, and once however often said."""

from __future__ import annotations

import hashlib

import pytest

from proctor.exam.decisions import answers, files, timing
from proctor.exam.decisions.answers import MAX_ANSWER_CHARACTERS
from proctor.exam.decisions.files import Arrival
from proctor.exam.sitting import WorkFile
from proctor.regulation.refusal import Refusal
from tests.exam.rooms import MINUTE, Log, T

NOW = T + MINUTE
BY, END = T + 90 * MINUTE, T + 95 * MINUTE
WORK = WorkFile("f", "bài.jpg", "image/jpeg", 1, hashlib.sha256(b"x").hexdigest())


def test_only_the_page_that_writes_saves_and_no_more_than_an_answer_holds() -> None:
    log = Log().at_work()
    with pytest.raises(Refusal, match="superseded"):
        answers.save_answer(log.room, NOW, "c", epoch=2, base_revision=0, text="hai")
    with pytest.raises(Refusal, match="too_large"):
        log.save("x" * (MAX_ANSWER_CHARACTERS + 1), 0)
    log.save("x" * MAX_ANSWER_CHARACTERS, 0)
    assert log.room.sittings["c"].revision == 1


def test_a_file_that_is_told_of_twice_is_one() -> None:
    log = Log().at_work()
    for _ in range(2):
        assert log.take(files.receive_file(log.room, NOW, "c", WORK, NOW), NOW).answer is Arrival.WORK
    assert len(log.room.sittings["c"].files) == 1
    late = WorkFile("g", "bài.jpg", "image/jpeg", 1, WORK.sha256)
    for _ in range(2):
        done = log.take(files.receive_file(log.room, BY + MINUTE, "c", late, BY + MINUTE), BY + MINUTE)
        assert done.answer is Arrival.EVIDENCE
    assert len(log.room.sittings["c"].late_files) == 1


def test_a_file_that_came_whole_before_the_end_is_received_after_it() -> None:
    log = Log().at_work()
    log.take(timing.pass_time(log.room, END + MINUTE), END + MINUTE)
    assert log.room.ended
    with pytest.raises(Refusal, match="room_ended"):
        files.receive_file(log.room, END + MINUTE, "c", WORK, END + MINUTE)
    received = log.take(files.receive_file(log.room, END + MINUTE, "c", WORK, END), END + MINUTE)
    assert received.answer is Arrival.EVIDENCE


def test_a_file_is_taken_out_at_the_own_device_and_once() -> None:
    log = Log().at_work()
    log.take(files.receive_file(log.room, NOW, "c", WORK, NOW), NOW)
    with pytest.raises(Refusal, match="readmission_needed"):
        files.remove_file(log.room, NOW, "c", "elsewhere", "f")
    log.take(files.remove_file(log.room, NOW, "c", "laptop", "f"), NOW)
    assert files.remove_file(log.room, NOW, "c", "laptop", "f").events == ()
    assert log.room.sittings["c"].files == ()
