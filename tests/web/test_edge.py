"""Every route asks the one gate: without a session, with the wrong role, from another site, with a broken body."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from yarl import URL

from proctor.exam.permissions import Role
from proctor.office_log import OPERATOR
from proctor.rehearsal.page import Page, code
from proctor.web import office, phone, replay, room, sign_in, uploads
from tests.support.clock import SteppedClock
from tests.support.house import PASSWORD, Server, candidate_page, invigilator_page, office_page, plan_exam

OPEN = {"/api/time", "/api/health", "/api/sign-in/staff", "/api/sign-in/candidate", "/api/sign-in/link"}
PHONE = "/api/rooms/{room}/phone"  # who has a link may open it
ROUTES = sorted(
    (route.method, route.path)
    for subject in (sign_in, office, room, uploads, phone, replay)
    for route in subject.routes
    if route.path not in OPEN and (route.method, route.path) != ("POST", PHONE) and route.method != "OPTIONS"
)
# The roles that get past the gate of each route; whatever else stops them is not a matter of roles.
ANYONE = set(Role)
STAFF = {Role.INVIGILATOR, Role.INSPECTOR, Role.TRAINING_OFFICE}
MAY = {
    "/api/me": ANYONE, "/api/sign-out": ANYONE, "/api/rooms/{room}/join": ANYONE - {Role.PHONE},
    "/api/rooms/{room}/state": STAFF,
    "/api/rooms/{room}/events": {Role.INSPECTOR, Role.TRAINING_OFFICE},
    "/api/office/events": {Role.INSPECTOR, Role.TRAINING_OFFICE},
    "/api/rooms/{room}/paper": {Role.CANDIDATE},
    "/api/rooms/{room}/result": {Role.CANDIDATE}, "/api/rooms/{room}/result/seen": {Role.CANDIDATE},
    "/api/rooms/{room}/files": {Role.CANDIDATE, Role.PHONE},
    "/api/rooms/{room}/files/{file}": {Role.CANDIDATE, Role.PHONE},
    "/api/rooms/{room}/files/{file}/content": {Role.CANDIDATE},
    "/api/rooms/{room}/files/{file}/preview": {Role.CANDIDATE},
    "/api/rooms/{room}/phone/link": {Role.CANDIDATE},
    ("GET", PHONE): {Role.PHONE}, ("DELETE", PHONE): {Role.CANDIDATE},
    "/api/rooms/{room}/recordings": {Role.INSPECTOR},
    "/api/rooms/{room}/recordings/{candidate}": {Role.INSPECTOR},
    "/api/rooms/{room}/recordings/{candidate}/{segment}": {Role.INSPECTOR},
}  # fmt: skip


async def status_and_code(page: Page, method: str, path: str, **headers: str) -> tuple[int, str | None]:
    url = page.url + re.sub(r"\{\w+\}", "x", path)
    async with page.http.request(method, url, headers={"Proctor-Role": page.role, **headers}) as response:
        if method == "HEAD" or response.content_type != "application/json":
            return response.status, None
        return response.status, code(await response.json())


async def test_without_a_session_every_route_is_closed(server: Server) -> None:
    for role in Role:
        async with Page(server.url, role) as page:
            for method, path in ROUTES:
                status, _ = await status_and_code(page, method, path)
                assert status == 401, (method, path, role)


async def test_each_role_passes_only_its_own_gates(server: Server) -> None:
    pages = []
    for role in STAFF:
        await server.house.office.create_staff(OPERATOR, f"one-{role}", "Cán bộ", role, PASSWORD)
        page = Page(server.url, role)
        assert "error" not in await page.sign_in(f"one-{role}", PASSWORD)
        pages.append(page)
    exam = await plan_exam(server)
    candidate = Page(server.url, "candidate")
    await candidate.post("/api/sign-in/candidate", {"number": "001", "code": exam.codes["001"]})
    pages.append(candidate)
    secret = await server.house.people.open_session(
        Role.PHONE, exam.candidates["001"], server.house.clock.now(), timedelta(hours=1)
    )
    telephone = Page(server.url, Role.PHONE)
    telephone.http.cookie_jar.update_cookies({"proctor_phone": secret}, URL(server.url))
    pages.append(telephone)
    for page in pages:
        for method, path in ROUTES:
            if path == "/api/sign-out":
                continue
            allowed = page.role in (MAY.get((method, path)) or MAY.get(path, {Role.TRAINING_OFFICE}))
            status, refusal = await status_and_code(page, method, path)
            if method == "HEAD":
                assert (status == 403) is not allowed, (method, path, page.role)
            else:
                assert (refusal == "forbidden") is not allowed, (method, path, page.role, status, refusal)
                assert status < 500, (method, path)
        await page.__aexit__()


async def test_a_cookie_of_one_role_opens_no_other(server: Server) -> None:
    async with await office_page(server) as office_:
        for role in ("candidate", "invigilator", "inspector", "rector", ""):
            status, refusal = await status_and_code(office_, "GET", "/api/exams", **{"Proctor-Role": role})
            assert (status, refusal) == (401, "not_signed_in")


async def test_a_request_from_another_site_changes_nothing(server: Server) -> None:
    async with await office_page(server) as office_:
        status, refusal = await status_and_code(office_, "POST", "/api/exams", Origin="https://evil.example")
        assert (status, refusal) == (403, "wrong_origin")


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b'{"title": 5}', b'{"title":"x","more":1}', b"\xff\xfe"])
async def test_a_broken_body_is_named_and_changes_nothing(server: Server, body: bytes) -> None:
    async with await office_page(server) as office_:
        refused = await office_.call("POST", "/api/exams", data=body)
        assert code(refused) == "bad_request"
        assert refused["error"]["details"]["field"]
        assert (await office_.get("/api/exams"))["exams"] == []


async def test_bodies_are_bounded(server: Server) -> None:
    exam = await plan_exam(server)
    async with await office_page(server) as office_:
        for path, size in (("/api/staff", 300_000), (f"/api/rooms/{exam.room}/roster", 1_100_000),
                           (f"/api/exams/{exam.exam}/paper", 20_000_100)):  # fmt: skip
            method = "PUT" if path.endswith("paper") else "POST"
            refused = await office_.call(method, path, data=bytes(size))
            assert code(refused) == "too_large", path


async def test_signing_out_ends_the_session(server: Server) -> None:
    async with await office_page(server) as office_:
        cookies = {cookie.key: cookie.value for cookie in office_.http.cookie_jar}
        await office_.post("/api/sign-out")
        office_.http.cookie_jar.update_cookies(cookies)
        assert code(await office_.get("/api/exams")) == "not_signed_in"


@pytest.mark.parametrize(
    "path",
    ["/../pyproject.toml", "/%2e%2e/pyproject.toml", "/..%2fpyproject.toml", "/lib/../../pyproject.toml", "/lib",
     "/vendor/vendor.json%00", "/nothing.js", "/ca.crt"],
)  # fmt: skip
async def test_only_files_of_the_pages_are_served(server: Server, path: str) -> None:
    async with Page(server.url, "candidate") as page, page.http.get(server.url + path) as response:
        assert response.status == 404


async def test_pages_carry_a_policy_that_lets_no_foreign_script_run(server: Server) -> None:
    async with Page(server.url, "candidate") as page:
        for name in ("", "candidate", "invigilator", "inspector", "office"):
            async with page.http.get(f"{server.url}/{name}") as response:
                policy = response.headers["Content-Security-Policy"]
                assert "default-src 'none'" in policy
                assert re.search(r"script-src 'self' 'wasm-unsafe-eval' 'sha256-[^']+'", policy)
                assert "'unsafe-inline'" not in policy


async def test_uploads_refuse_what_does_not_fit(server: Server, clock: SteppedClock) -> None:
    exam = await plan_exam(server)
    async with Page(server.url, "candidate") as page:
        await page.post("/api/sign-in/candidate", {"number": "001", "code": exam.codes["001"]})
        path = f"/api/rooms/{exam.room}/files"
        for headers, expected in (
            ({}, "bad_request"),
            ({"Upload-Length": "-1"}, "bad_request"),
            ({"Upload-Length": "5", "Upload-Metadata": "filename ???"}, "bad_request"),
            ({"Upload-Length": "5"}, "not_admitted"),
        ):
            assert (await status_and_code(page, "POST", path, **headers))[1] == expected


async def test_a_page_that_joins_again_and_again_is_held_off(server: Server, clock: SteppedClock) -> None:
    exam = await plan_exam(server, candidates=2)
    clock.jump_to(exam.starts_at)
    async with (
        await invigilator_page(server) as invigilator,
        await candidate_page(server, exam, "001") as eager,
        await candidate_page(server, exam, "002") as other,
    ):
        await invigilator.join(exam.room)
        path = f"/api/rooms/{exam.room}/join"
        answers = [code(await eager.post(path)) for _ in range(40)]
        assert answers[:10] == [None] * 10
        assert answers[-1] == "too_fast"
        assert code(await other.post(path)) is None
