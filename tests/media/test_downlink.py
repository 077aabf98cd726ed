"""A downlink over a line of which everything is known: what it carries, how long it queues, what it loses."""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from itertools import pairwise

import pytest

from proctor.media.downlink import MOST_PATIENCE, PATIENCE, Downlink, Level
from proctor.media.rtcp import CC_TICKS, TransportFeedback

DEMANDS = (5500.0, 5200.0, 3200.0, 2200.0, 130.0, 30.0)  # kbit/s: fifty tiles, a focus and its sound
SIZES = (1000, 1000, 1000, 1000, 200, 200)  # bytes a packet
STEP, TELL = 0.01, 0.1
AHEAD = 4_294_967_000 / CC_TICKS  # the viewer's clock, which begins anew soon


@dataclass
class Line:
    """A viewer behind a line of `kbps` that queues up to `buffer` seconds and loses a share for reasons of its own."""

    kbps: float
    buffer: float = 0.5
    loses: float = 0.0
    delay: float = 0.05
    now: float = 1000.0
    silent: bool = False  # there is nothing to send
    levels: list[tuple[float, Level]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.downlink = Downlink(lambda: self.now)
        self.chance = random.Random(3)
        self.free_at = self.owed = 0.0
        self.told = self.now
        self.first = 0
        self.sent: list[float | None] = []  # arrivals, from `first` on

    def run(self, seconds: float) -> None:
        end = self.now + seconds
        while self.now < end:
            self.now += STEP
            self.owed += 0.0 if self.silent else DEMANDS[self.downlink.level] * 125 * STEP
            size = SIZES[self.downlink.level]
            while self.owed >= size:
                self.owed -= size
                assert self.downlink.depart(size) == (self.first + len(self.sent)) & 0xFFFF
                self.sent.append(self.arrival(size))
            if self.now - self.told >= TELL:
                self.tell()
            if self.downlink.judge(self.now, lambda: DEMANDS):
                self.levels.append((self.now, self.downlink.level))

    def arrival(self, size: int) -> float | None:
        if self.free_at - self.now > self.buffer or self.chance.random() < self.loses:
            return None
        self.free_at = max(self.free_at, self.now) + size * 8 / 1000 / self.kbps
        return self.free_at + self.delay

    def tell(self) -> None:
        """Of all up to the last that has arrived by now."""
        self.told = self.now
        came = [place for place, at in enumerate(self.sent) if at is not None and at <= self.now]
        if not came:
            return
        about, self.sent = self.sent[: came[-1] + 1], self.sent[came[-1] + 1 :]
        ticks = [None if at is None else round((at + AHEAD) * CC_TICKS) % 2**32 for at in about]
        self.downlink.heard(TransportFeedback(self.first & 0xFFFF, tuple(ticks)))
        self.first += len(about)

    def moves(self, longer: float, missing: float = 2.5) -> None:
        """The viewer goes to another address; what is sent until that is known, `missing` seconds later, is lost."""
        loses, self.loses = self.loses, 1.0
        self.run(missing)
        self.loses, self.delay = loses, self.delay + longer
        self.downlink.begin_way()

    @property
    def waits(self) -> float:
        """Seconds that a packet waits in the queue now."""
        return max(0.0, self.free_at - self.now)


@pytest.mark.parametrize(
    ("kbps", "level", "buffer"),
    [
        (8000, Level.ALL, 0.05), (5100, Level.ALL, 0.05),  # 7 % too much, which is lost and asked for again
        (8000, Level.ALL, 2.0), (5100, Level.SMALL_FOCUS, 0.3), (5100, Level.SMALL_FOCUS, 2.0),
        *((kbps, level, buffer)
          for kbps, level in ((4000, Level.HALF_RATE), (2600, Level.QUARTER_RATE), (1000, Level.STILLS),
                              (100, Level.SOUND))
          for buffer in (0.05, 0.3, 2.0)),
    ],
)  # fmt: skip
def test_so_much_is_left_out_as_the_line_cannot_carry(kbps: float, level: Level, buffer: float) -> None:
    line = Line(kbps, buffer)
    line.run(60)
    stays = [at for _, at in line.levels[-6:]] or [Level.ALL]
    assert min(stays) >= level - 1 and level in stays  # now and then it tries the one above
    line.run(20)
    assert line.waits < 0.5 or line.downlink.level == level - 1


def test_within_some_seconds_the_queue_of_a_line_that_became_slow_is_gone() -> None:
    line = Line(8000, 3.0)
    line.run(30)
    assert line.levels == []
    line.kbps = 700
    line.run(8)
    assert line.downlink.level == Level.STILLS and line.waits < 0.1
    assert [level for _, level in line.levels] == [Level.STILLS]  # at once: what arrived tells how far down


def test_a_line_that_carries_all_again_is_used_again() -> None:
    line = Line(50)
    line.run(20)
    assert line.levels[0][1] == Level.SOUND and line.downlink.level >= Level.STILLS
    line.kbps = 9000
    line.run(5 * PATIENCE + 10 + MOST_PATIENCE / 4)
    assert line.downlink.level == Level.ALL


def test_where_there_is_nothing_to_send_all_is_tried_again() -> None:
    line = Line(50)
    line.run(5)
    assert line.downlink.level == Level.SOUND
    line.silent = True
    line.run(6 * PATIENCE)
    assert line.downlink.level == Level.ALL


def test_a_try_that_failed_leads_back_to_what_went_well() -> None:
    line = Line(2300)
    line.run(120)
    first = [level for _, level in line.levels].index(Level.QUARTER_RATE)
    assert {level for _, level in line.levels[first:]} == {Level.HALF_RATE, Level.QUARTER_RATE}


def test_tries_become_rare_where_they_fail() -> None:
    line = Line(1000)
    line.run(1800)
    tries = [at for at, level in line.levels if level < Level.STILLS]
    assert len(tries) < 25
    late = [after - before for before, after in pairwise(tries[-5:])]
    assert all(gap > MOST_PATIENCE for gap in late)


@pytest.mark.parametrize("loses", [0.05, 0.10])
def test_a_radio_that_loses_some_is_sent_all_the_same(loses: float) -> None:
    line = Line(20_000, loses=loses)
    line.run(120)
    assert line.levels == []


def test_where_sending_less_does_not_help_no_more_is_left_out() -> None:
    line = Line(20_000, loses=0.3)
    line.run(120)
    assert len(line.levels) == 1
    line.loses = 0.0
    line.run(60)
    assert line.downlink.level == Level.ALL


def test_an_outage_leaves_nothing_out_after_it() -> None:
    line = Line(20_000)
    line.run(20)
    line.loses = 1.0
    line.run(10)
    line.loses = 0.0
    line.run(10)
    assert line.levels == []


def test_a_clock_that_runs_a_little_faster_is_no_queue() -> None:
    line = Line(20_000)
    for _ in range(600):
        line.delay += 200e-6  # a second
        line.run(1)
    assert line.levels == []


def test_feedback_on_what_was_never_sent_tells_nothing() -> None:
    now = 5.0
    downlink = Downlink(lambda: now)

    def judged(arrivals: dict[int, float]) -> bool:
        for base, after in arrivals.items():
            downlink.heard(TransportFeedback(base, (round((now + after) * CC_TICKS),) * 10))
        return downlink.judge(now + 0.6, lambda: DEMANDS)

    for _ in range(10):
        downlink.depart(100)
    assert not judged({10: 9.0, 9: 9.0, 65000: 9.0, 0: 0.1})
    now = 6.0
    for _ in range(10):
        downlink.depart(100)
    assert judged({10: 0.3})


def test_feedback_in_masses_is_not_read() -> None:
    downlink = Downlink(lambda: 5.0)
    assert sum(downlink.listens(5.0) for _ in range(1000)) == 30
    assert sum(downlink.listens(6.0) for _ in range(1000)) == 30


@pytest.mark.parametrize(("kbps", "buffer"), [(150, 28.0), (80, 105.0)])
def test_a_deep_queue_that_empties_slowly_is_not_taken_for_the_way(kbps: float, buffer: float) -> None:
    line = Line(8000, buffer)
    line.run(20)
    line.kbps = kbps
    line.run(3)
    begun, waits = len(line.levels), line.waits
    line.run(60)
    assert 1.0 < line.waits < waits, "it empties"
    assert line.levels[begun:] == [], "and nothing is tried meanwhile"


def test_a_longer_way_is_found_out_and_all_is_sent_again() -> None:
    line = Line(20_000)
    line.run(30)
    line.delay += 0.15
    line.run(120)
    assert line.downlink.level == Level.ALL


@pytest.mark.parametrize("longer", [0.0, 0.15, 0.4])
def test_another_way_is_not_taken_for_a_queue_nor_what_was_lost_before_it_for_losses(longer: float) -> None:
    line = Line(20_000)
    line.run(30)
    line.moves(longer)
    line.run(60)
    assert line.levels == []


@pytest.mark.parametrize(("moves", "level"), [(False, Level.SMALL_FOCUS), (True, Level.ALL)])
def test_what_is_told_of_the_way_before_however_late_is_no_congestion_on_this_one(moves: bool, level: Level) -> None:
    now = 5.0
    downlink = Downlink(lambda: now)
    for _ in range(5000):  # more than is remembered
        downlink.depart(1000)
    if moves:
        downlink.begin_way()
    for number in range(10):
        downlink.depart(1000)
        downlink.heard(TransportFeedback(5000 + number, (round((now + 0.05) * CC_TICKS),)))
    downlink.heard(TransportFeedback(100, (round((now + 0.04) * CC_TICKS),) * 10))
    downlink.judge(now + 0.6, lambda: (0.0,) * 6)
    assert downlink.level == level


def test_another_way_that_carries_less_is_found_out_and_one_that_carries_more_is_used() -> None:
    line = Line(8000)
    line.run(30)
    line.kbps = 700
    line.moves(0.15)
    line.run(8)
    assert line.downlink.level == Level.STILLS
    line.run(600)  # after so many tries that failed the next one would be long in coming
    line.kbps = 20_000
    line.moves(-0.15)
    line.run(Level.STILLS * PATIENCE + 8)
    assert line.downlink.level == Level.ALL
