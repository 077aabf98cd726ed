"""What every request passes: a session of the role it names, our own site, a body that is well formed and bounded.

Which role may ask which route: `test_roles.py`.
"""

from __future__ import annotations

import asyncio
import logging
import re
import socket
from urllib.parse import urlsplit

import pytest
from aiohttp.test_utils import make_mocked_request

from proctor.rehearsal.page import Page, code
from proctor.web.edge import address_of
from proctor.web.sign_outs import SignOuts
from tests.support.clock import MORNING, SteppedClock
from tests.support.house import (
    PASSWORD,
    Server,
    candidate_page,
    exam_times,
    invigilator_page,
    office_page,
    plan_exam,
)
from tests.support.tus import TUS, beginning


async def status_and_code(page: Page, method: str, path: str, **headers: str) -> tuple[int, str | None]:
    url = page.url + re.sub(r"\{\w+\}", "x", path)
    async with page.http.request(method, url, headers={"Proctor-Role": page.role, **headers}) as response:
        if method == "HEAD" or response.content_type != "application/json":
            return response.status, None
        return response.status, code(await response.json())


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


async def test_what_is_no_http_is_refused_and_leaves_no_line_on_the_log(
    server: Server, caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]
) -> None:
    address = urlsplit(server.url)
    sign_in = b"POST /api/sign-in/staff HTTP/1.1\r\nHost: x\r\nConnection: close\r\n"
    for sent in (
        b"GET /?token=" + b"a" * 9_000 + b" HTTP/1.1\r\nHost: x\r\n\r\n",
        sign_in + b"Content-Length: abc\r\n\r\n",
        sign_in + b"Content-Encoding: gzip\r\nContent-Length: 5\r\n\r\nabcde",
    ):
        reader, writer = await asyncio.open_connection(address.hostname, address.port)
        writer.write(sent)
        async with asyncio.timeout(5):
            answer = await reader.read()
        writer.close()
        assert answer.split()[1] == b"400"
    assert (caplog.text, capsys.readouterr().err) == ("", "")


@pytest.mark.parametrize(
    ("method", "path", "found"),
    [
        ("GET", "/api/nothing", (404, "not_found", None)),
        ("DELETE", "/api/me", (405, "method_not_allowed", "GET,HEAD")),
        ("POST", "/candidate", (405, "method_not_allowed", "GET,HEAD")),
    ],
)
async def test_what_no_address_takes_is_refused_as_everything_is(
    server: Server, method: str, path: str, found: tuple[int, str, str | None]
) -> None:
    async with await office_page(server) as page, page.http.request(method, page.url + path) as response:
        refusal = code(await response.json())
        assert (response.status, refusal, response.headers.get("Allow")) == found


async def test_bodies_are_bounded(server: Server) -> None:
    exam = await plan_exam(server)
    async with await office_page(server) as office_:
        for path, size in (("/api/staff", 300_000), (f"/api/rooms/{exam.room}/roster", 1_100_000),
                           (f"/api/exams/{exam.exam}/paper", 20_000_100)):  # fmt: skip
            method = "PUT" if path.endswith("paper") else "POST"
            refused = await office_.call(method, path, data=bytes(size))
            assert code(refused) == "too_large", path


async def test_a_page_that_goes_away_in_the_middle_of_a_body_is_no_fault_of_the_server(
    server: Server, caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]
) -> None:
    before = asyncio.all_tasks()
    address = urlsplit(server.url)
    reader, writer = await asyncio.open_connection(address.hostname, address.port)
    writer.write(b"POST /api/sign-in/staff HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\nExpect: 100-continue\r\n\r\n")
    assert b" 100 " in await reader.readline()
    writer.write(b"{")
    serving = asyncio.all_tasks() - before
    assert serving
    writer.transport.abort()
    _, left = await asyncio.wait(serving, timeout=5)
    assert not left
    assert not [record for record in caplog.records if record.levelno >= logging.WARNING]
    assert not capsys.readouterr().err


async def test_signing_out_ends_the_session(server: Server) -> None:
    async with await office_page(server) as office_:
        cookies = {cookie.key: cookie.value for cookie in office_.http.cookie_jar}
        await office_.post("/api/sign-out")
        office_.http.cookie_jar.update_cookies(cookies)
        assert code(await office_.get("/api/exams")) == "not_signed_in"


