"""From the lobby to the seat: photographs, checks, refusals, late arrivals, briefings."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from proctor import views
from proctor.exam import events as e
from proctor.exam.decisions import admission, briefing, conduct, planning, presence, times, timing
from proctor.exam.plan import Form, RoomRules
from proctor.exam.room import Assigned, Decision
from proctor.exam.sitting import State
from proctor.regulation.refusal import Refusal
from tests.exam.rooms import DEVICES, ENTRY, MINUTE, Log, T

INSTANT = timedelta(microseconds=1)
FIREFOX = {"browser": "Firefox", **DEVICES}
FAILED = {part: {"ok": False} for part in DEVICES}
UNTRIED = ("microphone", "speaker", "network")


@pytest.mark.parametrize("missing", ["device", "consent", "rules", "face", "card"])
def test_the_lobby_opens_when_everything_before_it_is_done(missing: str) -> None:
    log = Log().published("c").attended().joined("c")
    known = log.ready("c").room.sittings["c"]
    empty = {
        "device": {"device_report": None}, "consent": {"consented_at": None}, "rules": {"rules_accepted_at": None},
        "face": {"photos": {"card": known.photos["card"]}}, "card": {"photos": {"face": known.photos["face"]}},
    }[missing]  # fmt: skip
    admission.enter_lobby(log.room, ENTRY, "c")
    lacking = replace(log.room, sittings={"c": replace(known, **empty)})
    with pytest.raises(Refusal) as refused:
        admission.enter_lobby(lacking, ENTRY, "c")
    assert refused.value.details == {"missing": [missing]}


@pytest.mark.parametrize(
    ("report", "enters"),
    [
        (FAILED, False),
        ({**DEVICES, "camera": {"ok": False}}, False),
        ({**DEVICES, "camera": "ok"}, False),
        ({"browser": "Firefox"}, False),
        ({**FAILED, "camera": {"ok": True}}, True),  # X46; the invigilator decides
        *(({**DEVICES, part: untried}, False) for part in UNTRIED for untried in ({}, {"ok": None}, "ok", None)),
    ],
)
def test_a_device_check_without_a_camera_or_without_having_tried_the_rest_is_none(
    report: dict[str, Any], enters: bool
) -> None:
    """A24.1.1: camera, microphone, sound out and network before the admission."""
    log = Log().published("c").attended().joined("c").ready("c")
    log.take(admission.report_device(log.room, ENTRY, "c", report, 1), ENTRY)
    if not enters:
        with pytest.raises(Refusal, match="not_ready") as refused:
            admission.enter_lobby(log.room, ENTRY, "c")
        assert refused.value.details == {"missing": ["device"]}
        log.take(admission.report_device(log.room, ENTRY, "c", DEVICES, 1), ENTRY)
    log.take(admission.enter_lobby(log.room, ENTRY, "c"), ENTRY)
    assert log.room.sittings["c"].state is State.WAITING
    log.take(admission.report_device(log.room, ENTRY, "c", {"camera": {"ok": True}}, 1), ENTRY)
    assert admission.enter_lobby(log.room, ENTRY, "c").answer is State.WAITING, "who is in stays in"


@pytest.mark.parametrize(
    ("regime", "checked", "missing"),
    [
        ("A", ("eligibility", "camera"), None),
        ("A", ("eligibility",), ["camera"]),
        ("A", (), ["eligibility", "camera"]),
        ("B", ("eligibility", "camera"), ["identity"]),  # B5.5
        ("B", ("eligibility", "camera", "identity"), None),
    ],
)
def test_nobody_takes_part_without_the_checks(regime: str, checked: tuple[str, ...], missing: list[str] | None) -> None:
    log = Log().published("c", regime=regime).attended().waiting("c")
    if missing is None:
        assert admission.admit(log.room, ENTRY, "s", ["c"], checked=checked).answer["admitted"] == ["c"]
        return
    with pytest.raises(Refusal) as refused:
        admission.admit(log.room, ENTRY, "s", ["c"], checked=checked)
    assert refused.value.details == {"candidates": {"c": missing}}


def test_what_is_said_again_is_on_the_log_once() -> None:
    log = Log().published("c").attended().waiting("c")
    assert admission.consent(log.room, ENTRY, "c", "1", "0" * 64).events == ()
    assert admission.accept_rules(log.room, ENTRY, "c", "1", "0" * 64).events == ()
    again = admission.enter_lobby(log.room, ENTRY, "c")
    assert (again.events, again.answer) == ((), State.WAITING)


def test_another_text_is_an_agreement_of_its_own_and_not_without_end() -> None:
    log = Log().published("c").attended().waiting("c")
    for agree in (admission.consent, admission.accept_rules):
        (event,) = log.take(agree(log.room, ENTRY, "c", "2", f"{agree.__name__:>064}"), ENTRY).events
        assert event.version == "2"
        assert agree(log.room, ENTRY, "c", "2", f"{agree.__name__:>064}").events == ()
    for number in range(1, 1 + admission.MOST_AGREEMENTS - len(log.room.sitting("c").agreed_to)):
        log.take(admission.consent(log.room, ENTRY, "c", "3", f"{number:064}"), ENTRY)
    for agree in (admission.consent, admission.accept_rules):
        with pytest.raises(Refusal, match="too_often"):
            agree(log.room, ENTRY, "c", "4", "f" * 64)
    assert admission.consent(log.room, ENTRY, "c", "3", "0" * 64).events == ()  # said again it still is none


def test_nothing_but_face_card_and_camera_is_photographed() -> None:
    log = Log().published("c").attended().joined("c")
    with pytest.raises(Refusal, match="bad_request"):
        admission.may_photograph(log.room, ENTRY, "c", "laptop", "screen")


def test_a_failed_check_has_a_reason_and_keeps_the_candidate_out_until_it_is_made_anew() -> None:
    log = Log().published("c").attended().waiting("c")
    with pytest.raises(Refusal, match="reason_needed"):
        admission.check(log.room, ENTRY, by="s", candidate="c", name="camera", passed=False)
    failed = admission.check(log.room, ENTRY, by="s", candidate="c", name="camera", passed=False, reason="Quá tối")
    log.take(failed, ENTRY)
    with pytest.raises(Refusal, match="checks_missing"):
        admission.admit(log.room, ENTRY, "s", ["c"], checked=("eligibility",))
    stated: Any = {"candidates": ["c"], "checked": ("eligibility", "camera")}
    unawares = admission.admit(log.room, ENTRY, "s2", **stated)  # by a page that did not show what failed
    assert (unawares.events, unawares.answer["overtaken"]["c"]["reason"]) == ((), "Quá tối")
    shown = {"c": log.stands("check_camera", "c")}
    assert admission.admit(log.room, ENTRY, "s2", **stated, replaces=shown).events


def test_a_check_that_is_not_needed_and_failed_keeps_out_too() -> None:
    log = Log().published("c").attended().waiting("c")
    found = {"by": "s", "candidate": "c", "name": "identity", "passed": False, "reason": "Thẻ của người khác"}
    log.take(admission.check(log.room, ENTRY, **found), ENTRY)
    with pytest.raises(Refusal, match="checks_missing"):
        admission.admit(log.room, ENTRY, "s", ["c"], checked=("eligibility", "camera"))


def test_what_speaks_against_an_admission_does_not_go_away_with_another_browser() -> None:
    log = Log().published("c", regime="B").attended().waiting("c")
    found = {"by": "s", "candidate": "c", "name": "identity", "passed": False, "reason": "Không giống ảnh thẻ"}
    log.take(admission.check(log.room, ENTRY, **found), ENTRY)
    log.take(admission.refuse(log.room, ENTRY, by="s", candidate="c", reason="Không đúng người"), ENTRY)
    log.joined("c", device="another").ready("c", device="another")
    log.take(admission.enter_lobby(log.room, ENTRY, "c"), ENTRY)
    assert {name: check.passed for name, check in log.room.sittings["c"].checks.items()} == {"identity": False}
    every: Any = {"candidates": ["c"], "checked": ("eligibility", "camera", "identity")}
    unawares = admission.admit(log.room, ENTRY, "s2", **every)
    assert (unawares.events, unawares.answer["overtaken"]["c"]["reason"]) == ((), "Không đúng người")
    assert admission.admit(log.room, ENTRY, "s2", **every, replaces={"c": log.stands("entry", "c")}).events


def test_who_is_replaced_once_the_room_is_open_keeps_no_candidate_out() -> None:
    log = Log().published("c", "d").attended()
    stand_in = Assigned("v2", "Giám sát dự bị", "supervisor")
    others = [each for each in log.room.staff.values() if each.role != "supervisor"]
    log.take(planning.assign_staff(log.room, ENTRY, (*others, stand_in)), ENTRY)
    with pytest.raises(Refusal, match="waiting_for_invigilator") as refused:
        log.joined("c")
    assert refused.value.details["unmet"] == ["supervisor"]
    log.take(planning.acknowledge(log.room, ENTRY, "v2"), ENTRY)
    log.waiting("c")
    log.take(planning.assign_staff(log.room, ENTRY, (*others, Assigned("v3", "Người nữa", "supervisor"))), ENTRY)
    log.joined("d").joined("c")  # who comes for the first time, and who comes back


@pytest.mark.parametrize(("regime", "stated"), [("A", ("camera",)), ("B", ("camera", "identity"))])
def test_at_another_device_camera_and_person_are_found_anew(regime: Any, stated: tuple[str, ...]) -> None:
    log = Log().published("c", regime=regime).attended().admitted("c").joined("c", device="phone")
    shown: Any = {"replaces": {"c": log.stands("entry", "c")}}
    untried = {part: told for part, told in DEVICES.items() if part != "speaker"}
    for report in (None, {**DEVICES, "camera": {"ok": False}}, untried):
        if report:
            log.take(admission.report_device(log.room, ENTRY, "c", report, 2), ENTRY)
        with pytest.raises(Refusal, match="not_ready") as unchecked:
            admission.admit(log.room, ENTRY, "s", ["c"], checked=stated, **shown)
        assert unchecked.value.details == {"missing": ["device"]}
    log.take(admission.report_device(log.room, ENTRY, "c", DEVICES, 2), ENTRY)
    with pytest.raises(Refusal, match="checks_missing") as refused:
        admission.admit(log.room, ENTRY, "s", ["c"], **shown)
    assert refused.value.details == {"candidates": {"c": list(stated)}}
    log.take(admission.admit(log.room, ENTRY, "s2", ["c"], checked=stated, **shown), ENTRY)
    known = log.room.sittings["c"]
    assert known.device == "phone"
    assert {name for name, made in known.checks.items() if made.by == "s2"} == set(stated)


def test_a_device_check_that_is_taken_back_behind_the_door_is_asked_for_again() -> None:
    """Who came to the lobby with a whole one and tells of less there is not let in by it (A24.1.1)."""
    log = Log().published("c", "d").attended().waiting("c").waiting("d")
    for less in ({"camera": {"ok": False}}, {"network": {}}, {"speaker": {}}):
        log.take(admission.report_device(log.room, ENTRY, "c", {**DEVICES, **less}, 1), ENTRY)
        done = admission.admit(log.room, ENTRY, "s", ["c", "d"], checked=admission.CHECKS)
        assert (done.answer["admitted"], done.answer["not_ready"]) == (["d"], {"c": ["device"]}), less
        with pytest.raises(Refusal, match="not_ready"):
            admission.admit(log.room, ENTRY, "s", ["c"], checked=admission.CHECKS)
    log.take(admission.report_device(log.room, ENTRY, "c", DEVICES, 1), ENTRY)
    assert admission.admit(log.room, ENTRY, "s", ["c"], checked=admission.CHECKS).answer["admitted"] == ["c"]


def test_a_device_without_a_check_keeps_nobody_else_out() -> None:
    log = Log().published("c", "d", "e").attended().admitted("c").waiting("d").joined("c", device="phone")
    shown = {"c": log.stands("entry", "c")}
    done = admission.admit(log.room, ENTRY, "s", ["c", "d"], checked=admission.CHECKS, replaces=shown)
    log.take(done, ENTRY)
    assert (done.answer["admitted"], done.answer["skipped"], done.answer["not_ready"]) == (["d"], [], {"c": ["device"]})
    assert log.room.sittings["c"].device == "laptop" and log.room.sittings["d"].admitted_at
    # What the invigilator did not state is another matter: then nobody is admitted.
    log.waiting("e")
    with pytest.raises(Refusal, match="checks_missing") as refused:
        admission.admit(log.room, ENTRY, "s", ["c", "e"], replaces=shown)
    assert refused.value.details == {"candidates": {"e": ["eligibility", "camera"]}}


def photographed(log: Log, photo: str, subject: str, device: str = "laptop") -> Log:
    taken = admission.take_photo(
        log.room, ENTRY, "c", device, photo=photo, subject=subject, sha256="2" * 64, size=9
    )
    log.take(taken, ENTRY)
    return log


def looked_at(decision: Decision) -> dict[str, tuple[str, ...]]:
    return {event.check: event.photos for event in decision.events if isinstance(event, e.CheckMade)}


def test_a_check_names_the_photographs_that_it_was_made_by() -> None:
    """B5.5, A14.2c.5: the face and the card as they were last taken, and the camera's own view."""
    log = photographed(Log().published("c", regime="B").attended().waiting("c"), "p_still", "camera")
    failed: Any = {"by": "s", "candidate": "c", "passed": False, "reason": "Thẻ mờ"}
    log.take(admission.check(log.room, ENTRY, name="identity", **failed), ENTRY)
    photographed(log, "p_again", "card")
    seen: Any = {"replaces": {"c": log.stands("check_identity", "c")}, "checked": admission.CHECKS}
    admitted = log.take(admission.admit(log.room, ENTRY, "s", ["c"], **seen), ENTRY)
    photos = {"eligibility": (), "camera": ("p_still",), "identity": ("p_face", "p_again")}
    assert looked_at(admitted) == photos
    assert looked_at(admission.check(log.room, ENTRY, name="camera", **failed, replaces=log.stands("check_camera", "c"))
                     ) == {"camera": ("p_still",)}  # fmt: skip

    # At another device its own camera is looked at, and compared with what the first device photographed.
    log.asking("c", ENTRY)
    seen["replaces"] = {"c": log.stands("entry", "c")}
    assert looked_at(admission.admit(log.room, ENTRY, "s", ["c"], **seen)) == {
        "camera": (), "identity": ("p_face", "p_again"),
    }  # fmt: skip
    photographed(log, "p_there", "camera", "phone")
    assert looked_at(admission.admit(log.room, ENTRY, "s", ["c"], **seen)) == {
        "camera": ("p_there",), "identity": ("p_face", "p_again", "p_there"),
    }  # fmt: skip


