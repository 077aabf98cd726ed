"""Every route of the server against every role: whom the table of permissions does not let in changes nothing.

`EXPECTED` says once more, by hand, which action of `proctor/exam/permissions.py` a route is for; a route that nobody
wrote down here fails the test.
"""

from __future__ import annotations

import json
import re
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import timedelta

from proctor.exam.decisions.presence import ASSIGNED_ONLY
from proctor.exam.permissions import TABLE, Role
from proctor.office_log import OPERATOR
from proctor.rehearsal.page import Page, code
from tests.support.clock import SteppedClock
from tests.support.house import PASSWORD, Server, admit, candidate_page, invigilator_page, plan_exam, reach_lobby
from tests.support.tus import beginning
from tests.support.world import NOTHING, Route, Sent, World, routes_of, sign_the_others_in

SIGNED_IN = "*"
"""In the place of an action: every role may, once it is signed in."""

OPEN: dict[Route, str] = {
    ("GET", "/api/time"): "a clock is measured before anybody signs in",
    ("GET", "/api/health"): "what watches the server has no account",
    ("POST", "/api/sign-in/staff"): "the way in: asks for a password",
    ("POST", "/api/sign-in/candidate"): "the way in: asks for an exam code",
    ("POST", "/api/sign-in/link"): "the way in: asks for a link's token",
    ("POST", "/api/rooms/{room}/phone"): "the way in of a telephone: asks for a link's token",
    ("OPTIONS", "/api/rooms/{room}/files"): "what the server speaks of tus, the same for everybody",
    ("POST", "/api/practice"): "the practice room asks nobody who they are",
    ("GET", "/api/practice/{practice}"): "the practice room; its secret name is asked for",
    ("DELETE", "/api/practice/{practice}"): "the practice room; its secret name is asked for",
    ("POST", "/api/practice/{practice}/publish"): "the practice room; its secret name is asked for",
    ("POST", "/api/practice/{practice}/subscribe"): "the practice room; its secret name is asked for",
    ("POST", "/api/practice/{practice}/accept"): "the practice room; its secret name is asked for",
    **dict.fromkeys(
        (("GET", "/socket.io/"), ("POST", "/socket.io/"), ("OPTIONS", "/socket.io/")),
        "a socket opens with a ticket, which `join` gives",
    ),
    **dict.fromkeys(
        (("GET", page) for page in ("/", "/candidate", "/practice", "/phone", "/invigilator", "/supervisor",
                                    "/inspector", "/tech_support", "/office", "/it_unit", "/unit_head", "/ca.crt",
                                    "/{path}")),
        "a page without anything in it",
    ),
}  # fmt: skip

