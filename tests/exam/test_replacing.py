"""The room's own `replace` makes what that of the standard library makes."""

from __future__ import annotations

import dataclasses

import pytest

from proctor.exam.replacing import replace
from tests.exam.rooms import Log


def test_it_is_the_standard_librarys() -> None:
    room = Log().at_work().room
    for value in (room, room.sittings["c"]):
        names = [field.name for field in dataclasses.fields(value)]
        for name in (names[0], names[-1]):
            changed = replace(value, **{name: None})
            assert changed == dataclasses.replace(value, **{name: None})
            assert changed != value
            assert vars(changed).keys() == vars(value).keys()
    assert room == Log().at_work().room


def test_a_name_that_is_no_field_is_refused() -> None:
    with pytest.raises(TypeError, match="phase_of_moon"):
        replace(Log().at_work().room, phase_of_moon="full")
