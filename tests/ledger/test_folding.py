"""How long a start folds the log of a room that has been written in."""

from __future__ import annotations

import time

import pytest

from proctor.coding import RoomFold, encode
from proctor.exam import events as e
from proctor.ledger import chain
from proctor.ledger.actor import fold_stored
from tests.exam.rooms import MINUTE, Log, T

ENTRIES = 5_000
MOST_US = 50  # an entry: 50,000 of them, of fifty who wrote for ninety minutes, in half of the time to be back in


@pytest.mark.measured
def test_the_log_of_a_full_room_is_folded_while_its_pages_wait() -> None:
    log = Log().at_work()
    stored: list[chain.Entry] = []
    head = chain.GENESIS
    for number in range(ENTRIES):
        (saved,) = log.save(f"Vật chất quyết định ý thức. {number}" * 40, number, T + MINUTE).events
        assert isinstance(saved, e.AnswerSaved)
    for seq, (event, at) in enumerate(log.told, start=1):
        kind, payload = encode(event)
        entry = chain.link(head, room="r", seq=seq, epoch=1, at=at, kind=kind, actor="s", payload=payload)
        head = entry.hash
        stored.append(entry)
    began = time.process_time()
    room, seq, _ = fold_stored(RoomFold(), "r", stored)
    took = time.process_time() - began
    assert (room, seq) == (log.room, len(stored))
    assert took < ENTRIES * MOST_US / 1e6, took