def test_a_device_that_asks_to_take_over_shows_its_camera_and_leaves_what_it_is_compared_with() -> None:
    log = Log().published("c").attended().admitted("c")
    log.take(admission.ask_again(log.room, ENTRY, by="s", candidate="c", subject="camera", text=""), ENTRY)
    log.joined("c", device="phone")
    before = log.room.sittings["c"]
    for subject in admission.PHOTOS:
        with pytest.raises(Refusal, match="photo_not_asked"):
            admission.may_photograph(log.room, ENTRY, "c", "phone", subject)
    still: Any = {"photo": "p9", "subject": "camera", "sha256": "9" * 64, "size": 9, "brightness": 80.0}
    log.take(admission.take_photo(log.room, ENTRY, "c", "phone", **still), ENTRY)
    log.take(admission.report_device(log.room, ENTRY, "c", FIREFOX, 2), ENTRY)
    asks = log.room.sittings["c"]
    assert (asks.photos, asks.device_report, asks.asked) == (before.photos, before.device_report, before.asked)
    assert asks.pending and asks.pending.still and asks.pending.device_report == FIREFOX
    log.take(admission.admit(log.room, ENTRY, "s", ["c"], checked=admission.CHECKS), ENTRY)
    known = log.room.sittings["c"]
    assert (known.photos, known.device_report) == (
        {**before.photos, "camera": asks.pending.still}, FIREFOX,
    )  # fmt: skip


