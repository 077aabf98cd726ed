"""What an exam needs before it may be published (A4, A14.1, A14.2b, A16.1, B22.2, B22.4)."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from proctor import views
from proctor.exam import events as e
from proctor.exam import staffing
from proctor.exam.basis import Basis, Ground, Programme, allowed_online
from proctor.exam.decisions import planning, presence
from proctor.exam.permissions import Role
from proctor.exam.plan import Form, PaperState, Plan, RoomRules, decided, publication
from proctor.exam.room import Assigned, Decision
from proctor.regulation.decision import DecisionRef
from proctor.regulation.refusal import Refusal
from tests.exam.rooms import EARLY, ENTRY, MINUTE, STAFF, Log, T

DAY = date(2026, 11, 23)
SIGNED = DecisionRef("12/QĐ", DAY, "Hiệu trưởng")
LATE = replace(SIGNED, signed_on=DAY + timedelta(days=1))
GROUND = Basis(Ground.NATURAL_DISASTER, "Bão số 9")
TRAINING = replace(GROUND, party_consent=SIGNED, academy_consent=SIGNED)
REFRESHER = replace(GROUND, direction=SIGNED, refresher_requirement_met=True)
REGIME_B = replace(GROUND, ministry_guidance=SIGNED)
TR, RE = Programme.TRAINING, Programme.REFRESHER


@pytest.mark.parametrize(
    ("regime", "programme", "basis", "unmet"),
    [
        ("A", TR, TRAINING, ()),
        ("A", TR, replace(TRAINING, ground=None), ("ground",)),
        ("A", TR, replace(TRAINING, description="  "), ("ground_description",)),
        ("A", TR, replace(TRAINING, since=DAY + timedelta(days=1)), ("ground_period",)),
        ("A", TR, replace(TRAINING, since=DAY, until=DAY), ()),
        ("A", TR, replace(TRAINING, until=DAY - timedelta(days=1)), ("ground_period",)),
        ("A", TR, replace(TRAINING, party_consent=None), ("party_consent",)),
        ("A", TR, replace(TRAINING, academy_consent=None), ("academy_consent",)),
        ("A", TR, replace(TRAINING, party_consent=LATE), ("party_consent_date",)),  # dated no later than the first day
        ("A", TR, replace(TRAINING, academy_consent=LATE), ("academy_consent_date",)),
        ("A", TR, REFRESHER, ("party_consent", "academy_consent")),
        ("A", RE, REFRESHER, ()),
        ("A", RE, replace(REFRESHER, direction=None), ("direction",)),
        ("A", RE, replace(REFRESHER, refresher_requirement_met=False), ("refresher_requirement",)),
        ("B", TR, REGIME_B, ()),
        ("B", TR, TRAINING, ("ministry_guidance",)),  # nothing of A counts in B
        ("B", TR, replace(REGIME_B, ministry_guidance=LATE), ("ministry_guidance_date",)),
    ],
)
def test_grounds_and_consents(regime, programme: Programme, basis: Basis, unmet: tuple[str, ...]) -> None:
    ruling = allowed_online(regime, programme, basis, DAY)
    assert ruling.unmet == unmet
    assert all(each.regime == regime for each in ruling.citations)


WHOLE = Plan(regime="A", form_decision=SIGNED, conditions=SIGNED, basis=TRAINING)


@pytest.mark.parametrize(
    ("plan", "unmet"),
    [
        (WHOLE, ()),
        (replace(WHOLE, basis=Basis()), ("ground", "ground_description", "party_consent", "academy_consent")),
        (replace(WHOLE, basis=replace(TRAINING, academy_consent=LATE)), ("academy_consent_date",)),
        (replace(WHOLE, form_decision=None), ("form_decision",)),
        (replace(WHOLE, conditions=None), ("conditions",)),
        (replace(WHOLE, conditions=replace(SIGNED, number=" ")), ("conditions",)),  # as records of earlier days hold it
        (replace(WHOLE, form_decision=replace(SIGNED, signer="")), ("form_decision",)),
        (replace(WHOLE, form_decision=replace(SIGNED, signed_on=date(1989, 12, 31))), ("form_decision",)),
        (replace(WHOLE, form_decision=replace(SIGNED, signed_on=date(1990, 1, 1))), ()),
        (replace(WHOLE, form=Form.ORAL), ("form_not_held",)),
        (replace(WHOLE, rules=RoomRules(upload_grace_minutes=5)), ("grace_decision",)),
        (replace(WHOLE, rules=RoomRules(upload_grace_minutes=5), grace_decision=SIGNED), ()),
    ],
)
def test_what_others_decide(plan: Plan, unmet: tuple[str, ...]) -> None:
    assert decided(plan, DAY, DAY).unmet == unmet


@pytest.mark.parametrize(
    ("decision", "wrong"),
    [
        (replace(SIGNED, digest="a" * 64), None),
        (replace(SIGNED, number=" "), "number"),
        (replace(SIGNED, signer=""), "signer"),
        (replace(SIGNED, signed_on=date(202, 1, 1)), "signed_on"),
        (replace(SIGNED, signed_on=date(1989, 12, 31)), "signed_on"),
        (replace(SIGNED, signed_on=date(1990, 1, 1)), None),
        (replace(SIGNED, signed_on=DAY + timedelta(days=1)), None),
        (replace(SIGNED, signed_on=DAY + timedelta(days=2)), "signed_on"),
        (replace(SIGNED, digest="A" * 64), "digest"),
        (replace(SIGNED, digest=hashlib.sha256(b"").hexdigest()), "empty_copy"),
    ],
)
def test_a_decision_that_nobody_can_have_meant_is_not_entered_and_told_by_its_place(
    decision: DecisionRef, wrong: str | None
) -> None:
    for name in ("form_decision", "conditions", "grace_decision"):
        assert replace(WHOLE, **{name: decision}).wrong(DAY) == (wrong and f"{name}.{wrong}")  # type: ignore[arg-type]
    for name in ("party_consent", "academy_consent", "direction", "ministry_guidance"):
        plan = replace(WHOLE, basis=replace(TRAINING, **{name: decision}))  # type: ignore[arg-type]
        assert plan.wrong(DAY) == (wrong and f"basis.{name}.{wrong}")
    copied = replace(WHOLE, conditions=decision).copied(DAY)  # and it keeps nobody from planning after that exam
    assert copied == replace(WHOLE, conditions=None if wrong else decision, basis=Basis())


@pytest.mark.parametrize("name", ["since", "until"])
def test_a_period_of_another_millennium_is_not_entered(name: str) -> None:
    for day, wrong in ((date(202, 1, 1), f"basis.{name}"), (date(1990, 1, 1), None)):
        plan = replace(WHOLE, basis=replace(TRAINING, **{name: day}))  # type: ignore[arg-type]
        assert plan.wrong(DAY) == wrong


@pytest.mark.parametrize("name", ["form_decision", "conditions", "grace_decision"])
@pytest.mark.parametrize(("needed", "first_day", "today"), [("publication", 5, 0), ("exam", 0, 5), ("both", 0, 0)])
@pytest.mark.parametrize(("signed", "late"), [(-1, False), (0, False), (1, True)])
def test_a_decision_is_signed_by_the_day_it_is_needed(
    name: str, needed: str, first_day: int, today: int, signed: int, late: bool
) -> None:
    dated = replace(SIGNED, signed_on=DAY + timedelta(days=signed))
    plan = replace(WHOLE, rules=RoomRules(upload_grace_minutes=5), grace_decision=SIGNED)
    plan = replace(plan, **{name: dated})  # type: ignore[arg-type]
    ruling = decided(plan, DAY + timedelta(days=first_day), DAY + timedelta(days=today))
    assert ruling.unmet == ((f"{name}_date",) if late else ()), needed


@pytest.mark.parametrize(
    ("regime", "unit", "loaded", "confirmed", "unmet"),
    [
        ("A", "", False, False, ("paper",)), ("A", "", True, False, ()),
        ("B", "Khoa", True, False, ("paper_confirmation",)), ("B", "Khoa", True, True, ()),
        ("B", "Khoa", False, False, ("paper",)), ("B", "", True, True, ("unit",)), ("B", " ", True, True, ("unit",)),
    ],
)  # fmt: skip
def test_the_paper_of_regime_b_is_confirmed_by_the_head_of_the_unit(regime, unit, loaded, confirmed, unmet) -> None:
    plan = replace(WHOLE, regime=regime, unit=unit, basis=TRAINING if regime == "A" else REGIME_B)
    ready = staffing.setup(1, STAFF, supported=True, regime="A")
    ruling, lacking = publication(plan, DAY, DAY, PaperState(loaded, confirmed), [("r", ready)])
    assert (ruling.unmet, lacking) == (unmet, {})


@pytest.mark.parametrize(
    ("entered", "has", "same"),
    [("Khoa Luật", " khoa  LUẬT", True), ("Khoa Luật", "Khoa", False), ("Khoa Luật", "", False), (" ", "", False)],
)
def test_a_unit_is_known_by_its_name_and_an_account_without_one_sets_no_paper(entered, has, same) -> None:
    assert Plan(regime="B", unit=entered).is_set_by(has) is same


@pytest.mark.parametrize("gone", ["invigilator", "supervisor", "tech_support"])
def test_a_room_needs_one_of_each(gone: str) -> None:
    rest = [person for person in STAFF if person.role != gone]
    lacking = staffing.setup(1, rest, supported=True, regime="A")
    assert lacking.unmet == (gone,)
    assert publication(WHOLE, DAY, DAY, PaperState(True, False), [("r", lacking)])[1] == {"r": (gone,)}


def test_a_room_needs_the_it_unit_and_somebody_to_examine() -> None:
    assert staffing.setup(0, STAFF, supported=False, regime="A").unmet == ("it_unit", "candidates")
    assert publication(WHOLE, DAY, DAY, PaperState(True, False), [])[0].unmet == ("rooms",)


def test_nobody_enters_the_room_of_a_draft() -> None:
    log = Log()
    log.take(planning.assign_staff(log.room, EARLY, STAFF), EARLY)
    with pytest.raises(Refusal, match="not_published"):
        presence.enter_staff(log.room, ENTRY, "s", Role.INVIGILATOR)
    with pytest.raises(Refusal, match="not_publishable"):
        planning.publish(log.room, EARLY, Plan(regime="A"))


def set_up(regime: Any, confirmed: str = "") -> Log:
    """A room that lacks nothing but its publication and, in regime B, the confirmation of its paper."""
    log = Log()
    log.take(planning.enroll(log.room, EARLY, [("c", "001", "An")], regime=regime), EARLY)
    log.take(planning.assign_staff(log.room, EARLY, STAFF), EARLY)
    log.take(planning.support_room(log.room, EARLY), EARLY)
    log.take(planning.load_paper(log.room, EARLY, "0" * 64, 1), EARLY)
    if confirmed:
        log.take(planning.confirm_paper(log.room, EARLY, confirmed), EARLY)
    return log


@pytest.mark.parametrize(
    ("regime", "confirmed", "lacking"),
    [("A", "", []), ("B", "", ["paper_confirmation"]), ("B", "1" * 64, ["paper_confirmation"]), ("B", "0" * 64, [])],
)
def test_a_room_of_regime_b_is_published_with_the_paper_that_was_confirmed(
    regime: Any, confirmed: str, lacking: list[str]
) -> None:
    log = set_up(regime, confirmed)
    if lacking:
        with pytest.raises(Refusal) as refused:
            planning.publish(log.room, EARLY, Plan(regime=regime))
        assert refused.value.details["unmet"] == lacking
    else:
        assert planning.publish(log.room, EARLY, Plan(regime=regime)).events


def test_a_room_without_a_paper_is_not_published() -> None:
    room = replace(set_up("A").room, paper=None)
    with pytest.raises(Refusal) as refused:
        planning.publish(room, EARLY, Plan(regime="A"))
    assert refused.value.details["unmet"] == ["paper"]


def test_a_published_room_of_regime_b_takes_no_other_paper() -> None:
    log = Log().published("c", regime="B")
    with pytest.raises(Refusal, match="paper_published"):
        planning.load_paper(log.room, EARLY, "1" * 64, 1)
    log.take(planning.withdraw(log.room, EARLY, "Thay đề"), EARLY)
    log.take(planning.load_paper(log.room, EARLY, "1" * 64, 1), EARLY)
    with pytest.raises(Refusal, match="not_publishable"):
        planning.publish(log.room, EARLY, Plan(regime="B"))


def test_no_paper_of_regime_b_goes_out_unconfirmed_however_the_room_came_by_it() -> None:
    log = Log().published("c", regime="B").attended()
    log.take(Decision((e.PaperLoaded(sha256="1" * 64, bytes=1),)), ENTRY)
    log.pass_time(T)
    assert log.room.released_at is None
    released = planning.confirm_paper(log.room, T + MINUTE, "1" * 64)
    assert [event.kind for event in released.events][:2] == ["paper_confirmed", "paper_released"]


@pytest.mark.parametrize("role", [Role.INVIGILATOR, Role.SUPERVISOR, Role.TECH_SUPPORT, Role.INSPECTOR])
def test_the_gate_of_staff_opens_thirty_minutes_early_to_the_instant(role: Role) -> None:
    log = Log().published("c")
    person = {"invigilator": "s", "supervisor": "p", "tech_support": "k", "inspector": "i"}[role]
    gate = T - 30 * MINUTE
    with pytest.raises(Refusal, match="gate_closed"):
        presence.enter_staff(log.room, gate - timedelta(microseconds=1), person, role)
    entered = presence.enter_staff(log.room, gate, person, role).events[-1]
    assert (entered.kind, entered.minutes_before_start) == ("staff_entered", 30)
    late = presence.enter_staff(log.room, T + MINUTE, person, role).events
    assert late[0].minutes_before_start == -1  # reported, not refused


def test_the_first_time_that_somebody_came_is_kept_for_those_who_oversee() -> None:
    log = Log().published("c")
    for minutes, act in ((-29, "enter"), (-20, "leave"), (2, "enter")):
        now = T + minutes * MINUTE
        if act == "enter":
            log.take(presence.enter_staff(log.room, now, "s", Role.INVIGILATOR), now)
        else:
            log.left("s", now)
    log.take(presence.enter_staff(log.room, T + MINUTE / 2, "p", Role.SUPERVISOR), T)
    told = {each["subject"]: each["first_entry"] for each in views.staff(log.room)}
    assert told == {
        "s": {"at": views.moment(T - 29 * MINUTE), "minutes_before_start": 29},
        "s2": None,
        "p": {"at": views.moment(T), "minutes_before_start": -1},
        "k": None,
    }


def test_candidates_wait_until_every_role_has_taken_its_assignment_and_entering_takes_it() -> None:
    log = Log()
    log.take(planning.enroll(log.room, EARLY, [("c", "001", "An")], regime="A"), EARLY)
    for decision in (
        planning.assign_staff(log.room, EARLY, STAFF), planning.support_room(log.room, EARLY),
        planning.load_paper(log.room, EARLY, "0" * 64, 1),
    ):  # fmt: skip
        log.take(decision, EARLY)
    log.take(planning.publish(log.room, EARLY, Plan(regime="A")), EARLY)
    log.attended()
    with pytest.raises(Refusal) as refused:
        presence.join_candidate(log.room, ENTRY, "c", "laptop")
    assert refused.value.details["unmet"] == ["supervisor", "tech_support"]
    log.take(presence.enter_staff(log.room, ENTRY, "p", Role.SUPERVISOR), ENTRY)
    log.take(planning.acknowledge(log.room, ENTRY, "k"), ENTRY)
    log.joined("c")


def test_a_publication_is_withdrawn_until_the_room_is_open() -> None:
    log = Log().published("c")
    with pytest.raises(Refusal, match="room_open"):
        planning.withdraw(log.room, T - 30 * MINUTE, "nhầm")
    log.take(planning.withdraw(log.room, EARLY, "nhầm"), EARLY)
    assert not log.room.published


def test_once_published_a_room_keeps_one_of_each_and_a_stand_in_can_be_added() -> None:
    log = Log().published("c")
    with pytest.raises(Refusal, match="staff_needed"):
        planning.assign_staff(log.room, EARLY, STAFF[:1])
    more = (*STAFF, Assigned("s3", "Dự bị", "invigilator"))
    assert [event.kind for event in planning.assign_staff(log.room, T, more).events] == ["staff_assigned"]
    with pytest.raises(Refusal, match="not_assignable"):
        planning.assign_staff(log.room, T, (*STAFF, Assigned("o", "Phòng Đào tạo", "training_office")))
