"""The notation of the examples in docs/PROTOCOL.md, read: JSON with four shorthands.

    …, {…}, […], "…"     something that the example leaves out
    "a"|"b", X|null      one or the other
    {"title","at":…}     a field that is only named
    Times, [File]        an object that the page describes elsewhere
"""

from __future__ import annotations

import itertools
import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

LEFT_OUT = object()
MOMENT = "2026-11-22T01:30:00.000Z"
_TOKEN = re.compile(r'\s*("(?:[^"\\]|\\.)*"|-?\d+(?:\.\d+)?|[A-Za-z]\w*|…|[{}\[\],:|])')
_WORDS = {"true": True, "false": False, "null": None}


class Choice:
    """One of several values."""

    def __init__(self, values: list[Any]) -> None:
        self.values = values


class Named:
    """An object that the page describes elsewhere."""

    def __init__(self, name: str) -> None:
        self.name = name


def read(example: str) -> Any:
    """The example as dicts, lists and values, with LEFT_OUT, Choice and Named in it. Raises ValueError."""
    tokens = []
    at = 0
    while at < len(example.rstrip()):
        token = _TOKEN.match(example, at)
        if token is None:
            raise ValueError(f"not of the notation: {example[at : at + 30]}")
        tokens.append(token[1])
        at = token.end()
    value, rest = _alternatives(tokens)
    if rest:
        raise ValueError(f"something follows the end: {' '.join(rest)[:30]}")
    return value


def _alternatives(tokens: list[str]) -> tuple[Any, list[str]]:
    value, rest = _value(tokens)
    values = [value]
    while rest[:1] == ["|"]:
        value, rest = _value(rest[1:])
        values.append(value)
    return (values[0] if len(values) == 1 else Choice(values)), rest


def _value(tokens: list[str]) -> tuple[Any, list[str]]:
    if not tokens:
        raise ValueError("ends too early")
    token, rest = tokens[0], tokens[1:]
    if token == "{":
        return _members(rest)
    if token == "[":
        return _elements(rest)
    if token == "…":
        return LEFT_OUT, rest
    if token in _WORDS:
        return _WORDS[token], rest
    if token[0].isupper():
        return Named(token), rest
    try:
        return json.loads(token), rest
    except ValueError:
        raise ValueError(f"not of the notation: {token}") from None


def _members(rest: list[str]) -> tuple[Any, list[str]]:
    members: dict[str, Any] = {}
    if rest[:2] == ["…", "}"]:
        return LEFT_OUT, rest[2:]
    while rest[:1] != ["}"]:
        if not rest or not rest[0].startswith('"'):
            raise ValueError(f"no name of a field: {' '.join(rest[:3])}")
        name, value, rest = json.loads(rest[0]), LEFT_OUT, rest[1:]
        if rest[:1] == [":"]:
            value, rest = _alternatives(rest[1:])
        if name in members:
            raise ValueError(f"named twice: {name}")
        members[name] = value
        rest = _after_comma(rest, "}")
    return members, rest[1:]


def _elements(rest: list[str]) -> tuple[Any, list[str]]:
    elements: list[Any] = []
    while rest[:1] != ["]"]:
        value, rest = _alternatives(rest)
        if value is not LEFT_OUT:
            elements.append(value)
        rest = _after_comma(rest, "]")
    return elements, rest[1:]


def _after_comma(rest: list[str], end: str) -> list[str]:
    if rest[:1] == [","]:
        return rest[1:]
    if rest[:1] != [end]:
        raise ValueError(f"neither comma nor {end}: {' '.join(rest[:3])}")
    return rest


def meant(value: Any, objects: Mapping[str, Any], name: str = "") -> list[Any]:
    """The JSON values that an example stands for, each alternative in one of them; with LEFT_OUT still in it."""
    match value:
        case Choice():
            return [each for alternative in value.values for each in meant(alternative, objects, name)]
        case Named():
            return meant(objects[value.name], objects) if value.name in objects else [LEFT_OUT]
        case dict():
            fields = {key: meant(each, objects, key) for key, each in value.items()}
            first = {key: each[0] for key, each in fields.items()}
            return [first, *({**first, key: other} for key, each in fields.items() for other in each[1:])]
        case list():
            each = [meant(element, objects, name) for element in value]
            first = [values[0] for values in each]
            return [first, *(
                [*first[:at], other, *first[at + 1 :]] for at, values in enumerate(each) for other in values[1:]
            )]  # fmt: skip
        case str() if "…" in value:
            return ["0" * 64 if name.endswith("sha256") else MOMENT]
    return [value]


_FILLS = (MOMENT, 1, True, {}, [], None, "0" * 64)


def filled(value: Any) -> Iterator[Any]:
    """The value with something in every place that was left out, in every combination of simple things."""
    match value:
        case dict():
            fields = [list(filled(each)) for each in value.values()]
            yield from (dict(zip(value, each, strict=True)) for each in itertools.product(*fields))
        case list():
            yield from (list(each) for each in itertools.product(*(list(filled(element)) for element in value)))
        case _ if value is LEFT_OUT:
            yield from _FILLS
        case _:
            yield value
