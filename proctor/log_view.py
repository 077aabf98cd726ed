"""A stored log as pages read it, in pieces. Made in a worker process: a long log takes a while to format.

A room of fifty who write for hours has tens of thousands of entries. A piece is bounded in bytes, so that nobody has to
hold the whole at once, and the first sentences are there at once; the next piece begins where it ended.
"""

from __future__ import annotations

import msgspec

from proctor import views
from proctor.ledger import chain, tables
from proctor.ledger.chain import Entry
from proctor.store.engine import sync_engine

PIECE_BYTES = 1_000_000
"""The most that a piece weighs, but for an entry that alone weighs more."""
_FRAME = 200  # what stands around the entries
_PIECE_ENTRIES = 10_000  # the least that an entry weighs is more than a ten-thousandth of a piece


def format_events(url: str, room: str, after: int) -> bytes:
    """A piece of the log `room` from the entry after number `after`, as JSON; whether there is `more` behind it, and
    the hash of the log's last entry."""
    engine = sync_engine(url)
    last = tables.last(engine, room)
    head = last.hash if last else chain.GENESIS  # also when nothing follows `after`
    listed: list[bytes] = []
    weight, more = 0, False
    for entry in tables.read(engine, room, after, most=_PIECE_ENTRIES + 1):
        told = _told(entry)
        weight += len(told) + 1
        more = bool(listed) and (weight > PIECE_BYTES - _FRAME or len(listed) == _PIECE_ENTRIES)
        if more:
            break
        listed.append(told)
        newest = entry.hash
    if listed and not more:
        head = newest  # it may have come since
    engine.dispose()
    frame = {"more": more, "head": head.hex()}
    return b'{"events":[' + b",".join(listed) + b"]," + msgspec.json.encode(frame)[1:]


def _told(entry: Entry) -> bytes:
    data = msgspec.json.decode(entry.payload) if entry.payload is not None else None
    return msgspec.json.encode(
        {
            "seq": entry.seq,
            "at": views.moment(entry.at),
            "kind": entry.kind,
            "actor": entry.actor,
            "candidate": data.pop("candidate", None) if data else None,
            "data": data,
        }
    )
