"""An exam for a rehearsal, planned from outside as a training office does: rooms, people, paper, publication.

Its accounts are made at the first rehearsal and used again, each time with another password; the exam, its rooms and
its recordings stay on the server like those of any other exam, under a title that says what they are.
"""

from __future__ import annotations

import secrets
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from typing import Any

from proctor.rehearsal.page import Page, code

_VIETNAM = timezone(timedelta(hours=7))
_PREFIX = "dien-tap"
_SPARE = range(0, 1000, 100)  # added to the numbers of accounts while those before are in another rehearsal
_ASSIGNED = ("invigilator", "supervisor", "tech_support")


class NotStaged(Exception):
    """The server refused a step; the first argument names the step, the second is the refusal."""


@dataclass(frozen=True)
class Account:
    """A member of staff who takes part."""

    subject: str
    role: str
    name: str
    password: str


@dataclass(frozen=True)
class StagedRoom:
    """A room that is published. `candidates` by number; `codes` are (number, exam code)."""

    room: str
    title: str
    candidates: dict[str, str]
    codes: list[tuple[str, str]]
    invigilator: Account
    supervisor: Account


@dataclass(frozen=True)
class Stage:
    """What a rehearsal is played on."""

    exam: str
    starts_at: datetime
    rooms: list[StagedRoom]
    inspector: Account


async def staged(
    office: Page, paper: bytes, *, rooms: int, candidates: int, starts_at: datetime, minutes: int
) -> Stage:
    """Plan and publish it, by a page of the training office that is signed in. Raises NotStaged."""
    plan = _Planner(office)
    cast = secrets.token_hex(3)  # nobody is taken for somebody of another rehearsal
    title = f"Diễn tập {starts_at.astimezone(_VIETNAM):%d/%m/%Y %H:%M}"
    end = starts_at + timedelta(minutes=minutes)
    times = {"starts_at": starts_at, "release_at": starts_at, "submit_by": end, "end_at": end + timedelta(minutes=1)}
    exam = (await plan.asked("exam", "POST", "/api/exams", {
        "title": title, "working_minutes": minutes, **{name: at.isoformat() for name, at in times.items()},
    }))["exam"]  # fmt: skip
    inspector, it_unit = await plan.account("inspector", 1), await plan.account("it_unit", 1)
    made = []
    for number in range(1, rooms + 1):
        name = f"Phòng {number}"
        room = (await plan.asked("room", "POST", f"/api/exams/{exam}/rooms", {"title": name}))["room"]
        roster = "số báo danh,họ và tên,căn cước\n" + "".join(
            f"{number:02}{place:03},Thí sinh diễn tập {number:02}{place:03},{cast}{number:02}{place:03}\n"
            for place in range(1, candidates + 1)
        )
        imported = await plan.asked("roster", "POST", f"/api/rooms/{room}/roster", data=roster.encode())
        people = await plan.assigned(room, number)
        listed = imported["candidates"]
        made.append((people, StagedRoom(
            room, name, {row["number"]: row["candidate"] for row in listed},
            [(row["number"], row["code"]) for row in listed], people["invigilator"], people["supervisor"],
        )))  # fmt: skip
    await plan.asked("paper", "PUT", f"/api/exams/{exam}/paper", data=paper)
    await plan.asked("plan", "PUT", f"/api/exams/{exam}/plan", _decided(starts_at))
    async with AsyncExitStack() as stack:
        unit = await stack.enter_async_context(await signed_in(office, it_unit))
        for _, one in made:
            await _asked(unit, "support", "POST", f"/api/rooms/{one.room}/support", {})
        await plan.asked("publication", "POST", f"/api/exams/{exam}/publication", {})
        for people, one in made:
            for person in people.values():
                async with await signed_in(office, person) as page:
                    await _asked(page, "assignment", "POST", f"/api/rooms/{one.room}/acknowledgement", {})
    return Stage(exam, starts_at, [one for _, one in made], inspector)


async def signed_in(office: Page, account: Account) -> Page:
    """A page of this account, at the server of `office`. Raises NotStaged."""
    page = Page(office.url, account.role, office.authority)
    answer = await page.sign_in(account.name, account.password)
    if code(answer) is not None:
        await page.http.close()
        raise NotStaged("sign-in", answer["error"])
    return page


class _Planner:
    """The training office's hands."""

    def __init__(self, office: Page) -> None:
        self._office = office
        self._known: dict[str, str] | None = None  # accounts by name

    async def asked(self, step: str, method: str, path: str, body: Any = None, **more: Any) -> Any:
        return await _asked(self._office, step, method, path, body, **more)

    async def assigned(self, room: str, number: int) -> dict[str, Account]:
        """The staff of a room, by role; others than those of a rehearsal that is not over."""
        for spare in _SPARE:
            people = {role: await self.account(role, number + spare) for role in _ASSIGNED}
            assigned = {"staff": [person.subject for person in people.values()]}
            try:
                await self.asked("staff", "PUT", f"/api/rooms/{room}/staff", assigned)
            except NotStaged as refused:
                if refused.args[1]["code"] != "staff_elsewhere" or spare == _SPARE[-1]:
                    raise
            else:
                break
        return people

    async def account(self, role: str, number: int) -> Account:
        """The one of this role and number, with another password."""
        name = f"{_PREFIX}-{role.replace('_', '-')}-{number}"
        if self._known is None:
            listed = await self.asked("accounts", "GET", "/api/staff")
            self._known = {one["name"]: one["subject"] for one in listed["staff"]}
        if name in self._known:
            reset = await self.asked("password", "POST", f"/api/staff/{self._known[name]}/password", {})
            return Account(self._known[name], role, name, reset["password"])
        password = secrets.token_urlsafe(24)
        made = await self.asked("account", "POST", "/api/staff", {
            "name": name, "full_name": f"Diễn tập {number}", "role": role, "password": password, "unit": "Diễn tập",
        })  # fmt: skip
        self._known[name] = made["subject"]
        return Account(made["subject"], role, name, password)


async def _asked(page: Page, step: str, method: str, path: str, body: Any = None, **more: Any) -> Any:
    answer = await page.call(method, path, body, **more)
    if code(answer) is not None:
        raise NotStaged(step, answer["error"])
    return answer


def _decided(starts_at: datetime) -> dict[str, Any]:
    """Grounds, consents and decisions, all of them this rehearsal."""
    day = starts_at.astimezone(_VIETNAM).date().isoformat()
    decision = {"number": "DIỄN TẬP", "signed_on": day, "signer": "Diễn tập"}
    basis = {
        "ground": "natural_disaster", "description": "Diễn tập", "party_consent": decision, "academy_consent": decision,
    }  # fmt: skip
    return {"regime": "A", "form_decision": decision, "conditions": decision, "basis": basis}