EXPECTED: dict[Route, str] = {
    ("POST", "/api/sign-out"): SIGNED_IN,
    ("POST", "/api/sign-out/withdraw"): SIGNED_IN,
    ("GET", "/api/me"): SIGNED_IN,
    # the training office, and those who serve it
    ("GET", "/api/exams"): "list_exams",
    ("POST", "/api/exams"): "create_exam",
    ("PUT", "/api/exams/{exam}"): "revise_exam",
    ("GET", "/api/exams/{exam}"): "list_exams",
    ("DELETE", "/api/exams/{exam}"): "remove_exam",
    ("POST", "/api/exams/{exam}/rooms"): "create_room",
    ("DELETE", "/api/rooms/{room}"): "remove_room",
    ("GET", "/api/staff"): "list_staff",
    ("POST", "/api/staff"): "create_staff",
    ("POST", "/api/staff/{staff}/password"): "reset_password",
    ("PUT", "/api/rooms/{room}/staff"): "assign_staff",
    ("PUT", "/api/exams/{exam}/paper"): "load_paper",
    ("GET", "/api/exams/{exam}/paper"): "preview_paper",
    ("GET", "/api/office/events"): "read_office_events",
    ("GET", "/api/rooms/{room}/submissions.zip"): "pull_submissions",
    ("GET", "/api/changes"): "watch_changes",
    # from draft to publication
    ("PUT", "/api/exams/{exam}/plan"): "plan_exam",
    ("POST", "/api/exams/{exam}/publication"): "publish_exam",
    ("DELETE", "/api/exams/{exam}/publication"): "publish_exam",
    ("POST", "/api/exams/{exam}/paper/confirmation"): "confirm_paper",
    ("POST", "/api/rooms/{room}/support"): "support_room",
    ("POST", "/api/rooms/{room}/acknowledgement"): "acknowledge_assignment",
    # lists and papers
    ("GET", "/api/lists/{kind}/template.{form}"): "read_list_template",
    ("POST", "/api/rooms/{room}/roster"): "import_roster",
    ("GET", "/api/rooms/{room}/roster"): "read_roster",
    ("POST", "/api/staff/import"): "import_staff",
    ("POST", "/api/exams/{exam}/clone"): "clone_exam",
    ("POST", "/api/rooms/{room}/candidates/{candidate}/move"): "move_candidate",
    ("DELETE", "/api/rooms/{room}/candidates/{candidate}"): "remove_candidate",
    ("POST", "/api/rooms/{room}/codes"): "issue_codes",
    ("POST", "/api/rooms/{room}/slips.pdf"): "print_slips",
    ("GET", "/api/rooms/{room}/attendance.pdf"): "print_attendance",
    # a room
    ("POST", "/api/rooms/{room}/join"): "join",
    ("GET", "/api/rooms/{room}/paper"): "fetch_paper",
    ("GET", "/api/rooms/{room}/result"): "read_result",
    ("POST", "/api/rooms/{room}/result/seen"): "closing_seen",
    ("POST", "/api/rooms/{room}/words"): "leave_words",
    ("POST", "/api/rooms/{room}/late-text"): "keep_late_text",
    ("GET", "/api/rooms/{room}/state"): "read_state",
    ("GET", "/api/rooms/{room}/events"): "read_events",
    ("GET", "/api/rooms/{room}/support-log"): "read_support_log",
    ("GET", "/api/exams/{exam}/support-log"): "read_support_log",
    # the office while a room is under way
    ("POST", "/api/rooms/{room}/times/shift"): "shift_times",
    ("PUT", "/api/rooms/{room}/candidates/{candidate}/extra-time"): "grant_time",
    ("POST", "/api/rooms/{room}/extra-time"): "grant_time",
    ("POST", "/api/rooms/{room}/extra-time/wishes"): "grant_time",
    ("POST", "/api/rooms/{room}/candidates/{candidate}/late"): "allow_late",
    ("POST", "/api/rooms/{room}/paper/reserve"): "use_reserve_paper",
    ("POST", "/api/rooms/{room}/materials"): "give_material",
    ("GET", "/api/rooms/{room}/materials/{material}"): "read_material",
    ("POST", "/api/rooms/{room}/hold"): "resolve_hold",
    ("POST", "/api/rooms/{room}/handover/receipt"): "receive_handover",
    ("GET", "/api/rooms/{room}/handover/manifest.json"): "read_handover",
    # pictures
    ("PUT", "/api/rooms/{room}/photos/{subject}"): "take_photo",
    ("GET", "/api/rooms/{room}/violations/{violation}/still"): "view_still",
    ("GET", "/api/rooms/{room}/candidates/{candidate}/picture"): "subscribe",
    ("GET", "/api/rooms/{room}/violations/{violation}/clip"): "view_clip",
    ("GET", "/api/rooms/{room}/violations/{violation}/clip/{segment}"): "view_clip",
    ("GET", "/api/rooms/{room}/candidates/{candidate}/photos/{photo}"): "view_photos",
    ("GET", "/api/rooms/{room}/recordings"): "replay",
    ("GET", "/api/rooms/{room}/recordings/{candidate}"): "replay",
    ("GET", "/api/rooms/{room}/recordings/{candidate}/{segment}"): "replay",
    # a candidate's files, from the computer or a telephone
    ("POST", "/api/rooms/{room}/files"): "upload_file",
    ("HEAD", "/api/rooms/{room}/files/{file}"): "upload_file",
    ("PATCH", "/api/rooms/{room}/files/{file}"): "upload_file",
    ("POST", "/api/rooms/{room}/files/{file}"): "upload_file",
    ("DELETE", "/api/rooms/{room}/files/{file}"): "upload_file",
    ("GET", "/api/rooms/{room}/files/{file}/content"): "read_file",
    ("GET", "/api/rooms/{room}/files/{file}/preview"): "read_file",
    ("POST", "/api/rooms/{room}/phone/link"): "pair_phone",
    ("GET", "/api/rooms/{room}/phone"): "read_phone",
    ("DELETE", "/api/rooms/{room}/phone"): "pair_phone",
    ("GET", "/api/rooms/{room}/phone/changes"): "read_phone",
}  # fmt: skip