def test_a_check_is_made_anew_during_the_exam_and_says_so_each_time() -> None:
    """A14.2c.5: the camera may be set again; B5.5: identity is proved during the exam too."""
    log = Log().at_work()
    seen = log.stands("check_camera", "c")
    again = admission.check(log.room, T, by="s", candidate="c", name="camera", passed=True, replaces=seen)
    assert [event.kind for event in log.take(again, T).events] == ["check_made"]
    found = {"by": "s2", "candidate": "c", "name": "camera", "passed": False, "reason": "Camera quay lên trần"}
    worse = admission.check(log.room, T, **found, replaces=log.stands("check_camera", "c"))
    log.take(worse, T)
    assert log.room.sittings["c"].checks["camera"].reason == "Camera quay lên trần"
    assert admission.check(log.room, T, **found).events == ()  # the same person's page did not hear the answer


def test_of_two_who_admit_at_once_the_second_is_told_who_was_skipped() -> None:
    log = Log().published("c").attended().admitted("c")
    second = admission.admit(log.room, ENTRY, "s2", ["c"], checked=admission.CHECKS)
    assert (second.events, second.answer["skipped"]) == ((), ["c"])
    assert second.answer["overtaken"]["c"]["name"] == "Cán bộ coi thi"


def test_a_refused_candidate_is_told_why_sends_no_picture_and_can_still_be_admitted() -> None:
    log = Log().published("c").attended().waiting("c")
    with pytest.raises(Refusal, match="reason_needed"):
        admission.refuse(log.room, ENTRY, by="s", candidate="c", reason=" ")
    log.take(admission.refuse(log.room, ENTRY, by="s", candidate="c", reason="Không đúng người"), ENTRY)
    known = log.room.sittings["c"]
    assert (known.state, known.refused_because) == (State.REFUSED, "Không đúng người")
    with pytest.raises(Refusal, match="not_admitted"):
        admission.may_publish(log.room, ENTRY, "c", known.epoch)
    unaware = admission.admit(log.room, ENTRY, "s2", ["c"], checked=admission.CHECKS)
    assert (unaware.events, unaware.answer["overtaken"]["c"]["act"]) == ((), "refused")
    seen = {"c": log.stands("entry", "c")}
    log.take(admission.admit(log.room, ENTRY, "s", ["c"], checked=admission.CHECKS, replaces=seen), ENTRY)
    assert (log.room.sittings["c"].state, log.room.sittings["c"].refused_because) == (State.ADMITTED, "")


