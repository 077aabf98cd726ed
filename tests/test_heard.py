"""What a room knows of the pages beside its log: of the page that is connected, not of the one before it."""

from __future__ import annotations

from datetime import timedelta

from proctor.exam.decisions import presence
from proctor.heard import SILENCE_SECONDS, Heard
from tests.exam.rooms import MINUTE, Log, T
from tests.support.clock import SteppedClock


def test_a_page_that_was_not_heard_of_yet_is_not_silent_since_the_one_before() -> None:
    clock = SteppedClock(T)
    heard = Heard(clock, lambda: None)
    log = Log().published("c").attended().admitted("c").pass_time(T)
    before = log.room.sittings["c"]
    heard.hear(before, before.connected_epoch)
    clock.monotonic_ahead += SILENCE_SECONDS + 1
    assert heard.silent_since(before, before.connected_epoch) == T

    gone, back = T + timedelta(seconds=1), T + 10 * MINUTE
    log.take(presence.disconnect_candidate(log.room, gone, "c", before.connected_epoch, "transport close"), gone)
    joined = log.take(presence.join_candidate(log.room, back, "c", before.device), back)
    log.take(presence.connect_candidate(log.room, back, "c", joined.answer), back)
    known = log.room.sittings["c"]
    assert known.connected_epoch == joined.answer
    assert heard.silent_since(known, joined.answer) is None