async def test_a_sign_out_is_carried_out_or_withdrawn_by_what_the_server_hears_first(server: Server) -> None:
    """Of one mark: what waited somewhere, and is read late, ends nothing that somebody was told goes on."""
    async with await office_page(server) as office_:
        cookies = {cookie.key: cookie.value for cookie in office_.http.cookie_jar}
        assert await office_.post("/api/sign-out/withdraw", {"mark": "1"}) == {}
        for _ in range(2):
            assert code(await office_.post("/api/sign-out", {"mark": "1"})) == "sign_out_withdrawn"
        assert "exams" in await office_.get("/api/exams")
        assert await office_.post("/api/sign-out", {"mark": "2"}) == {}
        office_.http.cookie_jar.update_cookies(cookies)
        assert code(await office_.post("/api/sign-out/withdraw", {"mark": "2"})) == "not_signed_in"
    sign_outs = SignOuts()  # as while a session is being ended, when its cookie is still good
    assert sign_outs.carry_out("s", "1")
    assert sign_outs.carry_out("s", "1"), "sent once more"
    assert not sign_outs.withdraw("s", "1")
    assert sign_outs.withdraw("s", "2")
    assert not sign_outs.carry_out("s", "2")
    assert sign_outs.carry_out("t", "2"), "of another session"
    sign_outs.failed("s", "1")
    assert sign_outs.withdraw("s", "1")


async def test_a_sign_out_that_was_given_up_before_the_server_came_to_it_ends_nothing(
    server: Server, caplog: pytest.LogCaptureFixture
) -> None:
    """As by a candidate who stays after all, beside a server that stood still: nobody is told, so nobody is out."""
    async with await office_page(server) as office_:
        address = urlsplit(server.url)
        cookies = "; ".join(f"{cookie.key}={cookie.value}" for cookie in office_.http.cookie_jar)
        before = asyncio.all_tasks()
        with socket.create_connection((address.hostname, address.port)) as page:  # the server's loop waits for it
            page.sendall(
                b"POST /api/sign-out HTTP/1.1\r\nHost: %b\r\nProctor-Role: training_office\r\nCookie: %b\r\n"
                b"Content-Length: 2\r\n\r\n{}" % (address.netloc.encode(), cookies.encode())
            )
        await office_.get("/api/time")
        if serving := asyncio.all_tasks() - before:
            await asyncio.wait(serving, timeout=5)
        assert "exams" in await office_.get("/api/exams")
        assert not [record for record in caplog.records if record.levelno >= logging.WARNING]


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
            (TUS, "bad_request"),
            (beginning(-1), "bad_request"),
            ({**beginning(5), "Upload-Metadata": "filename ???"}, "bad_request"),
            (beginning(5), "not_admitted"),
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


@pytest.mark.parametrize(
    ("remote", "counted"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("::ffff:192.0.2.7", "192.0.2.7"),  # the same, at a socket of both kinds
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2:ffff::1", "2001:db8:1:2::/64"),  # another address of the same household
        ("2001:db8:1:3::1", "2001:db8:1:3::/64"),
        ("fe80::1%eth0", "fe80::/64"),
        ("", ""),
        ("unix:", "unix:"),
    ],
)
def test_tries_are_counted_by_household(remote: str, counted: str) -> None:
    assert address_of(make_mocked_request("GET", "/").clone(remote=remote)) == counted


@pytest.mark.parametrize("moment", ["9999-12-31T23:59:59.999Z", "0001-01-01T00:00:00+14:00", "0001-01-01T00:00:00Z"])
async def test_a_moment_that_no_exam_has_is_refused(server: Server, moment: str) -> None:
    times = {**exam_times(MORNING), "starts_at": moment}
    async with await office_page(server) as office:
        refused = await office.post("/api/exams", {"title": "Triết học", **times})
        assert (code(refused), refused["error"]["details"]["field"]) == ("bad_request", "time")


async def test_a_name_that_no_file_has_is_not_found(server: Server) -> None:
    async with Page(server.url, "candidate") as page:
        assert await status_and_code(page, "GET", "/lib/" + "x" * 300) == (404, "not_found")


async def test_what_is_not_seen_is_no_title_no_reason_and_no_other_account(server: Server) -> None:
    async with await office_page(server) as office:
        assert code(await office.post("/api/exams", {"title": "\u200b\u202e", **exam_times(MORNING)})) == "bad_request"
        person = {"full_name": "Người khác", "role": "invigilator", "password": PASSWORD}
        for name in ("OFFICE", "of\u200bfice"):
            assert code(await office.post("/api/staff", {"name": name, **person})) == "name_taken"


async def test_json_that_is_nested_too_deeply_is_no_request(server: Server) -> None:
    async with Page(server.url, "candidate") as page:
        nested = b"[" * 5_000 + b"]" * 5_000
        async with page.http.post(f"{page.url}/api/sign-in/candidate", data=nested) as response:
            assert (response.status, code(await response.json())) == (400, "bad_request")