@pytest.mark.parametrize(
    ("at", "limit", "allowed", "late"),
    [
        (T + 15 * MINUTE, 15, False, False),
        (T + 15 * MINUTE + timedelta(microseconds=1), 15, False, True),
        (T + 15 * MINUTE + timedelta(microseconds=1), 15, True, False),
        (T + 80 * MINUTE, None, False, False),
        (T, 0, False, False),
        (T + timedelta(microseconds=1), 0, False, True),
    ],
)
def test_the_limit_for_late_arrivals(at: datetime, limit: int | None, allowed: bool, late: bool) -> None:
    log = Log().published("c", rules=RoomRules(late_minutes=limit)).attended().pass_time(T)
    log.joined("c", at).ready("c", at)
    if allowed:
        log.take(planning.allow_late(log.room, at, "c", "Kẹt xe do lũ"), at)
    came = admission.enter_lobby(log.room, at, "c")
    assert [event.kind for event in came.events] == ["late_refused" if late else "lobby_entered"]
    assert isinstance(came.answer, Refusal) is late


def test_nobody_is_late_before_the_paper_is_out() -> None:
    log = Log().published("c", "d", rules=RoomRules(late_minutes=15)).attended()
    log.take(times.shift(log.room, ENTRY, minutes=60, reason="Mất điện ở trường"), ENTRY)
    log.waiting("c", T + 59 * MINUTE)
    log.pass_time(T + 60 * MINUTE)
    late = T + 75 * MINUTE
    log.joined("d", late).ready("d", late)
    assert admission.enter_lobby(log.room, late, "d").answer is State.WAITING
    refused = admission.enter_lobby(log.room, late + INSTANT, "d")
    assert (refused.answer.code, refused.events) == ("too_late", (e.LateRefused(candidate="d", until=late),))


