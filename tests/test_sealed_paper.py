"""Before the release no route, no message and no file tells the paper, the reserve paper, or the key of either."""

from __future__ import annotations

import base64
import json
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import timedelta
from typing import Any

from proctor.exam.permissions import Role, allowed
from proctor.rehearsal.page import Page, code
from proctor.signalling.messages import FROM_PAGE
from proctor.views import moment
from tests.signalling.examples import messages_sent, undescribed
from tests.signalling.notation import MOMENT
from tests.support.clock import SteppedClock
from tests.support.files import contents
from tests.support.house import PASSWORD, PDF, Server, admit, candidate_page, invigilator_page, office_page, plan_exam
from tests.support.house import reach_lobby as come
from tests.support.world import Route, World, routes_of, sign_the_others_in

RESERVE = PDF.replace(b"\n", b"\n% the reserve paper\n", 1)
HEAD = 198  # bytes, a multiple of three: base64 of the beginning is the beginning of base64
QUERIES = ("", "?use=reserve", "?use=main&to_confirm=1")
NAMES = {"violation": "x_1", "message": "m_3", "subscription": "v_1"}
"""What the examples call something that an acknowledgement names."""
OFFICE = Role.TRAINING_OFFICE
PREVIEW = ("GET", "/api/exams/{exam}/paper")  # the office's own, which stands on its log


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


@asynccontextmanager
async def sealed_room(server: Server, clock: SteppedClock) -> AsyncIterator[World]:
    """A room with two papers half a minute before the release; all are signed in, a candidate is admitted."""
    async with AsyncExitStack() as stack:
        exam = await plan_exam(server)
        office = await stack.enter_async_context(await office_page(server))
        assert code(await office.put(f"/api/exams/{exam.exam}/paper?use=reserve", data=RESERVE)) is None
        clock.jump_to(exam.starts_at - timedelta(seconds=30))
        pages = {
            OFFICE: office,
            Role.INVIGILATOR: await stack.enter_async_context(await invigilator_page(server)),
            Role.CANDIDATE: await stack.enter_async_context(await candidate_page(server, exam, "001")),
            Role.PHONE: await stack.enter_async_context(Page(server.url, Role.PHONE)),  # let in after the release only
        }
        await pages[Role.INVIGILATOR].join(exam.room)
        await come(pages[Role.CANDIDATE], exam.room)
        assert code(await admit(pages[Role.INVIGILATOR], exam.candidates["001"])) is None
        head = await sign_the_others_in(server, pages, stack)
        yield World(server, exam, "x", head, pages)


def body_of(example: Any, names: dict[str, str], there: World) -> Any:
    """What docs/PROTOCOL.md says that a page sends, about those who are there, at this moment."""
    written = json.dumps(example)
    for named, real in names.items():
        written = written.replace(json.dumps(named), json.dumps(real))
    body = json.loads(written)
    return body | ({"epoch": there.pages[Role.CANDIDATE].epoch} if "epoch" in body else {})


def is_malformed(answer: Any) -> bool:
    """Whether the message could not even be read; what a handler then finds not right has no `why`."""
    return code(answer) == "bad_request" and "why" in answer["error"]["details"]


async def send_every_message(page: Page, names: dict[str, str], there: World) -> dict[str, bytes]:
    """What the page is told, by message; all that its role may send comes to its handler.

    `names`: what the examples call those who are there; what comes into being is added.
    """
    told = {}
    for message, example in ((name, example) for name in FROM_PAGE for example in messages_sent(name)):
        answer = await page.tell(message, **body_of(example, names, there))
        if allowed(Role(page.role), message):
            came = code(answer) not in ("too_fast", "forbidden", "internal") and not is_malformed(answer)
            assert came, (message, example, answer)
        else:
            assert code(answer) == "forbidden", (message, answer)
        names |= {NAMES[kind]: named for kind, named in answer.items() if kind in NAMES}
        assert "error" in answer or undescribed([(message, answer)]) == []
        told[f"{message} {example}"] = json.dumps(answer).encode()
    return told


async def ask_every_route(page: Page, there: World) -> dict[str, bytes]:
    """What the page is answered; signing out comes last, since nothing goes on after it. The office, which may do
    everything, only reads, and leaves out its preview."""
    told = {}
    routes = [route for route in routes_of(there.server) if route[1] != "/socket.io/"]
    if page.role == OFFICE:
        routes = [route for route in routes if route[0] == "GET" and route != PREVIEW]
        assert len(routes) > 10
    for method, path in sorted(routes, key=lambda route: route[1] == "/api/sign-out"):
        for query in QUERIES if "/paper" in path else ("",):
            told[f"{method} {path}{query}"] = await answer(page, (method, path), query, there)
    return told


async def answer(page: Page, route: Route, query: str, there: World) -> bytes:
    sent = there.sent(route)
    headers = {"Proctor-Role": page.role, **sent.headers}
    url = page.url + there.path(route[1]) + query
    async with page.http.request(route[0], url, json=sent.body, data=sent.data, headers=headers) as response:
        assert response.status < 500, route
        return await response.read()


async def test_the_paper_stays_sealed_until_the_release(server: Server, clock: SteppedClock) -> None:
    async with sealed_room(server, clock) as there, await candidate_page(server, there.exam, "002") as listener:
        room, pages = there.exam.room, there.pages
        main, reserve = await keys_of(server, there.exam.exam)
        secrets = [main, reserve, PDF[:HEAD], RESERVE[:HEAD]]
        await come(listener, room)
        assert code(await admit(pages[Role.INVIGILATOR], there.exam.candidates["002"])) is None
        welcomes = {role: await pages[role].join(room) for role in Role if allowed(role, "join")}
        assert [role for role, welcome in welcomes.items() if welcome["paper_key"] is not None] == []
        one, two = there.exam.candidates.values()
        names = {"c_9": one, "c_10": two, MOMENT: moment(clock.now())}
        for role in welcomes:
            for message, told in (await send_every_message(pages[role], names, there)).items():
                assert betrayed(secrets, told) == [], (role, message)
        for role in pages:
            for route, told in (await ask_every_route(pages[role], there)).items():
                assert betrayed(secrets, told) == [], (role, route)
        for page in (listener, *pages.values()):
            assert betrayed(secrets, json.dumps(page.heard).encode()) == [], page.role
        config = server.house.config
        for file, content in contents(config.data, config.recordings):
            assert betrayed(secrets, content) == [], file

        assert code(await pages[Role.INVIGILATOR].sign_in("invigilator", PASSWORD)) is None
        await pages[Role.INVIGILATOR].join(room)
        clock.jump_to(there.exam.starts_at)  # and then it is told, in a form that would have been found
        heard = await listener.hear("paper_key")
        assert betrayed(secrets, json.dumps(heard).encode()) == [main]
