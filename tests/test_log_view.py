"""A log as pages read it: in pieces that are bounded, and that together are the whole of it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec
import pytest
from sqlalchemy import insert

from proctor.ledger import chain, tables
from proctor.log_view import format_events
from proctor.store import tables as store_tables
from proctor.store.engine import sync_engine
from proctor.store.migrate import upgrade

AT = datetime(2026, 11, 23, tzinfo=UTC)
MEGABYTE = 1_000_000


def written(folder: Path, sizes: Sequence[int]) -> tuple[str, str]:
    """A log in a database of its own, with an entry of about each of these sizes; its head."""
    url, previous, entries = f"sqlite:///{folder / 'log.db'}", chain.GENESIS, []
    for seq, size in enumerate(sizes, 1):
        payload = msgspec.json.encode({"candidate": "c", "text": "x" * size})
        entry = chain.link(previous, room="r", seq=seq, epoch=1, at=AT, kind="noted", actor="s", payload=payload)
        entries.append(entry)
        previous = entry.hash
    engine = sync_engine(url)
    upgrade(engine, [store_tables.metadata, tables.metadata])
    with engine.begin() as connection:
        connection.execute(insert(tables.entries), [tables.entry_row(entry) for entry in entries])
        connection.execute(insert(tables.payloads), [tables.payload_row(entry) for entry in entries])
    engine.dispose()
    return url, previous.hex()


def pieces(url: str) -> list[tuple[int, dict[str, Any]]]:
    """Each with its weight, as a page reads them."""
    read: list[tuple[int, dict[str, Any]]] = []
    after, more = 0, True
    while more:
        body = format_events(url, "r", after)
        piece = msgspec.json.decode(body)
        read.append((len(body), piece))
        after, more = piece["events"][-1]["seq"], piece["more"]
    return read


@pytest.mark.parametrize(
    ("sizes", "count"),
    [
        ([500] * 4_000, 3),  # bounded by what they weigh
        ([0] * 10_001, 2),  # also of the lightest
        ([200_000] * 5, 2),
        ([10], 1),
    ],
)
def test_the_pieces_of_a_log_are_bounded_and_together_the_whole(
    tmp_path: Path, sizes: list[int], count: int
) -> None:
    url, head = written(tmp_path, sizes)
    read = pieces(url)
    assert len(read) == count
    assert max(weight for weight, _ in read) <= MEGABYTE
    assert [each["seq"] for _, piece in read for each in piece["events"]] == list(range(1, len(sizes) + 1))
    assert [len(each["data"]["text"]) for _, piece in read for each in piece["events"]] == sizes
    assert {piece["head"] for _, piece in read} == {head}, "of the whole log, with each piece"


def test_an_entry_that_alone_is_heavier_is_a_piece_of_its_own(tmp_path: Path) -> None:
    url, _ = written(tmp_path, [10, 2 * MEGABYTE, 10])
    assert [[each["seq"] for each in piece["events"]] for _, piece in pieces(url)] == [[1], [2], [3]]