def test_identity_is_asked_for_again_during_the_exam_and_a_photograph_answers() -> None:
    log = Log().at_work()
    with pytest.raises(Refusal, match="photo_not_asked"):
        admission.may_photograph(log.room, T, "c", "laptop", "face")
    log.take(admission.ask_again(log.room, T, by="s", candidate="c", subject="face", text="Quay lại camera"), T)
    assert log.room.sittings["c"].asked == {"face": "Quay lại camera"}
    taken = admission.take_photo(log.room, T, "c", "laptop", photo="p2", subject="face", sha256="2" * 64, size=9)
    log.take(taken, T)
    assert (log.room.sittings["c"].asked, log.room.sittings["c"].photos["face"].photo) == ({}, "p2")
    with pytest.raises(Refusal, match="readmission_needed"):
        admission.may_photograph(log.room, T, "c", "elsewhere", "face")


def test_what_was_asked_for_again_is_answered_also_while_another_device_asks_to_take_over() -> None:
    log = Log().published("c").attended().admitted("c")
    log.take(admission.ask_again(log.room, ENTRY, by="s", candidate="c", subject="card", text=""), ENTRY)
    log.joined("c", device="phone")
    admission.may_photograph(log.room, ENTRY, "c", "laptop", "card")
    with pytest.raises(Refusal, match="photo_not_asked"):
        admission.may_photograph(log.room, ENTRY, "c", "phone", "card")