@asynccontextmanager
async def world(server: Server, clock: SteppedClock) -> AsyncIterator[World]:
    """A room in which a candidate writes and has begun to send a file; everybody is signed in."""
    async with AsyncExitStack() as stack:
        exam = await plan_exam(server)
        clock.jump_to(exam.starts_at - timedelta(minutes=5))
        pages = {
            Role.INVIGILATOR: await stack.enter_async_context(await invigilator_page(server)),
            Role.CANDIDATE: await stack.enter_async_context(await candidate_page(server, exam, "001")),
        }
        candidate = pages[Role.CANDIDATE]
        await pages[Role.INVIGILATOR].join(exam.room)
        await reach_lobby(candidate, exam.room)
        assert "error" not in await admit(pages[Role.INVIGILATOR], exam.candidates["001"])
        clock.jump_to(exam.starts_at)
        await candidate.hear("paper_key")
        files = f"/api/rooms/{exam.room}/files"
        begun = await candidate.call("POST", files, headers=beginning(3))
        link = await candidate.post(f"/api/rooms/{exam.room}/phone/link")
        phone = pages[Role.PHONE] = await stack.enter_async_context(Page(server.url, Role.PHONE))
        let_in = await phone.post(f"/api/rooms/{exam.room}/phone", {"token": link["link"].rpartition("token=")[2]})
        assert "error" not in let_in, let_in
        head = await sign_the_others_in(server, pages, stack)
        yield World(server, exam, begun["headers"]["Location"].rpartition("/")[2], head, pages)


def may(route: Route) -> frozenset[Role]:
    """The roles that the table of permissions lets in."""
    method, path = route
    action = EXPECTED.get(route) or EXPECTED["GET" if method == "HEAD" else method, path]
    return frozenset(Role) if action == SIGNED_IN else TABLE[action]


def guarded(server: Server) -> list[Route]:
    """The routes that not everybody may ask; signing out last, since nothing goes on after it."""
    closed = [(method, path) for method, path in routes_of(server)
              if not {(method, path), ("GET" if method == "HEAD" else method, path)} & OPEN.keys()]  # fmt: skip
    return sorted(closed, key=lambda route: route[1] == "/api/sign-out")


async def answer(page: Page, method: str, path: str, sent: Sent = NOTHING) -> tuple[int, str | None]:
    """Status and, but for HEAD, the code of the refusal."""
    headers = {"Proctor-Role": page.role, **sent.headers}
    async with page.http.request(method, page.url + path, json=sent.body, data=sent.data, headers=headers) as response:
        told = await response.read()
        is_json = told and response.content_type == "application/json"
        return response.status, code(json.loads(told)) if is_json else None


async def test_every_route_is_written_down_here(server: Server) -> None:
    known = EXPECTED.keys() | OPEN.keys()
    assert not EXPECTED.keys() & OPEN.keys()
    assert set(EXPECTED.values()) - {SIGNED_IN} <= TABLE.keys()
    found = {route for route in routes_of(server) if route[0] != "HEAD" or ("GET", route[1]) not in known}
    assert found == known


