"""Who may say what to whom, and what is read of it (A7.2b)."""

from __future__ import annotations

import pytest

from proctor.exam.decisions import conduct
from proctor.exam.decisions.conduct import MAX_TEXT
from proctor.regulation.refusal import Refusal
from tests.exam.rooms import MINUTE, Log, T

NOW = T + MINUTE
LONGEST = "x" * MAX_TEXT


@pytest.fixture
def log() -> Log:
    log = Log().published("c", "d").attended().admitted("c", "d").pass_time(T)
    log.take(conduct.write(log.room, NOW, candidate="c", message="asked", text="Em hỏi"), NOW)
    return log


def send(log: Log, message: str = "m", to: tuple[str, ...] = (), text: str = "Chú ý", answers: str = "") -> None:
    log.take(conduct.send_message(log.room, NOW, by="s", to=to, message=message, text=text, answers=answers), NOW)


@pytest.mark.parametrize("text", ["", " \n", LONGEST + "x"])
def test_an_empty_or_endless_text_is_no_message(log: Log, text: str) -> None:
    with pytest.raises(Refusal, match="bad_request"):
        send(log, text=text)
    with pytest.raises(Refusal, match="bad_request"):
        conduct.write(log.room, NOW, candidate="c", message="m", text=text)


def test_the_longest_text_is_one(log: Log) -> None:
    send(log, text=LONGEST)
    log.take(conduct.write(log.room, NOW, candidate="c", message="n", text=LONGEST), NOW)
    assert [sent.text for sent in log.room.messages[1:]] == [LONGEST] * 2


def test_an_answer_is_to_a_candidates_message_and_is_heard_by_who_asked(log: Log) -> None:
    send(log, "told")
    for answers, to in (("none", ()), ("told", ()), ("asked", ("d",))):
        with pytest.raises(Refusal, match="not_found"):
            send(log, "a", to, answers=answers)
    send(log, "a", ("c",), answers="asked")
    send(log, "b", answers="asked")  # to all, of whom who asked is one
    assert [sent.answers for sent in log.room.messages] == ["", "", "asked", "asked"]


def test_a_message_is_read_by_whom_it_was_sent_to_alone(log: Log) -> None:
    send(log, "all")
    send(log, "one", ("c",))
    for candidate, message in (("d", "one"), ("c", "asked"), ("c", "none")):
        with pytest.raises(Refusal, match="not_found"):
            conduct.see_message(log.room, NOW, candidate, message)
    for candidate, message in (("c", "one"), ("c", "all"), ("d", "all")):
        log.take(conduct.see_message(log.room, NOW, candidate, message), NOW)
        assert conduct.see_message(log.room, NOW, candidate, message).events == ()
    assert [sent.seen_by for sent in log.room.messages] == [frozenset(), frozenset("cd"), frozenset("c")]


def test_what_is_over_already_is_on_the_log_once(log: Log) -> None:
    assert conduct.resume(log.room, NOW, by="s", candidate="c", reason="Nhầm").events == ()
    assert conduct.end_absence(log.room, NOW, by="s", candidate="c").events == ()
    log.take(conduct.begin_absence(log.room, NOW, by="s", candidate="c", why="Nhà vệ sinh"), NOW)
    assert conduct.begin_absence(log.room, NOW, by="s", candidate="c", why="Nhà vệ sinh").events == ()
    waiting = Log().published("c").attended().waiting("c")
    with pytest.raises(Refusal, match="not_admitted"):
        conduct.begin_absence(waiting.room, NOW, by="s", candidate="c", why="Nhà vệ sinh")