@pytest.mark.parametrize("subject", admission.ASKABLE)
def test_who_is_only_expected_is_asked_for_nothing(subject: str) -> None:
    log = Log().published("c").attended().joined("c").ready("c")
    with pytest.raises(Refusal, match="not_waiting"):
        admission.ask_again(log.room, ENTRY, by="s", candidate="c", subject=subject, text="Chụp lại")
    log.take(admission.enter_lobby(log.room, ENTRY, "c"), ENTRY)
    assert admission.ask_again(log.room, ENTRY, by="s", candidate="c", subject=subject, text="Chụp lại").events


def test_nobody_is_checked_before_coming() -> None:
    log = Log().published("c").attended()
    for name in admission.CHECKS:
        with pytest.raises(Refusal, match="not_waiting"):
            admission.check(log.room, ENTRY, by="s", candidate="c", name=name, passed=True)


def test_an_identity_is_found_anew_when_its_photographs_are_taken_anew() -> None:
    log = Log().published("c").attended().waiting("c")
    for name in ("identity", "camera"):
        log.take(admission.check(log.room, ENTRY, by="s", candidate="c", name=name, passed=True), ENTRY)
    log.take(admission.ask_again(log.room, ENTRY, by="s", candidate="c", subject="face", text="Mờ"), ENTRY)
    taken = admission.take_photo(
        log.room, ENTRY, "c", "laptop", photo="p_2", subject="face", sha256="2" * 64, size=9
    )
    log.take(taken, ENTRY)
    assert set(log.room.sittings["c"].checks) == {"camera"}


def test_a_room_in_which_somebody_waits_is_not_left_alone_without_a_word() -> None:
    """A14.2c.8"""
    log = Log().published("c").attended().waiting("c")
    left = presence.leave_staff(log.room, ENTRY, "s")
    assert [event.kind for event in left.events] == ["staff_left", "room_unattended"]


def test_who_comes_to_a_room_that_no_invigilator_is_in_any_more_is_an_alarm_once() -> None:
    """A14.2c.8"""
    log = Log().published("c", "d").attended().joined("c").ready("c").joined("d").ready("d").left("s", ENTRY)
    assert log.room.unattended_since is None  # nobody was there yet
    came = log.take(admission.enter_lobby(log.room, ENTRY + MINUTE, "c"), ENTRY + MINUTE)
    assert [event.kind for event in came.events] == ["lobby_entered", "room_unattended"]
    assert len(admission.enter_lobby(log.room, ENTRY + 2 * MINUTE, "d").events) == 1


