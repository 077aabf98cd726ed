"""docs/PROTOCOL.md names every message and route, and no other."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from proctor.errors import SENTENCES
from proctor.signalling.messages import FROM_PAGE, FROM_SERVER
from proctor.web import pages
from proctor.web.server import SUBJECTS
from tests.signalling.examples import EXCHANGES, PAGE, ROWS, Exchange

Route = tuple[str, str]


def section(title: str) -> str:
    return re.split(r"\n##+ ", PAGE.split(title, 1)[1], maxsplit=1)[0]


def test_messages_from_the_page() -> None:
    assert sorted(re.findall(r"^\| `(\w+)` \|", section("### From the page"), re.MULTILINE)) == sorted(FROM_PAGE)


def test_messages_from_the_server() -> None:
    assert sorted(re.findall(r"^\| `(\w+)` \|", section("### From the server"), re.MULTILINE)) == sorted(FROM_SERVER)


def test_the_client_library_listens_to_all_of_them() -> None:
    source = (Path(__file__).parents[2] / "webclient/lib/room.js").read_text(encoding="utf-8")
    assert [name for name in FROM_SERVER if f'"{name}"' not in source] == []


def routes_in(cell: str) -> set[Route]:
    """The routes that the first cell of a row names, their query left out."""
    return {(method, path) for method in re.findall(r"`([A-Z]+)", cell) for path in re.findall(r"(/[^`?,]*)", cell)}


TOLD = [(routes_in(row[0]), row) for row in ROWS if re.match("`[A-Z]+[ `]", row[0])]
REAL = {(route.method, route.path) for subject in SUBJECTS for route in subject.routes} | {
    (route.method, re.sub(r"\{(\w+):.*\}", r"{\1}", route.path)) for route in pages.routes(Path())
}


def test_routes() -> None:
    assert set().union(*(routes for routes, _ in TOLD)) == REAL
    assert sum(len(routes) for routes, _ in TOLD) == len(REAL)


@pytest.mark.parametrize(("routes", "row"), TOLD, ids=lambda value: value[0] if isinstance(value, list) else "")
def test_a_route_has_an_example(routes: set[Route], row: list[str]) -> None:
    in_json = re.search(r"→ `(?:\{|\[|[A-Z])", row[-1])
    assert in_json or [route for route in routes if any(shows(exchange, route) for exchange in EXCHANGES)]


def shows(exchange: Exchange, route: Route) -> bool:
    path = re.sub(r"\{\w+\}", "[^/]+", re.escape(route[1]).replace(r"\{", "{").replace(r"\}", "}"))
    return exchange.method == route[0] and re.fullmatch(path, exchange.path.partition("?")[0]) is not None


def test_every_error_code_that_the_page_names_exists() -> None:
    codes = set(re.findall(r"`([a-z]+(?:_[a-z]+)+)`", PAGE)) & set(SENTENCES)
    assert {"gate_closed", "waiting_for_invigilator", "stale_revision", "upload_mismatch"} <= codes
