"""A room folded from the decisions taken in it, for tests of decisions."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime, timedelta
from typing import Any

from proctor.exam import events as e
from proctor.exam import room as rooms
from proctor.exam.decisions import admission, answers, papers, planning, presence, timing
from proctor.exam.permissions import Role
from proctor.exam.plan import Plan, RoomRules
from proctor.exam.room import Assigned, Decision, Room
from proctor.exam.schedule import Schedule

T = datetime(2026, 11, 23, 3, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
EARLY = T - timedelta(days=1)
ENTRY = T - 20 * MINUTE
DEVICES = {part: {"ok": True} for part in ("camera", "microphone", "speaker", "network")}
STAFF = (
    Assigned("s", "Cán bộ coi thi", "invigilator"),
    Assigned("s2", "Cán bộ coi thi hai", "invigilator"),
    Assigned("p", "Cán bộ giám sát", "supervisor"),
    Assigned("k", "Cán bộ kỹ thuật", "tech_support"),
)


def times() -> Schedule:
    return Schedule(T, T, 90, T + 90 * MINUTE, T + 95 * MINUTE)


class Log:
    """A room and what was decided in it."""

    def __init__(self) -> None:
        plan = e.RoomPlanned(room="r", exam="e", title="Phòng 1", exam_title="Triết học", schedule=times())
        self.room: Room = rooms.apply(rooms.start(plan), plan, EARLY)
        self.told: list[tuple[e.Event, datetime]] = [(plan, EARLY)]

    def take(self, decision: Decision, at: datetime) -> Decision:
        for event in decision.events:
            self.room = rooms.apply(self.room, event, at)
            self.told.append((event, at))
        return decision

    def published(self, *candidates: str, regime: Any = "A", rules: RoomRules | None = None) -> Log:
        """Everything is in order; the staff took their assignments."""
        people = [(name, f"{number:03}", f"Thí sinh {number:03}") for number, name in enumerate(candidates, 1)]
        self.take(planning.enroll(self.room, EARLY, people, regime=regime), EARLY)
        self.take(planning.assign_staff(self.room, EARLY, STAFF), EARLY)
        self.take(planning.support_room(self.room, EARLY), EARLY)
        self.take(planning.load_paper(self.room, EARLY, "0" * 64, 100), EARLY)
        if regime == "B":
            self.take(planning.confirm_paper(self.room, EARLY, "0" * 64), EARLY)
        self.take(planning.publish(self.room, EARLY, Plan(regime=regime, rules=rules or RoomRules())), EARLY)
        for person in STAFF:
            self.take(planning.acknowledge(self.room, EARLY, person.staff), EARLY)
        return self

    def attended(self, now: datetime = ENTRY) -> Log:
        self.take(presence.enter_staff(self.room, now, "s", Role.INVIGILATOR), now)
        return self

    def joined(self, candidate: str, now: datetime = ENTRY, device: str = "laptop") -> Log:
        self.take(presence.join_candidate(self.room, now, candidate, device), now)
        self.take(
            presence.connect_candidate(self.room, now, candidate, self.room.sittings[candidate].last_epoch), now
        )
        return self

    def asking(self, candidate: str, now: datetime = T, device: str = "phone") -> Log:
        """A page at another device asks to take over, and its devices are checked."""
        self.joined(candidate, now, device)
        epoch = self.room.sittings[candidate].last_epoch
        self.take(admission.report_device(self.room, now, candidate, DEVICES, epoch), now)
        return self

    def ready(self, candidate: str, now: datetime = ENTRY, device: str = "laptop") -> Log:
        """Device, consent, rules, photographs."""
        epoch = self.room.sittings[candidate].epoch
        self.take(admission.report_device(self.room, now, candidate, DEVICES, epoch), now)
        self.take(admission.consent(self.room, now, candidate, "1", "0" * 64), now)
        self.take(admission.accept_rules(self.room, now, candidate, "1", "0" * 64), now)
        for subject in admission.PHOTOS:
            taken = admission.take_photo(
                self.room, now, candidate, device, photo=f"p_{subject}", subject=subject, sha256="1" * 64, size=9
            )
            self.take(taken, now)
        return self

    def waiting(self, candidate: str, now: datetime = ENTRY) -> Log:
        self.joined(candidate, now).ready(candidate, now)
        self.take(admission.enter_lobby(self.room, now, candidate), now)
        return self

    def admitted(self, *candidates: str, now: datetime = ENTRY) -> Log:
        for candidate in candidates:
            self.waiting(candidate, now)
        self.take(admission.admit(self.room, now, "s", candidates, checked=admission.CHECKS), now)
        return self

    def at_work(self, now: datetime = T) -> Log:
        """One candidate admitted, the paper released, the answer empty."""
        self.published("c").attended().admitted("c")
        self.take(timing.pass_time(self.room, now), now)
        return self

    def save(self, text: str, base: int, now: datetime = T + MINUTE, candidate: str = "c") -> Decision:
        decision = answers.save_answer(
            self.room, now, candidate, epoch=self.room.sittings[candidate].epoch, base_revision=base, text=text
        )  # fmt: skip
        return self.take(decision, now)

    def submit(self, now: datetime = T + MINUTE, candidate: str = "c", **changed: object) -> Decision:
        known = self.room.sittings[candidate]
        given: dict[str, Any] = {
            "submission_id": "b", "epoch": known.epoch, "revision": known.revision,
            "text_sha256": hashlib.sha256(known.text.encode()).hexdigest(),
            "files": {file.file: file.sha256 for file in known.files},
        } | changed  # fmt: skip
        if isinstance(given["files"], dict):
            given["files"] = [answers.Named(file, sha256) for file, sha256 in given["files"].items()]
        return self.take(answers.submit(self.room, now, candidate, **given), now)

    def stands(self, subject: str, candidate: str | None = None) -> int:
        """The number of the act that stands, as a page shows it; 0 without one."""
        acts = self.room.sittings[candidate].acts if candidate else self.room.acts
        return acts[subject].seq if subject in acts else 0

    def left(self, person: str, now: datetime) -> Log:
        self.take(presence.leave_staff(self.room, now, person), now)
        return self

    def pass_time(self, now: datetime) -> Log:
        self.take(timing.pass_time(self.room, now), now)
        return self

    def fetch(self, candidate: str, now: datetime) -> Log:
        self.take(papers.fetch_paper(self.room, now, candidate, "laptop"), now)
        return self
