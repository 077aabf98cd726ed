"""From the device check to the seat: report, consent, rules, photographs, lobby, the checks and the admission."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime
from typing import Any

from proctor.exam import entry
from proctor.exam import events as e
from proctor.exam.acts import Act
from proctor.exam.articles import cited
from proctor.exam.decisions.conditions import (
    done_before,
    iso,
    not_ended,
    not_let_in,
    overtaking,
)
from proctor.exam.decisions.papers import key_delivered
from proctor.exam.decisions.presence import unattended
from proctor.exam.plan import Form
from proctor.exam.room import Decision, Room, apply
from proctor.exam.sitting import IDENTIFYING, Photo, Sitting, State, devices_checked, has_microphone
from proctor.regulation.refusal import Refusal

PHOTOS = IDENTIFYING  # needed before the lobby
CHECKS = ("eligibility", "camera", "identity")
LOOKED_AT = {"camera": ("camera",), "identity": PHOTOS}  # by which photographs what is checked
ASKABLE = ("face", "card", "camera", "device")
MAX_PHOTO_BYTES = 3_000_000
MOST_PHOTOS = 100  # of one candidate
MOST_REPORTS = 200
MOST_AGREEMENTS = 20


def report_device(room: Room, now: datetime, candidate: str, report: dict[str, Any], epoch: int) -> Decision:
    """Keep the outcome of the device check (A24.1.1) that the page of `epoch` made.

    Raises Refusal `too_often` past what anybody needs, so that no page fills the log.
    """
    not_ended(room, now)
    if room.sitting(candidate).device_reports >= MOST_REPORTS:
        raise Refusal("too_often")
    return Decision((e.DeviceReported(candidate=candidate, report=report, epoch=epoch),))


def consent(room: Room, now: datetime, candidate: str, version: str, text_sha256: str) -> Decision:
    """Keep the candidate's agreement to that text; saying it again changes nothing. Raises Refusal `too_often`."""
    not_ended(room, now)
    if _agreed(room, candidate, ("consent", text_sha256)):
        return Decision()
    return Decision((e.Consented(candidate=candidate, version=version, text_sha256=text_sha256),))


def accept_rules(room: Room, now: datetime, candidate: str, version: str, text_sha256: str) -> Decision:
    """Keep that the candidate accepted that text of the rules (A24.2), as `consent` does."""
    not_ended(room, now)
    if _agreed(room, candidate, ("rules", text_sha256)):
        return Decision()
    return Decision((e.RulesAccepted(candidate=candidate, version=version, text_sha256=text_sha256),))


def _agreed(room: Room, candidate: str, text: tuple[str, str]) -> bool:
    """Whether the candidate agreed to that text before. Another wording, or language, is an agreement of its own; how
    many there are is bounded, so that no page fills the log."""
    agreed = room.sitting(candidate).agreed_to
    if text not in agreed and len(agreed) >= MOST_AGREEMENTS:
        raise Refusal("too_often")
    return text in agreed


def may_photograph(room: Room, now: datetime, candidate: str, device: str, subject: str) -> None:
    """Refuse a photograph of something else, from another device, one that nobody asked for any more, or one more than
    anybody needs, so that nobody fills the disk.

    A device that asks to take over shows its camera alone: who sits there is compared with the face and the card that
    the first device photographed (B5.5).
    """
    not_ended(room, now)
    if subject not in (*PHOTOS, "camera"):
        raise Refusal("bad_request", field="subject")
    known = room.sitting(candidate)
    if device not in (known.device, known.pending.device if known.pending else None):
        raise Refusal("readmission_needed")
    asks = known.pending is not None and device == known.pending.device
    if subject != "camera" if asks else known.admitted_at and subject not in known.asked:
        raise Refusal("photo_not_asked")
    if len(known.photographs) >= MOST_PHOTOS:
        raise Refusal("too_often")


def take_photo(
    room: Room,
    now: datetime,
    candidate: str,
    device: str,
    *,
    photo: str,
    subject: str,
    sha256: str,
    size: int,
    brightness: float = 0.0,
    sharpness: float = 0.0,
) -> Decision:
    """Keep a photograph of the face or the card (B5.5), or what the camera showed at the device check (A24.1.1)."""
    may_photograph(room, now, candidate, device, subject)
    taken = e.PhotoTaken(
        candidate=candidate, photo=photo, subject=subject, sha256=sha256, bytes=size, brightness=brightness,
        sharpness=sharpness, device=device,
    )  # fmt: skip
    return Decision((taken,))


