"""docs/PROTOCOL.md names every message and route, and no other."""

from __future__ import annotations

import re
from pathlib import Path

from proctor.errors import SENTENCES
from proctor.signalling.messages import FROM_PAGE, FROM_SERVER
from proctor.web.server import SUBJECTS

PAGE = (Path(__file__).parents[2] / "docs/PROTOCOL.md").read_text(encoding="utf-8")


def section(title: str) -> str:
    return re.split(r"\n##+ ", PAGE.split(title, 1)[1], maxsplit=1)[0]


def test_messages_from_the_page() -> None:
    assert sorted(re.findall(r"^\| `(\w+)` \|", section("### From the page"), re.MULTILINE)) == sorted(FROM_PAGE)


def test_messages_from_the_server() -> None:
    assert sorted(re.findall(r"^\| `(\w+)` \|", section("### From the server"), re.MULTILINE)) == sorted(FROM_SERVER)


def test_the_client_library_listens_to_all_of_them() -> None:
    source = (Path(__file__).parents[2] / "webclient/lib/room.js").read_text(encoding="utf-8")
    assert [name for name in FROM_SERVER if f'"{name}"' not in source] == []


def test_routes() -> None:
    told = set()
    for methods, path in re.findall(r"^\| (`[A-Z`, ]+) (/api/[^`?]+)[^|]*\|", PAGE, re.MULTILINE):
        told |= {(method, path) for method in re.findall("[A-Z]+", methods)}
    real = {
        (route.method, route.path)
        for subject in SUBJECTS
        for route in subject.routes
    }
    assert told == real


def test_every_error_code_that_the_page_names_exists() -> None:
    codes = set(re.findall(r"`([a-z]+(?:_[a-z]+)+)`", PAGE)) & set(SENTENCES)
    assert {"gate_closed", "waiting_for_invigilator", "stale_revision", "upload_mismatch"} <= codes
