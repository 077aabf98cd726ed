"""The chain finds every alteration of what is stored."""

from __future__ import annotations

import dataclasses
from datetime import UTC, datetime

import pytest

from proctor.errors import ProctorError
from proctor.ledger import chain
from proctor.ledger.chain import Entry

AT = datetime(2026, 11, 23, tzinfo=UTC)


def make(count: int) -> list[Entry]:
    made: list[Entry] = []
    head = chain.GENESIS
    for seq in range(1, count + 1):
        entry = chain.link(
            head, room="r", seq=seq, epoch=1, at=AT, kind="noted", actor="s", payload=b'{"n":%d}' % seq
        )
        head = entry.hash
        made.append(entry)
    return made


def broken_at(entries: list[Entry]) -> int | None:
    try:
        list(chain.verify(entries))
    except ProctorError as error:
        assert error.code == "chain_broken"
        return int(error.details["seq"])
    return None


def test_an_untouched_chain_holds() -> None:
    assert broken_at(make(20)) is None


def flip(data: bytes) -> bytes:
    return data[:-1] + bytes([data[-1] ^ 1])


@pytest.mark.parametrize(
    "change",
    [
        {"payload": b'{"n":9}'}, {"salt": bytes(16)}, {"kind": "other"}, {"actor": "x"}, {"epoch": 2}, {"seq": 8},
        {"at": datetime(2026, 11, 24, tzinfo=UTC)}, {"room": "q"}, {"hash": bytes(32)},
    ],
)  # fmt: skip
def test_a_changed_field_is_found(change: dict) -> None:
    entries = make(10)
    entries[4] = dataclasses.replace(entries[4], **change)
    assert broken_at(entries) == 5


def test_a_rewritten_entry_is_found_at_the_next_one() -> None:
    entries = make(10)
    forged = chain.link(
        entries[3].hash, room="r", seq=5, epoch=1, at=AT, kind="noted", actor="s", payload=b'{"n":500}'
    )
    entries[4] = forged
    assert broken_at(entries) == 6


def test_dropped_inserted_and_swapped_entries_are_found() -> None:
    entries = make(10)
    assert broken_at(entries[:4] + entries[5:]) == 5
    assert broken_at([*entries[:5], entries[4], *entries[5:]]) == 6
    swapped = [*entries]
    swapped[4], swapped[5] = swapped[5], swapped[4]
    assert broken_at(swapped) == 5


def test_a_header_with_one_bit_flipped_is_found() -> None:
    entries = make(3)
    entries[1] = dataclasses.replace(entries[1], header=entries[1].header.replace(b'"noted"', b'"notes"'))
    assert broken_at(entries) == 2


@pytest.mark.parametrize("header", [b"", b"[]", b'{"seq":2}'])
def test_a_header_that_states_nothing_is_found_although_its_hash_fits(header: bytes) -> None:
    entries = make(3)
    entries[1] = dataclasses.replace(entries[1], header=header, hash=chain.entry_hash(entries[0].hash, header))
    assert broken_at(entries) == 2


def test_an_erased_payload_does_not_break_the_chain() -> None:
    entries = make(10)
    entries[4] = dataclasses.replace(entries[4], payload=None, salt=b"")
    assert broken_at(entries) is None


def test_equal_payloads_have_different_digests() -> None:
    first, second = (
        chain.link(chain.GENESIS, room="r", seq=1, epoch=1, at=AT, kind="k", actor="s", payload=b"{}")
        for _ in range(2)
    )
    assert first.header != second.header
