"""Decisions of a room, without a server."""

from __future__ import annotations

import dataclasses
import json
from datetime import timedelta

import pytest

from proctor import views
from proctor.exam import events as e
from proctor.exam.decisions import admission, files, papers, planning, presence, timing
from proctor.exam.events import EVENTS, Event
from proctor.exam.room import Decision
from proctor.exam.sitting import STEPS, Sitting, State, WorkFile, step
from proctor.regulation.refusal import Refusal
from tests.exam.rooms import EARLY, MINUTE, Log, T


def people(count: int) -> list[tuple[str, str, str]]:
    return [(f"c{n}", f"{n:03}", f"Người {n}") for n in range(count)]


@pytest.mark.parametrize("count", [49, 50])
def test_up_to_fifty_are_enrolled(count: int) -> None:
    log = Log()
    log.take(planning.enroll(log.room, EARLY, people(count), regime="A"), EARLY)
    assert len(log.room.sittings) == count


def test_the_fifty_first_is_refused_with_its_article_and_nobody_is_enrolled() -> None:
    with pytest.raises(Refusal) as refused:
        planning.enroll(Log().room, EARLY, people(51), regime="A")
    assert refused.value.code == "room_capacity"
    assert refused.value.details == {"capacity": 50, "rooms": 2, "citation": "A14.2a"}


def test_the_roster_is_open_until_the_paper_is_released() -> None:
    log = Log().at_work(T - timedelta(microseconds=1))
    planning.enroll(log.room, T - timedelta(microseconds=1), people(1), regime="A")
    log.take(timing.pass_time(log.room, T), T)
    with pytest.raises(Refusal, match="roster_locked"):
        planning.enroll(log.room, T, people(1), regime="A")


def test_candidates_at_work_when_the_paper_is_released_get_the_key_in_the_invigilators_name() -> None:
    log = Log().at_work()
    assert log.room.released_at == T
    assert log.room.sittings["c"].key_delivered_at == T


def test_nothing_is_released_a_moment_before_its_time() -> None:
    log = Log().at_work(T - timedelta(microseconds=1))
    assert log.room.released_at is None
    assert not papers.may_have_key(log.room, "c")
    with pytest.raises(Refusal, match="not_released"):
        papers.open_paper(log.room, T, "c", "0" * 64)


def test_a_save_on_an_older_version_is_refused_with_the_newer_one() -> None:
    log = Log().at_work()
    log.save("một", 0)
    log.save("hai", 1)
    with pytest.raises(Refusal) as refused:
        log.save("ba", 1)
    assert refused.value.details == {"revision": 2, "text": "hai"}


def test_a_repeated_save_is_answered_like_the_first_and_changes_nothing() -> None:
    log = Log().at_work()
    first = log.save("một", 0)
    again = log.save("một", 0)
    assert again.events == ()
    assert again.answer[:2] == first.answer[:2]


def test_a_repeated_submit_is_not_a_second_submission() -> None:
    log = Log().at_work()
    log.save("một", 0)
    assert len(log.submit().events) == 1
    assert log.submit().events == ()
    with pytest.raises(Refusal, match="already_submitted"):
        log.submit(text_sha256="f" * 64)


def test_work_after_submit_by_is_kept_as_rejected_evidence() -> None:
    log = Log().at_work()
    late = log.submit(T + 90 * MINUTE + timedelta(microseconds=1))
    assert [event.kind for event in late.events] == ["submission_rejected"]
    assert isinstance(late.answer, Refusal)
    assert log.room.sittings["c"].state is State.ADMITTED


@pytest.mark.parametrize(("changed", "code"), [
    ({"revision": 7}, "stale_revision"),
    ({"text_sha256": "f" * 64}, "stale_revision"),
    ({"epoch": 9}, "superseded"),
    ({"files": {"f": "0" * 64}}, "upload_incomplete"),
])  # fmt: skip
def test_what_is_submitted_is_what_is_held(changed: dict, code: str) -> None:
    log = Log().at_work()
    log.save("một", 0)
    with pytest.raises(Refusal, match=code):
        log.submit(**changed)


def test_two_invigilators_at_once_admit_a_candidate_once() -> None:
    log = Log().at_work()
    assert admission.admit(log.room, T, "s", ["c", "c"]).answer["skipped"] == ["c"]