def enter_lobby(room: Room, now: datetime, candidate: str) -> Decision:
    """The candidate waits for admission, after device check, consent, rules and photographs.

    A check that found no camera, or did not try microphone, loudspeaker and network, is not done (A24.1.1). The
    microphone keeps out of an oral exam only (X46); of the rest the invigilator is told what failed, and decides.
    Who first comes after the exam's limit for late arrivals is answered with `too_late`, and that is on the log.
    """
    not_ended(room, now)
    known = room.sitting(candidate)
    if known.state is not State.EXPECTED:
        return Decision(answer=known.state)
    missing = [
        name
        for name, done in (
            ("device", devices_checked(known.device_report)),
            ("consent", known.consented_at),
            ("rules", known.rules_accepted_at),
            *((subject, known.photos.get(subject)) for subject in PHOTOS),
        )
        if not done
    ]
    if missing:
        raise Refusal("not_ready", missing=missing)
    _heard_where_it_matters(room, known)
    late = entry.late_arrival(
        now, released_at=room.released_at, limit_minutes=room.rules.late_minutes, lobby_at=known.lobby_at,
        allowed=known.late_allowed, regime=room.regime,
    )  # fmt: skip
    if not late.met:
        until = late.values["until"]
        refused = e.LateRefused(candidate=candidate, until=until)
        return not_let_in(room, now, refused, Refusal("too_late", until=iso(until)))
    entered = e.LobbyEntered(candidate=candidate)
    return Decision((entered, *unattended(apply(room, entered, now), now)), State.WAITING)


def _heard_where_it_matters(room: Room, known: Sitting) -> None:
    """Refuse a candidate without a microphone in an oral exam, and in no other (A24.1.1, reading X46)."""
    if room.form is Form.ORAL and not has_microphone(known.device_report):
        raise Refusal("microphone_needed", citation=cited(room.regime, "A24.1.1"))


def may_publish(room: Room, now: datetime, candidate: str, epoch: int) -> None:
    """Refuse picture and sound of a page that is not the active one, or before the lobby."""
    not_ended(room, now)
    known = room.sitting(candidate)
    if known.state in (State.EXPECTED, State.REFUSED):
        raise Refusal("not_admitted")
    if epoch not in (known.epoch, known.pending.epoch if known.pending else None):
        raise Refusal("superseded")


def check(
    room: Room,
    now: datetime,
    *,
    by: str,
    candidate: str,
    name: str,
    passed: bool,
    reason: str = "",
    replaces: int = 0,
) -> Decision:
    """Record what an invigilator found (A14.2c.2, A14.2c.5, B5.5), before the admission or anew during the exam. What
    failed needs a reason.

    `replaces` is the number of the finding that the page shows; the second of two is refused as `overtaken`.
    """
    not_ended(room, now)
    known = room.sitting(candidate)
    if name not in CHECKS:
        raise Refusal("bad_request", field="check")
    if known.state is State.EXPECTED:  # nobody has been seen, and nothing photographed
        raise Refusal("not_waiting")
    if not passed and not reason.strip():
        raise Refusal("reason_needed")
    standing = known.acts.get(f"check_{name}") if name in known.checks else None
    act = "passed" if passed else "failed"
    if done_before(room, standing, by=by, act=act, replaces=replaces, reason=reason):
        return Decision(answer={"by": by})
    made = e.CheckMade(
        candidate=candidate, check=name, passed=passed, by=by, reason=reason, photos=_looked_at(name, known.photos)
    )
    return Decision((made,), {"by": by})


def _looked_at(check: str, photos: Mapping[str, Photo]) -> tuple[str, ...]:
    """The newest photographs, which staff's pages show, that a check is made by."""
    return tuple(photos[subject].photo for subject in LOOKED_AT.get(check, ()) if subject in photos)


def _looked_at_elsewhere(check: str, known: Sitting) -> tuple[str, ...]:
    """As `_looked_at`, at a device that asks to take over: its camera, and for who sits there the face and the card
    that the first device photographed (B5.5)."""
    still = known.pending.still if known.pending else None
    compared = _looked_at(check, known.photos) if check == "identity" else ()
    return (*compared, still.photo) if still and check in LOOKED_AT else compared