def test_who_is_back_before_the_invigilator_after_a_restart_is_an_alarm() -> None:
    """A14.2c.8"""
    log = Log().published("c").attended().admitted("c")
    log.take(presence.restart(log.room, ENTRY + MINUTE, 2, ENTRY), ENTRY + MINUTE)
    back = presence.connect_candidate(log.room, ENTRY + MINUTE, "c", 1)
    assert [event.kind for event in back.events] == ["candidate_connected", "room_unattended"]


def test_a_briefing_names_who_was_there_and_who_comes_later_gets_it_alone() -> None:
    log = Log().published("c", "d").attended().admitted("c")
    held = briefing.hold(log.room, ENTRY, by="s", topic="rules")
    assert held.events[0].present == ("c",)
    log.take(held, ENTRY)
    with pytest.raises(Refusal, match="not_found"):
        briefing.read(log.room, ENTRY, "d", "rules")
    log.admitted("d")
    assert log.room.sittings["d"].briefed == {"rules"}
    log.take(briefing.read(log.room, ENTRY, "d", "rules"), ENTRY)
    assert log.room.sittings["d"].briefings_read == {"rules"}
    told = {one: views.sitting(log.room, known)["briefed_alone"] for one, known in log.room.sittings.items()}
    assert told == {"c": [], "d": ["rules"]}
    assert views.briefings(log.room)["rules"]["times"] == 1
    again = briefing.hold(log.room, ENTRY, by="s", topic="rules", replaces=log.stands("briefing_rules"))
    log.take(again, ENTRY)
    held_again = views.briefings(log.room)["rules"]
    assert (held_again["times"], held_again["present"]) == (2, 2)
    assert views.sitting(log.room, log.room.sittings["d"])["briefed_alone"] == []


def test_who_was_there_at_a_briefing_and_goes_to_another_device_was_there() -> None:
    log = Log().published("c").attended().waiting("c")
    log.take(briefing.hold(log.room, ENTRY, by="s", topic="rules"), ENTRY)
    log.joined("c", device="phone").ready("c", device="phone")
    assert log.room.sittings["c"].briefed == frozenset(), "it is read there again"
    log.take(admission.enter_lobby(log.room, ENTRY, "c"), ENTRY)
    log.take(admission.admit(log.room, ENTRY, "s", ["c"], checked=admission.CHECKS), ENTRY)
    known = log.room.sittings["c"]
    assert (known.briefed, views.sitting(log.room, known)["briefed_alone"]) == ({"rules"}, [])


def test_who_was_admitted_and_away_during_a_briefing_gets_it_alone_on_coming_back() -> None:
    log = Log().published("c", "d").attended().admitted("c", "d")
    log.take(presence.disconnect_candidate(log.room, ENTRY, "c", 1, "closed"), ENTRY)
    log.take(briefing.hold(log.room, ENTRY, by="s", topic="rules"), ENTRY)
    assert log.room.sittings["c"].briefed == frozenset()
    back = presence.connect_candidate(log.room, ENTRY, "c", 1)
    (given,) = [event for event in back.events if event.kind == "briefing_given"]
    assert (given.topic, given.by) == ("rules", "s")
    log.take(back, ENTRY)
    assert log.room.sittings["c"].briefed == {"rules"}
    log.take(presence.disconnect_candidate(log.room, ENTRY, "c", 1, "closed"), ENTRY)
    again = presence.connect_candidate(log.room, ENTRY, "c", 1)
    assert [event.kind for event in again.events] == ["candidate_connected"]