async def test_without_a_session_no_route_does_anything(server: Server, clock: SteppedClock) -> None:
    async with world(server, clock) as there:
        before = there.held()
        for role in Role:
            async with Page(server.url, role) as stranger:
                for route in guarded(server):
                    status, refusal = await answer(stranger, route[0], there.path(route[1]), there.sent(route))
                    assert (status, refusal) == (401, None if route[0] == "HEAD" else "not_signed_in"), (route, role)
        assert there.held() ^ before == set()


async def test_a_page_that_shows_another_person_is_refused_and_changes_nothing(
    server: Server, clock: SteppedClock
) -> None:
    """Somebody else signed in at the next tab, and so took the cookie over."""
    async with world(server, clock) as there:
        before = there.held()
        for page in there.pages.values():
            for route in guarded(server):
                method, data, more = there.sent(route)
                shown = Sent(method, data, {**more, "Proctor-Subject": "somebody"})
                status, refusal = await answer(page, route[0], there.path(route[1]), shown)
                assert (status, refusal) == (401, None if route[0] == "HEAD" else "not_signed_in"), (route, page.role)
                if route[0] == "GET":
                    status, _ = await answer(page, "GET", there.path(route[1]) + "?subject=somebody")
                    assert status == 401, route
        assert there.held() ^ before == set()


async def test_a_role_that_may_not_is_refused_and_changes_nothing(server: Server, clock: SteppedClock) -> None:
    async with world(server, clock) as there:
        before = there.held()
        for role, page in there.pages.items():
            for route in guarded(server):
                if role not in may(route):
                    status, refusal = await answer(page, route[0], there.path(route[1]), there.sent(route))
                    assert (status, refusal) == (403, None if route[0] == "HEAD" else "forbidden"), (route, role)
            assert there.held() ^ before == set(), role


async def test_who_is_not_assigned_to_the_room_is_refused_and_changes_nothing(
    server: Server, clock: SteppedClock
) -> None:
    async with world(server, clock) as there, AsyncExitStack() as stack:
        pages = []
        for role in ASSIGNED_ONLY:
            await server.house.office.create_staff(OPERATOR, f"{role} khác", "Người Khác", role, PASSWORD)
            pages.append(page := await stack.enter_async_context(Page(server.url, role)))
            assert "error" not in await page.sign_in(f"{role} khác", PASSWORD)
        before, asked = there.held(), 0
        for page in pages:
            for route in guarded(server):
                if "{room}" in route[1] and page.role in may(route):
                    asked += 1
                    status, refusal = await answer(page, route[0], there.path(route[1]), there.sent(route))
                    told = None if route[0] == "HEAD" else "not_assigned"
                    assert (status, refusal) == (403, told), (route, page.role)
        assert asked > 10
        assert there.held() ^ before == set()


async def test_a_role_that_may_passes_the_gate(server: Server, clock: SteppedClock) -> None:
    """To paths that lead nowhere, so that what was asked before is not undone by what is asked next."""
    async with world(server, clock) as there:
        for role, page in there.pages.items():
            for route in guarded(server):
                if role in may(route):
                    status, refusal = await answer(page, route[0], re.sub(r"\{\w+\}", "x", route[1]))
                    assert status < 500, (route, role)
                    assert status not in (401, 403) and refusal != "forbidden", (route, role, refusal)


async def test_what_is_sent_in_vain_is_what_the_routes_take(server: Server, clock: SteppedClock) -> None:
    """The bodies of this file are good ones, each to a path that leads somewhere."""
    async with world(server, clock) as there:
        for route in guarded(server):
            for role in sorted(may(route)):
                status, refusal = await answer(there.pages[role], route[0], there.path(route[1]), there.sent(route))
                assert status < 500 and refusal not in ("bad_request", "forbidden"), (route, role, status, refusal)
