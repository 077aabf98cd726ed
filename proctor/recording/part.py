"""A part: the segment that is still being recorded, as the packets gave it.

The part keeps facts, not conclusions: assembled frames with their RTP timestamp and arrival, and the sender
reports that came between them. Ordering, alignment and WebM are the finaliser's work, which sees the whole
segment at once. It is a sealed frame file (sealed.py): the first frame holds the header as JSON, each
further frame a batch of records, the last record of a part that was closed in order is END.
"""

from __future__ import annotations

import json
import struct
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

from msgspec import Struct

from proctor.errors import ProctorError
from proctor.sealed import read_frames

VIDEO, AUDIO, VIDEO_REPORT, AUDIO_REPORT, END = range(1, 6)
_HEAD = struct.Struct("<BBqdI")

record_head = _HEAD.pack
"""(kind, keyframe, rtp, arrival, length): what stands before a record's `length` bytes of data."""


class Record(Struct, gc=False):
    """`rtp` is extended (timeline.Unwrapper), `arrival` monotonic seconds. A report's data is its NTP time
    (u64); END carries the RTP timestamp of the picture that begins the next segment, or -1."""

    kind: int
    keyframe: bool
    rtp: int
    arrival: float
    data: bytes


@dataclass(frozen=True)
class PartHeader:
    """What the finaliser needs to know and the packets do not say. `width` is 0 without a picture; server
    time is `anchor_utc` (ISO 8601) at monotonic second `anchor_monotonic`; `connection` counts the
    candidate's media connections, each with an RTP numbering of its own."""

    room_id: str
    sitting_id: str
    segment: str
    layer: str
    width: int
    height: int
    anchor_monotonic: float
    anchor_utc: str
    connection: int


def part_context(room_id: str, sitting_id: str, segment: str) -> bytes:
    """Binds a file to its place, so that one candidate's recording cannot be passed off as another's."""
    return f"recording/{room_id}/{sitting_id}/{segment}".encode()


def encode_header(header: PartHeader) -> bytes:
    return json.dumps(asdict(header)).encode()


def decode_records(batch: bytes) -> Iterator[Record]:
    """Raises `damaged` on a batch that does not add up (it passed authentication, so our own writer
    erred)."""
    at = 0
    while at < len(batch):
        if at + _HEAD.size > len(batch):
            raise ProctorError("damaged", what="record")
        kind, keyframe, rtp, arrival, length = _HEAD.unpack_from(batch, at)
        start = at + _HEAD.size
        at = start + length
        if at > len(batch):
            raise ProctorError("damaged", what="record")
        yield Record(kind, keyframe != 0, rtp, arrival, batch[start:at])


@dataclass
class PartContent:
    """A part as read. `damaged` tells that reading stopped at an altered frame; what came before is here."""

    header: PartHeader | None
    records: list[Record]
    damaged: bool = False

    @property
    def closed_in_order(self) -> bool:
        return bool(self.records) and self.records[-1].kind == END


def read_part(path: Path, key: bytes, context: bytes) -> PartContent:
    """Read as much as stands. Raises `not_found`; damage and torn tails are told in the result."""
    content = PartContent(None, [])
    try:
        for index, frame in enumerate(read_frames(path, key, context)):
            if index == 0:
                content.header = PartHeader(**json.loads(frame))
            else:
                content.records.extend(decode_records(frame))
    except ProctorError as error:
        if error.code != "damaged":
            raise
        content.damaged = True
    return content
