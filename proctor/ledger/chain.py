"""What an entry is and how entries are linked.

    hash(n) = SHA-256( hash(n-1) || header(n) )            hash(0) = 32 zero bytes
    header(n) = canonical JSON of room, seq, epoch, at, kind, actor, payload digest
    payload digest = SHA-256( salt || payload )

The chain covers the stored bytes. The payload, which may hold personal data, stands apart under its salt: it can be
erased later, and neither can the chain be broken by that nor a short payload be guessed from its digest.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

import msgspec

from proctor.errors import ProctorError

GENESIS = bytes(32)


@dataclass(frozen=True)
class Entry:
    """One stored entry. `header` and `payload` are kept as the bytes that were hashed."""

    room: str
    seq: int
    epoch: int
    at: datetime
    kind: str
    actor: str
    header: bytes
    salt: bytes
    payload: bytes | None  # None once erased
    hash: bytes


def link(
    previous: bytes, *, room: str, seq: int, epoch: int, at: datetime, kind: str, actor: str, payload: bytes
) -> Entry:
    """The entry that follows the one whose hash is `previous`."""
    salt = os.urandom(16)
    header = json.dumps(
        {
            "room": room,
            "seq": seq,
            "epoch": epoch,
            "at": at.isoformat(),
            "kind": kind,
            "actor": actor,
            "payload": hashlib.sha256(salt + payload).hexdigest(),
        },
        sort_keys=True,
        separators=(",", ":"),
    ).encode()
    return Entry(room, seq, epoch, at, kind, actor, header, salt, payload, entry_hash(previous, header))


def entry_hash(previous: bytes, header: bytes) -> bytes:
    """The hash of an entry after the one with hash `previous`."""
    return hashlib.sha256(previous + header).digest()


class _Header(msgspec.Struct):
    room: str
    seq: int
    epoch: int
    at: str
    kind: str
    actor: str
    payload: str


def _fits(entry: Entry) -> bool:
    """Whether the header states what stands beside it."""
    try:
        stated = msgspec.json.decode(entry.header, type=_Header)
        at = datetime.fromisoformat(stated.at)
    except (msgspec.DecodeError, ValueError):
        return False
    return (
        entry.seq == stated.seq
        and entry.room == stated.room
        and entry.epoch == stated.epoch
        and entry.kind == stated.kind
        and entry.actor == stated.actor
        and entry.at == at
        and (
            entry.payload is None
            or hashlib.sha256(entry.salt + entry.payload).hexdigest() == stated.payload
        )
    )


def verify(entries: Iterable[Entry], previous: bytes = GENESIS, seq: int = 0) -> Iterator[Entry]:
    """Pass on the entries that follow (`previous`, `seq`) while each fits its forerunner and its payload.

    Raises ProctorError `chain_broken` at the first that does not: altered, missing, inserted or out of order.
    """
    for entry in entries:
        seq += 1
        if entry.seq != seq or entry.hash != entry_hash(previous, entry.header) or not _fits(entry):
            raise ProctorError("chain_broken", room=entry.room, seq=seq)
        previous = entry.hash
        yield entry
