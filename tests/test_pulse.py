"""A process that stood still is told from one that runs."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest

from proctor.pulse import BEAT_SECONDS, HEARING_SECONDS, STALL_SECONDS, STANDSTILL_SECONDS, Pulse
from tests.support.clock import MORNING, SteppedClock


class Seconds:
    """Those of a process, which this test moves beside its clock."""

    def __init__(self) -> None:
        self.passed = 100.0

    def __call__(self) -> float:
        return self.passed


def beating() -> tuple[SteppedClock, Pulse, Callable[[float], None]]:
    clock, seconds = SteppedClock(MORNING), Seconds()

    def pass_by(amount: float) -> None:
        seconds.passed += amount
        clock.advance(seconds=amount)

    return clock, Pulse(clock, seconds), pass_by


def test_a_pulse_that_was_missed_says_since_when_and_is_counted_once() -> None:
    clock, pulse, pass_by = beating()
    for amount in (0.0, BEAT_SECONDS, STANDSTILL_SECONDS):
        pass_by(amount)
        assert pulse.look().number == 0
    last = clock.now()
    pass_by(60)
    found = pulse.look()
    assert (found.number, found.since, found.until) == (1, last, last + timedelta(minutes=1))
    pass_by(BEAT_SECONDS)
    assert pulse.look().number == 1
    pass_by(60)
    assert pulse.look().number == 2


def test_what_comes_in_right_after_a_stall_may_have_waited_since_its_beginning() -> None:
    clock, pulse, pass_by = beating()
    for _ in range(5):
        pass_by(STALL_SECONDS)
        assert pulse.waiting() == (clock.now(), 0.0)
    last = clock.now()
    pass_by(STALL_SECONDS + 0.1)
    assert pulse.waiting() == (last, pytest.approx(HEARING_SECONDS))
    pass_by(STALL_SECONDS + 0.1)  # once more, before what waited was taken
    assert pulse.waiting() == (last, pytest.approx(HEARING_SECONDS))
    for _ in range(2):
        pass_by(HEARING_SECONDS / 2)
        since, left = pulse.waiting()
    assert (since, left) == (clock.now(), 0.0)
    last = clock.now()
    for _ in range(20):  # a machine that stalls again and again makes nothing wait for ever
        pass_by(STALL_SECONDS + 0.1)
        since, _ = pulse.waiting()
        assert (clock.now() - since).total_seconds() <= STANDSTILL_SECONDS + STALL_SECONDS + 0.1
    assert since > last


def test_a_clock_that_is_set_is_no_standstill() -> None:
    clock = SteppedClock(MORNING)
    pulse = Pulse(clock)
    clock.advance(hours=1)
    clock.monotonic_ahead = 3_600.0
    assert pulse.look().number == 0
    assert pulse.waiting() == (clock.now(), 0.0)
    clock, seconds = SteppedClock(MORNING), Seconds()
    pulse = Pulse(clock, seconds)
    seconds.passed += 1
    clock.advance(hours=1)
    assert pulse.waiting() == (clock.now(), 0.0)
