"""Where the entries stand. The key (room, seq) lets one owner append: a second one runs into it and stops."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import (
    BigInteger,
    Column,
    Engine,
    ForeignKeyConstraint,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    func,
    select,
)

from proctor.errors import ProctorError
from proctor.ledger.chain import GENESIS, Entry, verify

metadata = MetaData()

entries = Table(
    "ledger_entry",
    metadata,
    Column("room", String(32), primary_key=True),
    Column("seq", BigInteger().with_variant(Integer, "sqlite"), primary_key=True),
    Column("epoch", Integer, nullable=False),
    Column("at", String(40), nullable=False),  # ISO 8601, as hashed
    Column("kind", String(64), nullable=False),
    Column("actor", String(64), nullable=False),
    Column("header", LargeBinary, nullable=False),
    Column("hash", LargeBinary(32), nullable=False),
)

payloads = Table(
    "ledger_payload",
    metadata,
    Column("room", String(32), primary_key=True),
    Column("seq", BigInteger().with_variant(Integer, "sqlite"), primary_key=True),
    Column("salt", LargeBinary(16), nullable=False),
    Column("payload", LargeBinary, nullable=False),
    ForeignKeyConstraint(["room", "seq"], ["ledger_entry.room", "ledger_entry.seq"]),
)


def entry_row(entry: Entry) -> dict[str, object]:
    """The row of `entries` for an entry."""
    return {
        "room": entry.room,
        "seq": entry.seq,
        "epoch": entry.epoch,
        "at": entry.at.isoformat(),
        "kind": entry.kind,
        "actor": entry.actor,
        "header": entry.header,
        "hash": entry.hash,
    }


def payload_row(entry: Entry) -> dict[str, object]:
    """The row of `payloads` for an entry."""
    return {"room": entry.room, "seq": entry.seq, "salt": entry.salt, "payload": entry.payload}


def read(engine: Engine, room: str, after: int = 0, most: int | None = None) -> Iterator[Entry]:
    """The entries of a room in order, from the one after `after`; all, or at `most` so many. Not verified; see
    `chain.verify`."""
    query = (
        select(entries, payloads.c.salt, payloads.c.payload)
        .outerjoin(payloads, (payloads.c.room == entries.c.room) & (payloads.c.seq == entries.c.seq))
        .where(entries.c.room == room, entries.c.seq > after)
        .order_by(entries.c.seq)
        .limit(most)
    )
    with engine.connect() as connection:
        # By hundreds: who stops early has not fetched all that is left, as PostgreSQL would send it.
        for row in connection.execution_options(yield_per=200).execute(query):
            yield Entry(
                row.room, row.seq, row.epoch, datetime.fromisoformat(row.at), row.kind, row.actor,
                row.header, row.salt or b"", row.payload, row.hash,
            )  # fmt: skip


class Last(NamedTuple):
    """Owner epoch of a log's last entry, its time as stored (ISO 8601), and its hash. Not verified."""

    epoch: int
    at: str
    hash: bytes


def last(engine: Engine, room: str) -> Last | None:
    """The last entry of a room; None when it has none."""
    columns = entries.c
    query = select(columns.epoch, columns.at, columns.hash).where(columns.room == room)
    with engine.connect() as connection:
        row = connection.execute(query.order_by(columns.seq.desc()).limit(1)).one_or_none()
    return Last(row.epoch, row.at, row.hash) if row else None


def head(engine: Engine, room: str) -> tuple[int, datetime, bytes]:
    """Number, time and hash of the last entry of a room that has a log.

    Raises ProctorError `chain_broken` when it does not fit the one before it; what lies further back is not looked at.
    """
    with engine.connect() as connection:
        newest = connection.scalar(select(func.max(entries.c.seq)).where(entries.c.room == room))
    tail = list(read(engine, room, max(0, newest - 2)))
    start = (tail[0].hash, tail[0].seq) if newest > 2 else (GENESIS, 0)
    if newest > 2 and tail[0].seq != newest - 1:
        raise ProctorError("chain_broken", room=room, seq=newest - 1)
    *_, found = verify(tail[1:] if newest > 2 else tail, *start)
    return found.seq, found.at, found.hash


def hashes(engine: Engine, room: str, numbers: Collection[int]) -> dict[int, bytes]:
    """The hashes of some entries of a room, by their numbers. Not verified."""
    query = select(entries.c.seq, entries.c.hash).where(entries.c.room == room, entries.c.seq.in_(numbers))
    with engine.connect() as connection:
        return {row.seq: row.hash for row in connection.execute(query)}


def newest_of(engine: Engine, room: str, *kinds: str, among: int = 2_000) -> str | None:
    """Which of some kinds the newest entry of them has, among a room's last ones."""
    last = select(func.max(entries.c.seq)).where(entries.c.room == room).scalar_subquery()
    query = (
        select(entries.c.kind)
        .where(entries.c.room == room, entries.c.seq > last - among, entries.c.kind.in_(kinds))
        .order_by(entries.c.seq.desc())
    )
    with engine.connect() as connection:
        return connection.scalar(query.limit(1))


class Told(NamedTuple):
    """An entry as stored (`at`: ISO 8601), without what proves it. Not verified."""

    seq: int
    at: str
    kind: str
    payload: bytes


def of_kinds(engine: Engine, room: str, *kinds: str) -> Iterator[Told]:
    """A room's entries of some kinds, or of all, in order, but for those whose payload was erased."""
    query = (
        select(entries.c.seq, entries.c.at, entries.c.kind, payloads.c.payload)
        .join(payloads, (payloads.c.room == entries.c.room) & (payloads.c.seq == entries.c.seq))
        .where(entries.c.room == room, payloads.c.payload.is_not(None))
        .order_by(entries.c.seq)
    )
    if kinds:
        query = query.where(entries.c.kind.in_(kinds))
    with engine.connect() as connection:
        for row in connection.execute(query):
            yield Told(*row)


def rooms(engine: Engine) -> list[str]:
    """The rooms that have a log, also one whose first entry is missing."""
    with engine.connect() as connection:
        return list(connection.scalars(select(entries.c.room).distinct()))
