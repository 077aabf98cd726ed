"""The examples of docs/PROTOCOL.md: each can be read, what a page sends is accepted by the structures that the server
reads it with, and what the server sends has the fields that it says."""

from __future__ import annotations

import inspect
import json
import re
from datetime import timedelta
from typing import Any

import pytest

from proctor import views
from proctor.exam.decisions import closing, conduct, notes, papers, presence
from proctor.signalling.messages import FROM_PAGE
from proctor.web.server import SUBJECTS
from tests.exam.rooms import MINUTE, Log, T
from tests.signalling.examples import OBJECTS, PAGE, ROWS, SPANS, accepted, bodies, messages_sent
from tests.signalling.notation import Choice, Named, read


@pytest.mark.parametrize("span", SPANS, ids=lambda span: span[:40])
def test_an_example_can_be_read(span: str) -> None:
    assert read(span) is not None


def names_in(value: Any) -> set[str]:
    match value:
        case Named():
            return {value.name}
        case Choice():
            return set().union(*map(names_in, value.values))
        case dict():
            return set().union(*map(names_in, value.values()))
        case list():
            return set().union(*map(names_in, value))
    return set()


def test_every_object_that_an_example_names_is_described() -> None:
    described = set(re.findall(r"`([A-Z]\w+)`: ", PAGE))
    assert {name for span in SPANS for name in names_in(read(span))} <= described


def test_the_block_of_the_replay_is_json_but_for_its_room() -> None:
    (block,) = re.findall(r"```json\n(.*?)```", PAGE, re.DOTALL)
    assert set(json.loads(block.replace(": Room,", ": {},"))) >= {"candidate", "segments", "gaps", "open"}


@pytest.mark.parametrize("message", FROM_PAGE)
def test_what_a_page_sends_is_accepted(message: str) -> None:
    assert messages_sent(message), f"{message} has no example"


def asked_with(handler: Any) -> type[Any] | None:
    """The structure that a route reads its body as."""
    found = re.search(
        r"body_as\(request, (\w+)\)|_asked\(request, \"\w+\", (\w+)\)", inspect.getsource(handler)
    )
    return getattr(inspect.getmodule(handler), found[1] or found[2]) if found else None


READING = {
    f"{route.method} {route.path}": kind
    for subject in SUBJECTS
    for route in subject.routes
    if (kind := asked_with(route.handler))
}


def test_routes_read_their_bodies_in_a_way_that_is_seen_here() -> None:
    sources = [inspect.getsource(subject) for subject in SUBJECTS]
    calls = sum(len(re.findall(r"\b(?:body_as|_asked)\(", source)) for source in sources)
    defined = sum(len(re.findall(r"def _asked\(", source)) for source in sources)
    assert len(READING) == calls - 2 * defined  # the definition, and the call in it


@pytest.mark.parametrize("route", READING)
def test_the_body_of_a_request_is_accepted(route: str) -> None:
    (row,) = [row for row in ROWS if row[0].strip("`").partition("?")[0] == route]
    examples = bodies(row[-1])
    if not examples:
        (as_other,) = re.findall(r"^as `([A-Z]+ /api/[^`]+)`", row[-1])
        assert READING[as_other] is READING[route]
        return
    for example in examples:
        accepted(example, READING[route])


def everything_said() -> Log:
    """A room in which everything has happened that a view tells of."""
    log = Log().at_work()
    file = papers.give_material(
        log.room, T, material="g_1", nature="file", title="x", text="", file=("0" * 64, 1, "application/pdf")
    )
    log.take(file, T)
    log.save("một", 0)
    seen = {"since": T, "until": T}
    noted = conduct.note_violation(
        log.room, T + MINUTE, by="s", candidate="c", violation="x_1", category="phone", text="", **seen
    )
    log.take(noted, T + MINUTE)
    log.take(notes.add(log.room, T + MINUTE, by="s", note="n_1", text="x"), T + MINUTE)
    log.take(conduct.send_message(log.room, T, by="s", message="m_1", to=(), text="x"), T)
    log.take(presence.offer_shift(log.room, T, by="s", to="s2", note=""), T)
    log.take(conduct.suspend(log.room, T + MINUTE, by="s", candidate="c", reason="x"), T + MINUTE)
    log.pass_time(T + 90 * MINUTE + timedelta(seconds=1))
    log.take(closing.publish_lists(log.room, T + 91 * MINUTE, by="s", reason=""), T + 91 * MINUTE)
    return log


SAID = everything_said().room
# Their fields are names, or a page's own.
BY_NAME = {"refuses", "photos", "checks", "asked", "acts", "briefings", "device"}


@pytest.mark.parametrize(("name", "view"), [
    ("Times", views.times(SAID.schedule, regime="A")),
    ("Room", views.room(SAID, T)),
    ("StaffRoom", {key: told for key, told in views.staff_room(SAID, T).items() if key not in views.room(SAID, T)}),
    ("Sitting", views.sitting(SAID, SAID.sittings["c"])),
    ("Act", views.act(SAID.sittings["c"].acts["suspension"])),
    ("RoomStaff", views.staff(SAID)[0]),
    ("Shift", views.shift(SAID)),
    ("Violation", views.violation(SAID.violations["x_1"])),
    ("Note", views.note(SAID.notes[0])),
    ("Material", views.material(SAID.materials[0])),
    ("Lists", views.lists(SAID)),
    ("Message", views.message(SAID.messages[0])),
], ids=lambda value: value if isinstance(value, str) else "")  # fmt: skip
def test_an_object_has_the_fields_that_the_page_says(name: str, view: dict[str, Any]) -> None:
    described = OBJECTS[name]
    assert set(view) == set(described)
    for key, value in view.items():
        told = described[key].values[0] if isinstance(described[key], Choice) else described[key]
        if isinstance(value, dict) and isinstance(told, dict) and key not in BY_NAME:
            assert set(value) == set(told), key
