"""Whether the files are there that the database speaks of: papers, whole uploads, photographs, recorded segments.

A backup made with the wrong --recordings would look well and hold no recording. So what was copied is held against what
the copied database knows, by digest where it knows one.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import msgspec
from sqlalchemy import Engine, select

from proctor.coding import RoomFold
from proctor.exam.events import MaterialGiven, PhotoTaken, SegmentClosed, StillKept
from proctor.ledger import tables as ledger_tables
from proctor.operations.manifest import Item
from proctor.recording.finalise import WEBM_SUFFIX
from proctor.store import tables
from proctor.store.uploads import APART


def missing(engine: Engine, items: Mapping[str, Item]) -> list[str]:
    """The files that are not among `items`, or not what the database says, sorted."""
    folders = {path.rpartition("/")[0] for path in items}
    found = [path for path, sha256 in _papers_and_segments(engine) if path not in items or items[path].sha256 != sha256]
    found += [path for path in _photos_and_materials(engine) if path not in items]
    return sorted({*found, *(place for place, other in _uploads(engine) if folders.isdisjoint((place, other)))})


def _papers_and_segments(engine: Engine) -> Iterator[tuple[str, str]]:
    papers, entries, payloads = tables.papers.c, ledger_tables.entries, ledger_tables.payloads
    together = (payloads.c.room == entries.c.room) & (payloads.c.seq == entries.c.seq)
    closed = select(entries.c.room, payloads.c.payload).join(payloads, together)
    fold = RoomFold()
    with engine.connect() as connection:
        for exam, sha256 in connection.execute(select(papers.exam, papers.sha256)):
            yield f"papers/{exam}-{sha256[:16]}.sealed", sha256
        for room, payload in connection.execute(closed.where(entries.c.kind == SegmentClosed.kind)):
            try:
                event = fold.decode(SegmentClosed.kind, payload)
                assert isinstance(event, SegmentClosed)
                path = f"recordings/{room}/{event.candidate}/{event.segment['segment']}{WEBM_SUFFIX}"
                yield path, event.segment["stored_sha256"]
            except (msgspec.MsgspecError, KeyError):  # an altered entry; its log is told as broken
                continue


def _photos_and_materials(engine: Engine) -> Iterator[str]:
    """The files of photographs, and of what the office sent to all; the logs know digests of their plaintext only."""
    entries, payloads = ledger_tables.entries, ledger_tables.payloads
    together = (payloads.c.room == entries.c.room) & (payloads.c.seq == entries.c.seq)
    wanted = select(entries.c.room, entries.c.kind, payloads.c.payload).join(payloads, together)
    fold = RoomFold()
    with engine.connect() as connection:
        for room, kind, payload in connection.execute(
            wanted.where(entries.c.kind.in_((PhotoTaken.kind, StillKept.kind, MaterialGiven.kind)))
        ):
            try:
                event = fold.decode(kind, payload)
            except msgspec.MsgspecError:  # an altered entry; its log is told as broken
                continue
            if isinstance(event, PhotoTaken):
                yield f"photos/{room}/{event.candidate}/{event.photo}.sealed"
            elif isinstance(event, StillKept):
                yield f"photos/{room}/{event.candidate}/{event.still}.sealed"
            elif isinstance(event, MaterialGiven) and event.sha256:
                yield f"papers/{event.material}.sealed"


def _uploads(engine: Engine) -> Iterator[tuple[str, str]]:
    """The folders of uploads that arrived whole and are not empty; and where each lies after a crash between its row
    and the moving, as the house finds it there."""
    row = tables.uploads.c
    with engine.connect() as connection:
        whole = select(row.room, row.file, row.rejected).where(row.sha256.is_not(None), row.length > 0)
        for room, file, rejected in connection.execute(whole):
            work, evidence = f"uploads/{room}/{file}", f"uploads/{room}{APART}/{file}"
            yield (evidence, work) if rejected else (work, evidence)