def ask_again(
    room: Room, now: datetime, *, by: str, candidate: str, subject: str, text: str, replaces: int = 0
) -> Decision:
    """Ask for a photograph, the camera's view or the device check anew, before or during the exam (B5.5).

    While it was asked and not answered, `replaces` names that asking; the second of two is refused as `overtaken`.
    """
    not_ended(room, now)
    known = room.sitting(candidate)
    if subject not in ASKABLE:
        raise Refusal("bad_request", field="subject")
    if known.state is State.EXPECTED:
        raise Refusal("not_waiting")
    standing = known.acts.get(f"asked_{subject}") if subject in known.asked else None
    if done_before(room, standing, by=by, act="asked", replaces=replaces, reason=text):
        return Decision()
    return Decision((e.AskedAgain(candidate=candidate, subject=subject, text=text, by=by),))


def refuse(
    room: Room, now: datetime, *, by: str, candidate: str, reason: str, replaces: int = 0
) -> Decision:
    """Refuse a waiting candidate, with a reason (A14.2c.2). Admitting later lifts it.

    `replaces` names an earlier refusal that stands, to give another reason. Raises Refusal `overtaken` for the second
    of two, whether the first refused or admitted.
    """
    not_ended(room, now)
    known = room.sitting(candidate)
    if not reason.strip():
        raise Refusal("reason_needed")
    settled = known.state not in (State.EXPECTED, State.WAITING)
    standing = known.acts.get("entry") if settled else None
    if done_before(room, standing, by=by, act="refused", replaces=replaces, reason=reason):
        return Decision()
    if known.state not in (State.WAITING, State.REFUSED):
        raise Refusal("not_waiting")
    return Decision((e.EntryRefused(candidate=candidate, reason=reason, by=by),))


def decline(
    room: Room, now: datetime, *, by: str, candidate: str, epoch: int, reason: str, replaces: int = 0
) -> Decision:
    """Do not let the device take over that asks, with a reason; the sitting goes on at its own device (A14.2c.5, B5.5).

    Possible as long as a device may ask. `epoch` is that of the page whose face the invigilator saw: one that came
    since is not declined for it. The device may ask again; admitting it then lifts this. `replaces` names the newest
    decision on the entry that the page showed, for of two invigilators who admit and decline the first wins.

    Raises Refusal `not_asking` when that page does not ask any more, and `overtaken` when somebody decided before.
    """
    not_ended(room, now)
    known = room.sitting(candidate)
    if not reason.strip():
        raise Refusal("reason_needed")
    standing = known.acts.get("entry")
    if done_before(room, standing, by=by, act="declined", replaces=replaces, reason=reason):
        return Decision()
    if known.pending is None or known.pending.epoch != epoch:
        raise Refusal("not_asking")
    declined = e.DeviceDeclined(
        candidate=candidate, device=known.pending.device, epoch=epoch, reason=reason, by=by
    )
    return Decision((declined,))


def checks_needed(room: Room) -> tuple[str, ...]:
    """What has to be found in order before a candidate takes part. Regime B asks for identity too (B5.5)."""
    return CHECKS if room.regime == "B" else ("eligibility", "camera")


def _lifted(known: Sitting, checked: Collection[str]) -> Act | None:
    """The newest decision that an admission with these checks would lift: a refusal, also of another device, or a check
    that failed."""
    entry_act = known.acts.get("entry")
    against = known.refused_because or (entry_act is not None and entry_act.act == "declined")
    lifted = [entry_act] if against and entry_act else []  # also of who came again at another device
    lifted += [
        known.acts[f"check_{name}"] for name in checked if name in known.checks and not known.checks[name].passed
    ]
    return max(lifted, key=lambda act: act.seq, default=None)


def may_admit(room: Room, now: datetime) -> None:
    """Refuse admissions where no exam is held, or not any more. After the last deadline somebody admitted before may
    still come back at another device, for receipt and lists."""
    not_ended(room, now)
    if room.called_off:
        raise Refusal("called_off")


def has_time(room: Room, now: datetime, known: Sitting) -> bool:
    """Whether somebody who was not admitted yet could still work: who could not would stand on the list of those who
    handed nothing in (A14.2dd.1), for having been let in. Of a held room this goes for those of whom the office decides
    alone; the others may be given time by that decision, and are admitted then."""
    return now <= room.deadline(known) or room.holds(known)


