"""The examples of docs/PROTOCOL.md, as values."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any, NamedTuple

import msgspec

from proctor.signalling.messages import FROM_PAGE
from tests.signalling.notation import LEFT_OUT, Choice, Named, filled, meant, read

PAGE = (Path(__file__).parents[2] / "docs/PROTOCOL.md").read_text(encoding="utf-8")
SPANS = [span.replace(r"\|", "|") for span in re.findall(r"`([{\[][^`]*)`", PAGE)]
OBJECTS = {
    name: read(body.replace(r"\|", "|")) for name, body in re.findall(r"`([A-Z]\w+)`: `(\{[^`]*\})`", PAGE)
}  # fmt: skip


def cells(row: str) -> list[str]:
    """The cells of a row of a table."""
    return [cell.strip().replace(r"\|", "|") for cell in re.split(r"(?<!\\)\|", row.strip("|\n"))]


ROWS = [cells(row) for row in re.findall(r"^\| `.*\|$", PAGE, re.MULTILINE)]


class Exchange(NamedTuple):
    """A request, and its answer, of which a page takes other things than JSON."""

    method: str
    path: str
    headers: dict[str, str]
    status: int
    told: dict[str, str]  # headers of the answer


def exchanges(block: str) -> list[Exchange]:
    """The exchanges of a block of examples, which blank lines part."""
    found = re.findall(r"([A-Z]+) (.+)\n((?:[\w-]+: .*\n)*)(\d{3})\n((?:[\w-]+: .*\n?)*)", block)
    assert len(found) == len(block.strip().split("\n\n"))
    return [
        Exchange(method, path, dict(re.findall("(.+): (.*)", asked)), int(status), dict(re.findall("(.+): (.*)", told)))
        for method, path, asked, status, told in found
    ]


BLOCKS = re.findall(r"```http\n(.*?)```", PAGE, re.DOTALL)
EXCHANGES = [exchange for block in BLOCKS for exchange in exchanges(block)]


def bodies(cell: str) -> list[str]:
    """The examples of what is sent: those before the arrow, or the name of an object that is."""
    return re.findall(r"`(\{[^`]*\}|[A-Z]\w+)`", cell.split("→", 1)[0]) if "→" in cell else []


def accepted(example: str, kind: type[Any]) -> list[Any]:
    """One body for each meaning of the example, as the server reads it. Raises ValueError where it reads none."""
    return [_accepted(value, kind) for value in meant(read(example), OBJECTS)]


def _accepted(value: Any, kind: type[Any]) -> Any:
    errors = set()
    for body in filled(value):
        try:
            msgspec.json.decode(json.dumps(body), type=kind)
            return body
        except msgspec.ValidationError as error:
            errors.add(str(error))
    raise ValueError(f"{value} is no {kind.__name__}: {sorted(errors)}")


def messages_sent(message: str) -> list[Any]:
    """Bodies that a page sends as `message`, one for each meaning of its examples."""
    (row,) = [row for row in ROWS if row[0] == f"`{message}`"]
    return [body for example in bodies(row[2]) for body in accepted(example, FROM_PAGE[message])]


def undescribed(heard: list[tuple[str, Any]]) -> list[str]:
    """Where messages of the server, or its acknowledgements of a page's, say something else than docs/PROTOCOL.md does,
    by message and field."""
    return sorted({f"{message}{at}" for message, body in heard for at in _unlike(body, _said(message))})


def _said(message: str) -> Any:
    """What the server sends as `message`, or answers it with."""
    (row,) = [row for row in ROWS if row[0] == f"`{message}`"]
    found = re.search(r"`(\{.*?\}|[A-Z]\w+(?:\|[A-Z]\w+)*)`", row[-1].partition("→")[2] or row[-1])
    assert found is not None, f"{message} has no example"
    return read(found[1])


# Their fields are names, or a page's own.
_BY_NAME = {"refuses", "photos", "checks", "asked", "acts", "briefings", "device", "findings", "candidates", "details",
            "overtaken", "not_ready", "rooms"}
_WHOLE = {**OBJECTS, "Room": Choice([OBJECTS["Room"], {**OBJECTS["Room"], **OBJECTS["StaffRoom"]}])}


def _unlike(value: Any, described: Any, name: str = "") -> set[str]:
    """The places below which `value` has other fields, or another kind of value, than `described`."""
    match described:
        case Choice():
            return min((_unlike(value, each, name) for each in described.values), key=len)
        case Named():
            return _unlike(value, _WHOLE[described.name], name) if described.name in _WHOLE else set()
        case dict() if isinstance(value, dict):
            if name in _BY_NAME:
                example = next(iter(described.values()), LEFT_OUT)
                return {at for each in value.values() for at in _unlike(each, example)}
            others = {f".{key}" for key in value.keys() ^ described.keys()}
            common = value.keys() & described.keys()
            return others | {f".{key}{at}" for key in common for at in _unlike(value[key], described[key], key)}
        case list() if isinstance(value, list):
            return {f"[]{at}" for each in value for at in (_unlike(each, described[0]) if described else ())}
    same = described is LEFT_OUT or (value is None) == (described is None)
    return set() if same and not isinstance(described, dict | list) else {""}
