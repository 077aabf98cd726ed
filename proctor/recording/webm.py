"""A whole WebM file (Matroska, RFC 9559) of one VP8 and one Opus track, or of Opus alone, from timed blocks.

Everything is known when it is written, so the index (Cues) and the duration stand in front: a plain
`<video>` seeks by HTTP Range, and Media Source Extensions take the same bytes. Blocks are in time order
across tracks, which Chromium's Media Source demands. Opus pre-skip is zero: a recording begins in the
middle of a conversation, so no encoder start has to be trimmed, and no player shifts the sound after it was
ordered.

A file with pictures begins a cluster at each keyframe and nowhere else. Firefox's Media Source parses a cluster that
overlaps the sound before it afresh, and drops its pictures up to the next keyframe. Since a block's time counts from
its cluster's in 16 bits, a tick is 2.5 ms, which divides every duration of Opus: a cluster spans 81 s, longer than a
segment lasts.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator, Sequence

from msgspec import Struct

VIDEO_TRACK = 1
AUDIO_TRACK = 2
TICK_NS = 2_500_000
STEP_MS = 3  # blocks that stand this far apart stand in different ticks
CLUSTER_MS = 2000  # of sound alone
LONGEST_CLUSTER_MS = 81_000
_SIMPLE_BLOCK = struct.Struct(">BQBhB")  # element id, its size in eight bytes, track, ticks in the cluster, flags
_SIMPLE_BLOCK_HEAD = 4  # bytes between the size and the frame
OPUS_HEAD = b"OpusHead" + struct.pack("<BBHIhB", 1, 2, 0, 48000, 0, 0)  # RFC 7845 5.1


class Block(Struct, gc=False):
    """One frame at `time_ms` from the file's beginning. `duration_ms` is written when given."""

    time_ms: int
    track: int
    keyframe: bool
    data: bytes
    duration_ms: int = 0


def write_webm(blocks: Sequence[Block], *, duration_ms: int, size: tuple[int, int] | None) -> Iterator[bytes]:
    """The bytes of the file, in pieces. `blocks` are in time order; `size` is the picture's, None without
    one."""
    groups = list(_group(blocks, LONGEST_CLUSTER_MS if size else CLUSTER_MS))
    clusters = [_cluster(group) for group in groups]
    info = _element(
        0x1549A966,
        _unsigned(0x2AD7B1, TICK_NS)  # TimestampScale
        + _element(0x4489, struct.pack(">d", duration_ms * 1_000_000 / TICK_NS))
        + _element(0x4D80, b"proctor")
        + _element(0x5741, b"proctor"),
    )
    tracks = _element(0x1654AE6B, (_video_track(*size) if size else b"") + _audio_track())
    # Pictures are sought at keyframes; sound alone, anywhere.
    starts = [group[0] if not size or _opens(group[0]) else None for group in groups]
    # Positions are written in eight bytes each, so sizes are known before the positions are.
    seek_bytes = len(_seek_head(0, 0, 0))
    cues_at = seek_bytes + len(info) + len(tracks)
    at = cues_at + len(_cues([(start, 0) for start in starts if start]))
    cues = []
    for start, cluster in zip(starts, clusters, strict=True):
        if start:
            cues.append((start, at))
        at += len(cluster)
    head = _seek_head(seek_bytes, seek_bytes + len(info), cues_at) + info + tracks
    head += _cues(cues)
    ebml = _element(
        0x1A45DFA3,
        _unsigned(0x4286, 1) + _unsigned(0x42F7, 1) + _unsigned(0x42F2, 4) + _unsigned(0x42F3, 8)
        + _element(0x4282, b"webm") + _unsigned(0x4287, 4) + _unsigned(0x4285, 2),
    )  # fmt: skip
    yield ebml + _id(0x18538067) + _size(at) + head
    yield from clusters


