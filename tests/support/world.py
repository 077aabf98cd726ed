"""A house in which every path leads somewhere, and what may be sent there."""

from __future__ import annotations

import re
import sqlite3
from contextlib import AsyncExitStack, closing
from datetime import timedelta
from pathlib import Path
from typing import Any, NamedTuple

from proctor.exam.permissions import Role
from proctor.office_log import OPERATOR
from proctor.rehearsal.page import Page
from proctor.rehearsal.pictures import photo
from proctor.views import moment
from tests.support.clock import MORNING
from tests.support.house import PASSWORD, PDF, PLAN, UNIT, Exam, Server, exam_times
from tests.support.tus import TUS, beginning, going_on

Route = tuple[str, str]


class Sent(NamedTuple):
    """What a request carries besides its path, so that it would do something if it were let in."""

    body: Any = None
    data: Any = None
    headers: dict[str, str] = {}  # noqa: RUF012


NOTHING = Sent()


class World(NamedTuple):
    """A house in which every path leads somewhere, and a page for each role in it."""

    server: Server
    exam: Exam
    file: str
    staff: str
    pages: dict[Role, Page]

    def path(self, path: str) -> str:
        """`path`, leading to what is there."""
        there = {
            "exam": self.exam.exam, "room": self.exam.room, "candidate": self.exam.candidates["001"],
            "kind": "roster", "form": "csv", "subject": "face", "photo": "face", "file": self.file,
            "staff": self.staff,
        }  # fmt: skip
        return re.sub(r"\{(\w+)\}", lambda name: there.get(name[1], "x"), path)

    def sent(self, route: Route) -> Sent:
        """A body that the route would take from whom it lets in."""
        one, because = self.exam.candidates["001"], {"reason": "Thử"}
        roster = "số báo danh,họ và tên\n099,Người Lạ\n".encode()
        staff = "tên đăng nhập,họ và tên,vai trò\nla,Người Lạ,invigilator\n".encode()
        again = {"title": "Đổi tên", **exam_times(MORNING + timedelta(hours=3))}
        return {
            ("POST", "/api/sign-out/withdraw"): Sent({"mark": "1"}),
            ("POST", "/api/exams"): Sent(again),
            ("PUT", "/api/exams/{exam}"): Sent(again),
            ("POST", "/api/exams/{exam}/rooms"): Sent({"title": "Phòng lạ"}),
            ("POST", "/api/staff"): Sent({"name": "la", "full_name": "Lạ", "role": "inspector", "password": PASSWORD}),
            ("PUT", "/api/rooms/{room}/staff"): Sent({"staff": []}),
            ("PUT", "/api/exams/{exam}/paper"): Sent(data=PDF),
            ("PUT", "/api/exams/{exam}/plan"): Sent(PLAN),
            ("DELETE", "/api/exams/{exam}/publication"): Sent(because),
            ("POST", "/api/exams/{exam}/paper/confirmation"): Sent({"sha256": "0" * 64}),
            ("POST", "/api/rooms/{room}/roster"): Sent(data=roster),
            ("POST", "/api/staff/import"): Sent(data=staff),
            ("POST", "/api/exams/{exam}/clone"): Sent({"title": "Bản sao", "starts_at": again["starts_at"]}),
            ("POST", "/api/rooms/{room}/candidates/{candidate}/move"): Sent({"to": self.exam.room}),
            ("DELETE", "/api/rooms/{room}/candidates/{candidate}"): Sent(because),
            ("POST", "/api/rooms/{room}/slips.pdf"): Sent({"codes": {one: self.exam.codes["001"]}}),
            ("POST", "/api/rooms/{room}/result/seen"): Sent({"version": 1}),
            ("POST", "/api/rooms/{room}/words"): Sent({"base_revision": 0, "text": "Chưa lưu."}),
            ("POST", "/api/rooms/{room}/late-text"): Sent({"base_revision": 0, "text": "Viết khi mất mạng."}),
            ("POST", "/api/rooms/{room}/times/shift"): Sent(
                {"minutes": 5, "seen": moment(self.exam.starts_at + timedelta(minutes=90)), **because}
            ),
            ("PUT", "/api/rooms/{room}/candidates/{candidate}/extra-time"): Sent({"minutes": 5, **because}),
            ("POST", "/api/rooms/{room}/extra-time"): Sent({"minutes": 5, "seen": 0, **because}),
            ("POST", "/api/rooms/{room}/extra-time/wishes"): Sent({"candidates": [one], **because}),
            ("POST", "/api/rooms/{room}/candidates/{candidate}/late"): Sent(because),
            ("POST", "/api/rooms/{room}/paper/reserve"): Sent(because),
            ("POST", "/api/rooms/{room}/materials"): Sent({"nature": "correction", "title": "Câu 2", "text": "1945"}),
            ("POST", "/api/rooms/{room}/hold"): Sent({"outcome": "shift", "minutes": 5, **because}),
            ("POST", "/api/rooms/{room}/handover/receipt"): Sent({"handover": "x"}),
            ("PUT", "/api/rooms/{room}/photos/{subject}"): Sent(data=photo(1)),
            ("POST", "/api/rooms/{room}/files"): Sent(headers=beginning(3)),
            ("PATCH", "/api/rooms/{room}/files/{file}"): Sent(data=b"abc", headers=going_on()),
            ("HEAD", "/api/rooms/{room}/files/{file}"): Sent(headers=TUS),
            ("DELETE", "/api/rooms/{room}/files/{file}"): Sent(headers=TUS),
            ("POST", "/api/rooms/{room}/files/{file}"): Sent(headers={**TUS, "X-HTTP-Method-Override": "DELETE"}),
        }.get(route, NOTHING)  # fmt: skip

    def held(self) -> set[str]:
        """All that the house holds: the rows of its database, and the names and sizes of its other files.

        Not the file in which it says every two seconds that it is alive.
        """
        config = self.server.house.config
        database = Path(config.database.removeprefix("sqlite:///"))
        with closing(sqlite3.connect(database)) as connection:
            rows = set(connection.iterdump())
        files = (path for folder in (config.data, config.recordings) for path in folder.rglob("*") if path.is_file())
        passing = ("alive", database.name)
        return rows | {f"{path} {path.stat().st_size}" for path in files if not path.name.startswith(passing)}


def routes_of(server: Server) -> list[Route]:
    """Every route of the application; aiohttp's own HEAD beside a GET too."""
    found = server.house.http.router.routes()
    return sorted({(route.method, route.resource.canonical) for route in found if route.resource is not None})


async def sign_the_others_in(server: Server, pages: dict[Role, Page], stack: AsyncExitStack) -> str:
    """A page in `pages` for each role that has none yet; the head of the academic unit, whose account is made here."""
    head = await server.house.office.create_staff(OPERATOR, "unit_head", "Trưởng", Role.UNIT_HEAD, PASSWORD, UNIT)
    assert head.role == Role.UNIT_HEAD
    for role in set(Role) - pages.keys():
        page = pages[role] = await stack.enter_async_context(Page(server.url, role))
        name = "office" if role is Role.TRAINING_OFFICE else role
        assert "error" not in await page.sign_in(name, PASSWORD), role
    return head.staff