def test_another_device_goes_on_asking_while_the_first_one_reconnects() -> None:
    log = Log().at_work().asking("c")
    log.take(presence.join_candidate(log.room, T, "c", "laptop"), T)
    known = log.room.sittings["c"]
    assert (known.device, known.epoch) == ("laptop", 3)
    assert known.pending and (known.pending.device, known.pending.epoch) == ("phone", 2)
    log.take(admission.admit(log.room, T, "s", ["c"], checked=admission.CHECKS), T)
    known = log.room.sittings["c"]
    assert (known.device, known.epoch, known.pending) == ("phone", 2, None)
    with pytest.raises(Refusal, match="superseded"):
        admission.may_publish(log.room, T, "c", 3)


def test_a_device_whose_page_has_not_opened_is_not_let_in_in_the_place_of_one_that_works() -> None:
    log = Log().at_work()
    log.take(presence.join_candidate(log.room, T, "c", "phone"), T)  # it never gets further
    assert views.sitting(log.room, log.room.sittings["c"])["pending"] is None
    assert admission.admit(log.room, T, "s", ["c"], checked=admission.CHECKS).answer["skipped"] == ["c"]
    log.take(presence.connect_candidate(log.room, T, "c", 2), T)
    assert views.sitting(log.room, log.room.sittings["c"])["pending"]["epoch"] == 2
    log.take(presence.join_candidate(log.room, T, "c", "phone"), T)  # loaded again
    assert log.room.sittings["c"].asking is None


def test_a_page_that_asks_to_come_back_and_does_not_is_gone_with_its_old_connection() -> None:
    log = Log().at_work()
    log.take(presence.join_candidate(log.room, T + MINUTE, "c", "laptop"), T + MINUTE)
    log.take(presence.disconnect_candidate(log.room, T + 2 * MINUTE, "c", 1, "ping timeout"), T + 2 * MINUTE)
    known = log.room.sittings["c"]
    assert not known.connected
    assert [(loss.since, loss.until, loss.cause) for loss in known.losses] == [(T + 2 * MINUTE, None, "connection")]


def test_the_old_connection_of_a_page_that_is_back_ends_nothing() -> None:
    log = Log().at_work().joined("c", T + MINUTE)
    log.take(presence.disconnect_candidate(log.room, T + 2 * MINUTE, "c", 1, "ping timeout"), T + 2 * MINUTE)
    assert log.room.sittings["c"].connected
    assert log.room.sittings["c"].losses == ()


def test_nobody_asks_any_more_after_a_restart() -> None:
    log = Log().at_work()
    log.take(presence.disconnect_candidate(log.room, T, "c", 1, "lost"), T)
    log.joined("c", T, device="phone")
    assert log.room.sittings["c"].asking
    log.take(Decision((e.ServerRestarted(epoch=2),)), T + MINUTE)
    assert not log.room.sittings["c"].pending
    assert log.room.sittings["c"].connection_changed_at == T


@pytest.mark.parametrize("event", [e.LobbyEntered, e.Admitted, e.Submitted])
@pytest.mark.parametrize("state", list(State))
def test_a_step_that_is_not_in_the_table_is_refused(state: State, event: type[Event]) -> None:
    sitting = Sitting("c", "001", "Thí sinh 001", state=state)
    if (state, event) in STEPS:
        assert step(sitting, event) is STEPS[state, event]
    else:
        with pytest.raises(Refusal):
            step(sitting, event)


def test_every_kind_of_event_is_registered_once_and_frozen() -> None:
    for kind, cls in EVENTS.items():
        assert cls.kind == kind
        assert cls.__dataclass_params__.frozen  # type: ignore[attr-defined]
        assert cls.__doc__
        assert dataclasses.is_dataclass(cls)


def test_another_device_in_the_lobby_begins_again_and_is_not_admitted_for_the_face_of_the_first() -> None:
    log = Log()
    log.at_work(T - timedelta(microseconds=1))
    log.take(planning.enroll(log.room, T - MINUTE, [("d", "002", "Thí sinh 002")], regime="A"), T - MINUTE)
    now = T - MINUTE
    log.take(presence.join_candidate(log.room, now, "d", "laptop"), now)
    log.ready("d", now)
    log.take(admission.enter_lobby(log.room, now, "d"), now)
    log.take(admission.check(log.room, now, by="s", candidate="d", name="identity", passed=True), now)
    log.take(presence.join_candidate(log.room, now, "d", "accomplice"), now)
    began = log.room.sittings["d"]
    assert began.state is State.EXPECTED
    assert (began.photos, began.checks, began.device_report, began.consented_at, began.rules_accepted_at) == (
        {}, {}, None, None, None
    )  # fmt: skip
    assert admission.admit(log.room, now, "s", ["d"]).answer["skipped"] == ["d"]
    with pytest.raises(Refusal, match="not_admitted"):
        admission.may_publish(log.room, now, "d", 2)