def _group(blocks: Sequence[Block], longest_ms: int) -> Iterator[list[Block]]:
    """Clusters begin at a video keyframe, and where one would be longer than `longest_ms`."""
    group: list[Block] = []
    since = 0
    for block in blocks:
        if (_opens(block) or block.time_ms - since >= longest_ms) and group:
            yield group
            group = []
        if not group:
            since = block.time_ms
        group.append(block)
    if group:
        yield group


def _opens(block: Block) -> bool:
    return block.keyframe and block.track == VIDEO_TRACK


def _cluster(group: list[Block]) -> bytes:
    base = _ticks(group[0].time_ms)
    pieces = [_unsigned(0xE7, base)]
    for block in group:
        ticks = _ticks(block.time_ms) - base
        data = block.data
        if not block.duration_ms:
            size = _SIMPLE_BLOCK_HEAD + len(data) | 1 << 56
            pieces.append(_SIMPLE_BLOCK.pack(0xA3, size, 0x80 | block.track, ticks, 0x80 if block.keyframe else 0))
            pieces.append(data)
            continue
        position = struct.pack(">Bh", 0x80 | block.track, ticks)
        inner = _element(0xA1, position + b"\0" + data) + _unsigned(0x9B, max(1, _ticks(block.duration_ms)))
        if not block.keyframe:
            inner += _element(0xFB, b"\xff")  # refers to an earlier block
        pieces.append(_element(0xA0, inner))
    pieces.insert(0, _id(0x1F43B675) + _size(sum(map(len, pieces))))  # not _element: it would copy the cluster again
    return b"".join(pieces)


def _ticks(milliseconds: int) -> int:
    return (milliseconds * 2 + 2) // 5  # the nearest; none lies half-way


def _video_track(width: int, height: int) -> bytes:
    video = _unsigned(0xB0, width) + _unsigned(0xBA, height)
    return _track(VIDEO_TRACK, 1, b"V_VP8", _element(0xE0, video))


def _audio_track() -> bytes:
    audio = _element(0xB5, struct.pack(">d", 48000.0)) + _unsigned(0x9F, 2)
    delays = _unsigned(0x56AA, 0) + _unsigned(0x56BB, 80_000_000)  # CodecDelay, SeekPreRoll in ns
    return _track(AUDIO_TRACK, 2, b"A_OPUS", _element(0x63A2, OPUS_HEAD) + delays + _element(0xE1, audio))


def _track(number: int, kind: int, codec: bytes, rest: bytes) -> bytes:
    head = _unsigned(0xD7, number) + _unsigned(0x73C5, number) + _unsigned(0x83, kind) + _unsigned(0x9C, 0)
    return _element(0xAE, head + _element(0x86, codec) + rest)


def _cues(entries: list[tuple[Block, int]]) -> bytes:
    """Entries are (block that begins a cluster, the cluster's position in the segment)."""
    points = []
    for block, position in entries:
        place = _unsigned(0xF7, block.track) + _element(0xF1, position.to_bytes(8, "big"))
        points.append(_element(0xBB, _unsigned(0xB3, _ticks(block.time_ms)) + _element(0xB7, place)))
    return _element(0x1C53BB6B, b"".join(points))


def _seek_head(info: int, tracks: int, cues: int) -> bytes:
    seeks = b"".join(
        _element(0x4DBB, _element(0x53AB, _id(name)) + _element(0x53AC, at.to_bytes(8, "big")))
        for name, at in ((0x1549A966, info), (0x1654AE6B, tracks), (0x1C53BB6B, cues))
    )
    return _element(0x114D9B74, seeks)


def _id(name: int) -> bytes:
    return name.to_bytes((name.bit_length() + 7) // 8, "big")


def _size(size: int) -> bytes:
    """An EBML variable-size integer; one byte below 127, else eight."""
    return bytes((0x80 | size,)) if size < 127 else (size | 1 << 56).to_bytes(8, "big")


def _element(name: int, payload: bytes) -> bytes:
    return _id(name) + _size(len(payload)) + payload


def _unsigned(name: int, value: int) -> bytes:
    return _element(name, value.to_bytes(max(1, (value.bit_length() + 7) // 8), "big"))
