"""The examples in docs/PROTOCOL.md of what is no JSON: a running house answers as they say."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from aiohttp import FormData

from proctor.exam.permissions import Role
from proctor.rehearsal.page import Page
from proctor.rehearsal.pictures import photo
from tests.signalling.examples import EXCHANGES, ROWS, Exchange, undescribed
from tests.support.clock import SteppedClock
from tests.support.house import PDF, Server, running
from tests.support.world import World
from tests.web.test_roles import OPEN, may, world

ELSEWHERE = ("/still", "/picture", "/handover/manifest.json", "/recordings/c_9/s_1", "/clip/s_1")
"""Need a camera, or a room that was handed over: tests/test_stills.py, test_closing_day.py, test_recorded_room.py."""


async def names_of(there: World) -> dict[str, str]:
    """What the examples call what is there; `f_1` is found on the way."""
    exam, office = there.exam, there.pages["training_office"]
    form = FormData({"material": '{"nature":"file","title":"Bảng số","text":""}'})
    form.add_field("file", PDF, filename="bang-so.pdf", content_type="application/pdf")
    given = await office.call("POST", f"/api/rooms/{exam.room}/materials", data=form)
    candidate = exam.candidates["001"]
    (face, *_) = there.server.house.rooms.get(exam.room).state.sitting(candidate).photos.values()
    return {
        "812": str(len(photo(1))), "r_1": exam.room, "e_1": exam.exam, "c_9": candidate, "g_1": given["material"],
        "f_7": face.photo,
    }  # fmt: skip


def named(text: str, names: dict[str, str]) -> str:
    for example, real in names.items():
        text = text.replace(example, real)
    return text


async def ask(page: Page, exchange: Exchange, there: World, names: dict[str, str]) -> tuple[int, dict[str, str]]:
    sent: dict[str, Any] = {"data": photo(1)} if exchange.method == "PATCH" else {}
    if exchange.path.endswith("slips.pdf"):
        sent = {"json": {"codes": {names["c_9"]: there.exam.codes["001"]}}}
    headers = {name: named(value, names) for name, value in exchange.headers.items()}
    url = page.url + named(exchange.path, names)
    async with page.http.request(exchange.method, url, headers=headers, **sent) as answer:
        await answer.read()
        return answer.status, dict(answer.headers)


READ = [(row[0].strip("`").partition("?")[0], row) for row in ROWS if row[0].startswith("`GET /api/")]


async def test_what_is_read_as_json_has_the_fields_that_the_page_says(server: Server, clock: SteppedClock) -> None:
    """Of every route that is there to read and finds something to tell while an exam is under way.

    Of a candidate's own session the page tells in words what it has besides: `elsewhere`, `submitted_at`, `awaited`,
    `awaited_until`, `completed_at` and `incomplete_at`.
    """
    compared, otherwise = set(), {}
    async with world(server, clock) as there:
        for name, row in READ:
            method, path = route = tuple(name.split(" "))
            roles = [Role.CANDIDATE] if route in OPEN else sorted(may(route))
            for role in roles:
                told = await there.pages[role].call(method, there.path(path) + "?after=0")
                if "error" in told or "body" in told or "→ `" not in row[-1]:
                    continue
                compared.add(name)
                if "elsewhere" in told:
                    besides = ("elsewhere", "submitted_at", "awaited", "awaited_until", "completed_at", "incomplete_at")
                    for name_ in besides:
                        del told[name_]
                if unlike := undescribed([(row[0].strip("`"), told)]):
                    otherwise[name, role] = unlike
    assert otherwise == {}
    assert len(compared) > 10


async def test_the_examples_are_what_the_server_says(tmp_path: Path, clock: SteppedClock) -> None:
    authority = tmp_path / "ca.crt"
    authority.write_bytes(b"-----BEGIN CERTIFICATE-----")
    async with running(tmp_path, clock, authority=authority) as server, world(server, clock) as there:
        names = await names_of(there)
        for exchange in EXCHANGES:
            if exchange.path.endswith(ELSEWHERE):
                continue
            page = there.pages[exchange.headers.get("Proctor-Role", "candidate")]
            status, told = await ask(page, exchange, there, names)
            assert status == exchange.status, exchange
            if "Location" in exchange.told:
                names["f_1"] = told["Location"].rpartition("/")[2]
            for name, value in exchange.told.items():
                assert "…" in value or told[name] == named(value, names), (exchange, name)