@pytest.mark.parametrize("how", ["given", "acknowledged"])
def test_a_missing_briefing_alarms_until_it_is_given_or_acknowledged(how: str) -> None:
    log = Log().published("c").attended().admitted("c").pass_time(T)
    assert log.room.briefings_missing == ("rules", "submission")
    if how == "given":
        log.take(briefing.hold(log.room, T, by="s", topic="rules"), T)
        assert log.room.briefings_missing == ("submission",)
        log.take(briefing.hold(log.room, T, by="s", topic="submission"), T)
    else:
        (noted,) = log.take(briefing.acknowledge_missing(log.room, T, by="s"), T).events
        assert (noted.by, noted.topics) == ("s", ("rules", "submission"))
        assert briefing.acknowledge_missing(log.room, T, by="s").events == ()
        with pytest.raises(Refusal, match="overtaken"):
            briefing.acknowledge_missing(log.room, T, by="s2")
    assert log.room.briefings_missing == ()


def test_a_missing_briefing_is_an_alarm_and_does_not_hold_the_paper() -> None:
    log = Log().published("c").attended().admitted("c")
    log.take(briefing.hold(log.room, ENTRY, by="s", topic="rules"), ENTRY)
    kinds = {event.kind: event for event in timing.pass_time(log.room, T).events}
    assert kinds["briefings_missing"].topics == ("submission",)
    assert "paper_released" in kinds


def test_hands_and_words_reach_staff_and_an_answer_names_its_question() -> None:
    log = Log().at_work()
    log.take(conduct.raise_hand(log.room, T, "c"), T)
    assert conduct.raise_hand(log.room, T, "c").events == ()
    log.take(conduct.lower_hand(log.room, T, "c", by="s"), T)
    assert log.room.sittings["c"].hand_raised_at is None
    log.take(conduct.write(log.room, T, candidate="c", message="m1", text="Đề mờ quá"), T)
    with pytest.raises(Refusal, match="not_found"):
        conduct.send_message(log.room, T, by="s", message="m2", to=("c",), text="Sẽ gửi lại", answers="m9")
    log.take(conduct.send_message(log.room, T, by="s", message="m2", to=("c",), text="Sẽ gửi lại", answers="m1"), T)
    assert [sent.answers for sent in log.room.messages] == ["", "m1"]


def test_an_answer_goes_to_whoever_asked() -> None:
    log = Log().published("c", "d").attended().admitted("c", "d")
    log.take(conduct.write(log.room, ENTRY, candidate="c", message="m1", text="Đề mờ quá"), ENTRY)
    said: Any = {"by": "s", "message": "m2", "text": "Sẽ gửi lại", "answers": "m1"}
    with pytest.raises(Refusal, match="not_found"):
        conduct.send_message(log.room, ENTRY, to=("d",), **said)
    for to in (("c",), ("c", "d"), ()):
        assert conduct.send_message(log.room, ENTRY, to=to, **said).events


def test_who_was_not_let_in_yet_may_write_too_and_raises_no_hand() -> None:
    log = Log().published("c").attended()
    log.take(conduct.write(log.room, T, candidate="c", message="m1", text="Camera không lên"), T)
    assert [sent.text for sent in log.room.messages] == ["Camera không lên"]
    with pytest.raises(Refusal, match="not_admitted"):
        conduct.raise_hand(log.room, T, "c")


@pytest.mark.parametrize(
    ("form", "microphone", "refused"),
    [
        (Form.WRITTEN, {"ok": True}, None),
        (Form.WRITTEN, {"ok": False, "cause": "not_found"}, None),
        (Form.ORAL, {"ok": True}, None),
        (Form.ORAL, {"ok": False, "cause": "not_found"}, "microphone_needed"),
        (Form.ORAL, {}, "not_ready"),  # nobody tried it
    ],
)
def test_only_an_oral_exam_refuses_who_has_no_microphone(
    form: Form, microphone: dict[str, object], refused: str | None
) -> None:  # X46
    log = Log().published("c").attended().joined("c").ready("c")
    report = {**DEVICES, "microphone": microphone}
    log.take(admission.report_device(log.room, ENTRY, "c", report, 1), ENTRY)
    room = replace(log.room, form=form)
    if refused is None:
        assert admission.enter_lobby(room, ENTRY, "c").answer is State.WAITING
        return
    with pytest.raises(Refusal, match=refused):
        admission.enter_lobby(room, ENTRY, "c")
