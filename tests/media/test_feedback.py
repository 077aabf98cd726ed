"""What a sender's numbers can make us do."""

from __future__ import annotations

import time

import pytest

from proctor.media.feedback import ArrivalLog


@pytest.mark.parametrize("jump", [0x7000, 999])
def test_numbers_that_jump_cost_no_more_than_numbers_that_follow(jump: int) -> None:
    log = ArrivalLog()
    for packet in range(4_000):
        log.add(packet * jump & 0xFFFF, packet / 1000)
    started = time.process_time()
    messages = log.messages(1, 2.0)
    assert time.process_time() - started < 0.05
    assert len(messages) <= 4


def test_losses_within_reason_are_reported() -> None:
    log = ArrivalLog()
    for packet in (1, 2, 500):
        log.add(packet, packet / 1000)
    assert len(log.messages(1, 2.0)) >= 1


def test_a_packet_that_came_twice_is_no_reason_to_call_the_next_ones_lost() -> None:
    log = ArrivalLog()
    for now, number in ((0.0, 1), (20.0, 2), (21.0, 3), (22.0, 2), (23.0, 4)):
        log.add(number, now)
        assert len(log.messages(1, now)) == 1
    assert log.settled(23.0)


def test_a_packet_that_was_opened_late_is_told_of_with_its_own_arrival() -> None:
    """What nobody watches is opened after what somebody watches, peer.py: the message is as if all were opened as they
    came."""
    arrivals = {7: 1.0, 8: 1.001, 9: 1.011, 10: 1.0125, 11: 1.03}
    as_it_came, watched_first = ArrivalLog(), ArrivalLog()
    for log in (as_it_came, watched_first):
        log.add(6, 0.9)
        log.messages(1, 0.95)
    for number in arrivals:
        as_it_came.add(number, arrivals[number])
    for number in (8, 11, 7, 9, 10):
        watched_first.add(number, arrivals[number])
    assert watched_first.messages(1, 1.5) == as_it_came.messages(1, 1.5) != []