def admit(
    room: Room,
    now: datetime,
    by: str,
    candidates: Iterable[str],
    seen: Mapping[str, int] | None = None,
    checked: Collection[str] = (),
    replaces: Mapping[str, int] | None = None,
) -> Decision:
    """Admit those who wait; who does not wait any more is skipped, the first of two invigilators wins. The answer
    tells who did what with those who were skipped, as far as it was a person's act.

    `seen` tells the connection epoch of the page whose face the invigilator saw; a page that came since is not
    admitted. `checked` are the checks that the invigilator states with this act for all of them; together with those
    made before they have to be all that is needed, and none failed. At another device only the eligibility stands:
    its camera, and who sits there, are found anew (A14.2c.5, B5.5). `replaces` tells by candidate the number of the
    newest decision that the page showed: a refusal or a failed check that came later is not lifted unawares, nor is
    it that a device was declined.

    A device whose device check is not whole by now (A24.1.1), as of a page that told of less since it came to the
    lobby, or of one that asks to take over, is not ready: of several the others are admitted, and the answer tells in
    `not_ready` what each of these lacks.

    Raises Refusal `called_off`; `work_over` for somebody who was never admitted and has no time left, `room_held` while
    the office may yet give some; `not_ready` where that one alone was named; and `checks_missing` with the missing ones
    by candidate; then nobody is admitted.
    """
    may_admit(room, now)
    if set(checked) - set(CHECKS):
        raise Refusal("bad_request", field="checks")
    events: list[e.Event] = []
    admitted, skipped = [], []
    overtaken: dict[str, dict[str, str]] = {}
    missing: dict[str, list[str]] = {}
    not_ready: dict[str, list[str]] = {}
    named = list(dict.fromkeys(candidates))
    for candidate in named:
        if candidate in room.moved_out:  # by the office, while the invigilator looked
            skipped.append(candidate)
            continue
        known = room.sitting(candidate)
        if known.state in (State.WAITING, State.REFUSED) and known.device:
            if not has_time(room, now, known):
                if room.hold is not None:
                    raise Refusal("room_held")
                raise Refusal("work_over", submit_by=iso(room.deadline(known)))
            device, epoch = known.device, known.epoch
        elif known.asking:
            device, epoch = known.asking.device, known.asking.epoch
        else:
            skipped.append(candidate)
            if entry_act := known.acts.get("entry"):
                overtaken[candidate] = overtaking(room, entry_act)
            continue
        lifted = _lifted(known, checked)
        if lifted is not None and lifted.seq > (replaces or {}).get(candidate, 0):
            skipped.append(candidate)
            overtaken[candidate] = overtaking(room, lifted)
            continue
        if (seen or {}).get(candidate, epoch) != epoch:
            skipped.append(candidate)
            continue
        there = known if device == known.device else known.asking
        if there is None or not devices_checked(there.device_report):
            not_ready[candidate] = ["device"]
            continue
        failed = {name for name, made in known.checks.items() if not made.passed}
        here = ("eligibility",) if device != known.device else CHECKS
        standing = {name for name in here if name in known.checks} - failed
        needed = failed.union(checks_needed(room)) - standing
        if lacking := [name for name in CHECKS if name in needed and name not in checked]:
            missing[candidate] = lacking
            continue
        events += [
            e.CheckMade(
                candidate=candidate, check=name, passed=True, by=by,
                photos=_looked_at(name, known.photos) if device == known.device else _looked_at_elsewhere(name, known),
            )
            for name in CHECKS
            if name in checked and name not in standing
        ]  # fmt: skip
        events.append(e.Admitted(candidate=candidate, by=by, device=device))
        if known.phone is not None and device != known.device:
            events.append(e.PhoneRevoked(candidate=candidate, phone=known.phone.phone, why="device_changed"))
        admitted.append(candidate)
        # Who comes after a briefing of the room gets it alone (A14.2c.3, A14.2c.4).
        events += [
            e.BriefingGiven(candidate=candidate, topic=topic, by=by)
            for topic in room.briefings
            if topic not in known.briefed
        ]
        if room.released_at is not None and (known.connected or device != known.device):  # who asks is there
            events.append(key_delivered(room, candidate, by))
    if missing:
        raise Refusal("checks_missing", candidates=missing)
    if not_ready and len(named) == 1:
        raise Refusal("not_ready", missing=not_ready[named[0]])
    answer = {"admitted": admitted, "skipped": skipped, "overtaken": overtaken, "not_ready": not_ready}
    return Decision(tuple(events), answer)


def view_photos(room: Room, now: datetime, by: str, candidate: str, full_name: str = "") -> Decision:
    """A member of staff looks at a candidate's photographs (A5.4). `full_name` as for `presence.knock`."""
    room.sitting(candidate)
    named = "" if by in room.staff else full_name
    return Decision((e.PhotosViewed(candidate=candidate, by=by, full_name=named),))


