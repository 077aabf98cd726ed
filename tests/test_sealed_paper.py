"""Before the release no route, no message and no file tells the paper, the reserve paper, or the key of either."""

from __future__ import annotations

import base64
import contextlib
import json
import re
from datetime import timedelta

import pytest

from proctor.rehearsal.page import Page, code
from proctor.signalling.messages import FROM_PAGE
from tests.support.clock import SteppedClock
from tests.support.house import PDF, Exam, Server, admit, candidate_page, invigilator_page, office_page, plan_exam
from tests.support.house import reach_lobby as come

RESERVE = PDF.replace(b"\n", b"\n% the reserve paper\n", 1)
LEFT_OUT = ("/api/changes", "/socket.io/")  # one waits for news and tells that there is some, the other is a socket


async def keys_of(server: Server, exam: str) -> list[bytes]:
    house = server.house
    papers = [await house.exams.paper(exam, use) for use in ("main", "reserve")]
    return [house.keys.unwrap(paper.wrapped_key, f"paper {exam}") for paper in papers]


def betrayed(secrets: list[bytes], told: bytes) -> list[bytes]:
    """The secrets in `told`, as they are or in a form that JSON or a log would give them."""
    return [secret for secret in secrets if any(form in told for form in forms_of(secret))]


def forms_of(secret: bytes) -> list[bytes]:
    encoded = [base64.b64encode(secret), base64.urlsafe_b64encode(secret)]
    written = [secret.hex().encode(), secret.hex().upper().encode()]
    return [secret, *(form.rstrip(b"=") for form in encoded), *written]


async def ask_every_route(page: Page, server: Server, exam: Exam) -> dict[str, bytes]:
    """What the page gets from each path that there is to read."""
    names = {"exam": exam.exam, "room": exam.room, "candidate": exam.candidates["001"]}
    told = {}
    for route in server.house.http.router.routes():
        path = re.sub(r"\{(\w+)[^}]*\}", lambda name: names.get(name[1], "x"), route.resource.canonical)
        if route.method != "GET" or path in LEFT_OUT:
            continue
        for query in ("", "?use=reserve", "?use=main&to_confirm=1"):
            async with page.http.get(page.url + path + query, headers={"Proctor-Role": page.role}) as response:
                told[path + query] = await response.read()
    return told


@pytest.mark.parametrize("role", ["candidate", "invigilator"])
async def test_the_paper_stays_sealed_until_the_release(server: Server, clock: SteppedClock, role: str) -> None:
    exam = await plan_exam(server)
    async with (
        await office_page(server) as office,
        await invigilator_page(server) as invigilator,
        await candidate_page(server, exam, "001") as candidate,
    ):
        assert code(await office.put(f"/api/exams/{exam.exam}/paper?use=reserve", data=RESERVE)) is None
        main, reserve = await keys_of(server, exam.exam)
        secrets = [main, reserve, PDF[:200], RESERVE[:200]]
        clock.jump_to(exam.starts_at - timedelta(seconds=30))
        await invigilator.join(exam.room)
        await come(candidate, exam.room)
        await admit(invigilator, exam.candidates["001"])
        page = {"candidate": candidate, "invigilator": invigilator}[role]
        for path, told in (await ask_every_route(page, server, exam)).items():
            assert betrayed(secrets, told) == [], path
        for name in FROM_PAGE:
            told = json.dumps(await page.tell(name, epoch=page.epoch)).encode()
            assert betrayed(secrets, told) == [], name
        welcome = await page.join(exam.room)
        assert welcome.get("paper_key") is None
        assert betrayed(secrets, json.dumps([welcome, page.heard]).encode()) == []
        for file in server.house.config.data.rglob("*"):
            with contextlib.suppress(FileNotFoundError, IsADirectoryError):  # another name while it is written
                assert betrayed(secrets, file.read_bytes()) == [], file

        clock.jump_to(exam.starts_at)  # and then it is told, in a form that would have been found
        heard = await candidate.hear("paper_key")
        assert betrayed(secrets, json.dumps(heard).encode()) == [main]
