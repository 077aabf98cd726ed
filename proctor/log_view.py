"""A stored log as pages read it. Runs in a worker process: a long log takes a while to format."""

from __future__ import annotations

import msgspec

from proctor import views
from proctor.ledger import chain, tables
from proctor.store.engine import sync_engine


def format_events(url: str, room: str, after: int) -> bytes:
    """The entries of the log `room` after number `after`, with the hash of its last entry, as JSON."""
    engine = sync_engine(url)
    listed = []
    last = tables.last(engine, room)
    head = last.hash if last else chain.GENESIS  # also when nothing follows `after`
    for entry in tables.read(engine, room, after):
        head = entry.hash
        data = msgspec.json.decode(entry.payload) if entry.payload is not None else None
        listed.append(
            {
                "seq": entry.seq,
                "at": views.moment(entry.at),
                "kind": entry.kind,
                "actor": entry.actor,
                "candidate": data.pop("candidate", None) if data else None,
                "data": data,
            }
        )
    engine.dispose()
    return msgspec.json.encode({"events": listed, "head": head.hex()})
