"""What is written or noted in a room reaches whom it is for, and no other candidate (A7.2b)."""

from __future__ import annotations

from datetime import timedelta

from proctor.exam import events as e
from proctor.exam.decisions import admission, conduct
from proctor.exam.room import Decision
from proctor.signalling.exchange import Push, pushes
from tests.exam.rooms import Log, T
from tests.support.clock import SteppedClock
from tests.support.house import Server, admit, candidate_page, invigilator_page, plan_exam, reach_lobby


def told(log: Log, decision: Decision) -> list[Push]:
    before = log.room
    log.take(decision, T)
    return pushes(before, log.room, decision.events, T)


def hearing(log: Log, decision: Decision) -> list[str]:
    """The candidates whose pages get the message."""
    heard = [push for push in told(log, decision) if push.message == "message"]
    return [push.candidate for push in heard if push.audience == "candidate"]


def test_words_reach_whom_they_are_for_and_no_other_candidate() -> None:
    log = Log().published("c", "d").attended().admitted("c", "d")
    assert hearing(log, conduct.send_message(log.room, T, by="s", message="m1", to=("c",), text="Riêng")) == ["c"]
    assert hearing(log, conduct.send_message(log.room, T, by="s", message="m2", to=(), text="Chung")) == ["c", "d"]
    assert hearing(log, conduct.write(log.room, T, candidate="d", message="m3", text="Em hỏi")) == ["d"]


def test_what_is_noted_of_a_candidate_is_told_to_staff_alone() -> None:
    log = Log().published("c", "d").attended().admitted("c", "d")
    noted = conduct.note_violation(
        log.room, T, violation="v", candidate="c", category="phone", text="", by="s", since=None, until=None
    )
    assert any(isinstance(event, e.ViolationNoted) for event in noted.events)
    heard = [(push.audience, push.message) for push in told(log, noted) if push.message in ("violation", "note")]
    assert heard == [("staff", "violation")]
    decided = conduct.decide_violation(log.room, T, violation="v", status="confirmed", reason="Thấy rõ", by="s")
    pushed = told(log, decided)
    assert [(push.audience, push.message) for push in pushed if push.message in ("violation", "note")] == [
        ("staff", "violation")
    ]
    log.take(admission.check(log.room, T, by="s", candidate="c", name="identity", passed=True), T)
    suspended = conduct.suspend(log.room, T, candidate="c", by="s", reason="Thấy rõ")
    (own,) = [push.body for push in told(log, suspended) if push.message == "me"]
    assert (own["violations"], own["acts"]) == (0, {}), "who noted and decided what of whom is the staff's to know"
    assert own["checks"] and all(set(made) == {"passed", "reason"} for made in own["checks"].values())


async def test_a_candidate_who_comes_back_is_welcomed_with_the_own_words_alone(
    server: Server, clock: SteppedClock
) -> None:
    exam = await plan_exam(server, candidates=2)
    async with (
        await invigilator_page(server) as invigilator,
        await candidate_page(server, exam, "001") as one,
        await candidate_page(server, exam, "002") as two,
    ):
        clock.jump_to(exam.starts_at - timedelta(minutes=10))
        await invigilator.join(exam.room)
        for page, number in ((one, "001"), (two, "002")):
            await reach_lobby(page, exam.room)
            await admit(invigilator, exam.candidates[number])
        await invigilator.tell("send_message", to=[exam.candidates["001"]], text="Riêng một")
        await invigilator.tell("send_message", to="room", text="Chung")
        await one.tell("write_message", text="Một hỏi")
        await two.tell("write_message", text="Hai hỏi")
        welcomes = [await page.join(exam.room) for page in (one, two)]
        assert [[sent["text"] for sent in welcome["messages"]] for welcome in welcomes] == [
            ["Riêng một", "Chung", "Một hỏi"], ["Chung", "Hai hỏi"],
        ]  # fmt: skip
        assert [welcome["violations"] for welcome in welcomes] == [[], []]