def test_only_the_page_whose_face_was_seen_is_admitted() -> None:
    log = Log().at_work().asking("c").asking("c", device="third")
    for seen, outcome in ((2, "skipped"), (3, "admitted")):
        admission_of = admission.admit(log.room, T, "s", ["c"], {"c": seen}, checked=admission.CHECKS)
        assert admission_of.answer[outcome] == ["c"]


def test_a_paper_that_comes_after_the_release_time_goes_out_at_once() -> None:
    log = Log().published("c").attended()
    log.room = dataclasses.replace(log.room, paper=None)
    log.pass_time(T)
    assert log.room.released_at is None
    log.take(planning.load_paper(log.room, T + MINUTE, "1" * 64, 100), T + MINUTE)
    assert log.room.released_at == T + MINUTE


def test_what_was_closed_stays_closed_when_the_clock_is_set_back() -> None:
    log = Log().at_work()
    log.save("một", 0)
    log.take(timing.pass_time(log.room, T + 91 * MINUTE), T + 91 * MINUTE)
    assert log.room.submission_closed
    with pytest.raises(Refusal, match="after_submit_by"):
        log.save("hai", 1, T + MINUTE)
    again = log.submit(T + MINUTE)
    assert [event.kind for event in again.events] == ["submission_rejected"]
    log.take(timing.pass_time(log.room, T + 96 * MINUTE), T + 96 * MINUTE)
    with pytest.raises(Refusal, match="room_ended"):
        admission.report_device(log.room, T + MINUTE, "c", {}, 1)


def test_a_file_counts_when_its_last_byte_came_not_when_it_was_hashed() -> None:
    log = Log().at_work()
    work = WorkFile("f", "a.jpg", "image/jpeg", 3, "0" * 64)
    by = T + 90 * MINUTE
    log.take(timing.pass_time(log.room, by + MINUTE), by + MINUTE)
    in_time = files.receive_file(log.room, by + MINUTE, "c", work, by)
    assert [event.kind for event in in_time.events] == ["file_received"]
    late = files.receive_file(log.room, by + MINUTE, "c", work, by + timedelta(microseconds=1))
    assert [event.kind for event in late.events] == ["late_file_kept"]


def test_a_repeated_submit_is_answered_also_when_not_every_file_was_handed_in() -> None:
    log = Log().at_work()
    log.save("một", 0)
    for name in ("f", "g"):
        work = WorkFile(name, name, "image/jpeg", 3, "0" * 64)
        log.take(files.receive_file(log.room, T + MINUTE, "c", work, T + MINUTE), T + MINUTE)
    assert len(log.submit(files={"f": "0" * 64}).events) == 1
    assert log.submit(files={"f": "0" * 64}).events == ()


def test_the_manifest_names_files_in_the_order_in_which_they_were_handed_in() -> None:
    log = Log().at_work()
    log.save("một", 0)
    for name in ("f", "g", "h"):
        work = WorkFile(name, name, "image/jpeg", 3, "0" * 64)
        log.take(files.receive_file(log.room, T + MINUTE, "c", work, T + MINUTE), T + MINUTE)
    (submitted,) = log.submit(files=dict.fromkeys(("h", "f"), "0" * 64)).events
    assert [each["file"] for each in json.loads(submitted.manifest)["files"]] == ["h", "f"]
    with pytest.raises(Refusal, match="already_submitted"):  # what was handed in is not that
        log.submit(files=dict.fromkeys(("f", "h"), "0" * 64))


def test_the_key_is_on_the_log_when_it_went_out() -> None:
    log = Log()
    log.at_work(T - timedelta(microseconds=1))
    log.take(presence.disconnect_candidate(log.room, T - MINUTE, "c", 1, "lost"), T - MINUTE)
    log.take(timing.pass_time(log.room, T), T)
    assert log.room.released_at == T
    assert log.room.sittings["c"].key_delivered_at is None
    back = T + 20 * MINUTE
    log.take(presence.join_candidate(log.room, back, "c", "laptop"), back)
    log.take(presence.connect_candidate(log.room, back, "c", 2), back)
    assert log.room.sittings["c"].key_delivered_at == back
