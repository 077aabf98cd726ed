"""scripts/soak: that it plays, and what it says of memory that grows."""

from __future__ import annotations

import json
import sys
from importlib.machinery import SourceFileLoader
from importlib.util import module_from_spec, spec_from_loader
from types import ModuleType
from typing import Any

import pytest

from tests.support.command import TOP, started

MINUTES = 3.0


@pytest.fixture(scope="module")
def soak() -> ModuleType:
    """The script, as a module."""
    loader = SourceFileLoader("soak", str(TOP / "scripts/soak"))
    spec = spec_from_loader("soak", loader)
    assert spec is not None
    module = sys.modules["soak"] = module_from_spec(spec)
    loader.exec_module(module)
    return module


def report(**more: Any) -> dict[str, Any]:
    room = {"candidates": 50, "submitted": 50, "delivered": 1.0, "recorded_least": 0.999, "limits": []}
    return {"verdict": "ready", "on_time": 0.999, "rooms": [room | more]}


def samples(soak: ModuleType, *megabytes: float) -> list[Any]:
    """A sixth of the time of writing with so much memory each, and much more before and after it."""
    part = MINUTES * 60 / soak.PARTS
    beside = [soak.Sample(at, 900.0, 900.0, at) for at in (1.0, soak.LEAD - 1, soak.LEAD + MINUTES * 60 + 1)]
    return beside[:2] + [
        soak.Sample(soak.LEAD + number * part + at, own, 50.0, 10.0 + number)
        for number, own in enumerate(megabytes)
        for at in (0.1, part / 2, part - 0.1)
    ] + beside[2:]  # fmt: skip


def test_what_fills_at_first_is_no_growth_and_what_grows_later_is(soak: ModuleType) -> None:
    filled = soak.judged(samples(soak, 100, 140, 141, 139, 140, 142), report(), MINUTES)
    assert (filled["mb_first"], filled["mb_last"]) == (140, 142)
    assert 0 < filled["growth"] < soak.GROWTH
    grown = soak.judged(samples(soak, 100, 100, 101, 103, 104, 105), report(), MINUTES)
    assert grown["growth"] == soak.GROWTH
    assert grown["cores"] == pytest.approx(4 / (5 * MINUTES * 60 / soak.PARTS - 0.2), abs=0.001)


@pytest.mark.parametrize(("last", "submitted", "code"), [(104.9, 50, 0), (105.0, 50, 1), (100.0, 49, 1)])
def test_it_fails_where_memory_grew_or_somebody_did_not_hand_in(
    soak: ModuleType, monkeypatch: pytest.MonkeyPatch, last: float, submitted: int, code: int
) -> None:
    found = samples(soak, 90, 100, 100, 100, 100, last), report(submitted=submitted)
    monkeypatch.setattr(soak, "soaked", lambda given, folder: found)
    monkeypatch.setattr(sys, "argv", ["soak", "--minutes", str(MINUTES)])
    assert soak.main() == code


def test_too_short_a_time_is_refused(soak: ModuleType) -> None:
    with pytest.raises(SystemExit, match="too short"):
        soak.judged(samples(soak)[:1], report(), MINUTES)


@pytest.mark.long  # two minutes
async def test_a_small_room_is_played_and_told(soak: ModuleType) -> None:
    command = [sys.executable, TOP / "scripts/soak", "--minutes", "0.4", "--candidates", "2", "--watchers", "1"]
    async with started(command) as running:
        code = await running.ended(300)
    told = json.loads(running.said.splitlines()[-1])
    assert told["submitted"] == told["candidates"] == 2, running.said
    assert told["mb_first"] > 50 and told["recorded"] > 0.95, running.said
    assert code == (0 if told["growth"] < soak.GROWTH else 1)
