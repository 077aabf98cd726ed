"""From a part to a finished segment: run in a process pool, since it decrypts, sorts, hashes and writes
megabytes.

Reads the part, puts frames on the server's time (timeline.py), writes them as an indexed WebM (webm.py)
straight into a sealed file (sealed.py): no plaintext touches the disk and nothing is transcoded. Beside it
goes a small JSON with the facts of the segment, which a restarted server reports again when it cannot know
that they were logged. The part itself is removed by the caller, after the facts are out.

Media Source stalls where one of its tracks has a hole. So holes in the sound are filled with Opus silence
and the last picture lasts to the segment's end; both are told in `holes`, in milliseconds from the
segment's beginning.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from msgspec import Struct

from proctor.errors import ProctorError
from proctor.recording.depacketise import HELD_SECONDS
from proctor.recording.part import (
    AUDIO,
    AUDIO_REPORT,
    VIDEO,
    VIDEO_REPORT,
    PartHeader,
    Record,
    part_context,
    read_part,
)
from proctor.recording.timeline import JUMP_SECONDS, Alignment, Stream, align
from proctor.recording.webm import AUDIO_TRACK, STEP_MS, VIDEO_TRACK, Block, write_webm
from proctor.sealed import SealedWriter, sync_directory

PART_SUFFIX, WEBM_SUFFIX, FACTS_SUFFIX, DAMAGED_SUFFIX = ".part", ".webm.sealed", ".json", ".damaged"
VIDEO_RATE, AUDIO_RATE = 90_000, 48_000
# A decoder gives the sound out this much later than the encoder took it in (libopus at 48 kHz: 312 samples,
# RFC 7845 4.2 calls it pre-skip); placing sound earlier by it puts it where it was heard.
OPUS_DELAY_SAMPLES = 312
# One 20 ms frame of silence, CELT full band, mono (RFC 6716: TOC 0xF8).
OPUS_SILENCE = b"\xf8\xff\xfe"
SILENCE_SAMPLES = 960
HOLE_SECONDS = {"video": 1.5, "audio": 0.2}
HEAD_SECONDS = HELD_SECONDS + 0.4  # a segment's first picture may have waited so long, and its sound did not
# A picture that stands longer says so: Chromium takes a longer silence for a hole and drops the pictures behind it.
LASTING_MS = 250
LAST_FRAME_SECONDS = 0.1


class _Timed(Struct, gc=False):
    at: float  # monotonic seconds of the server
    keyframe: bool
    data: bytes
    samples: int = 0


def finalise(directory: Path, segment: str, key: bytes, room_id: str, sitting_id: str,
             previous: tuple[int, float] | None = None) -> dict[str, Any] | None:  # fmt: skip
    """Turn `<segment>.part` into `<segment>.webm.sealed` and `<segment>.json`; returns the facts.

    `previous` is (connection, transit) of the sitting's segment before, see timeline.py. None when the part
    holds no frame (torn while it began). Raises `not_found`, `damaged` when not even the header is
    readable, OSError.
    """
    part = directory / (segment + PART_SUFFIX)
    context = part_context(room_id, sitting_id, segment)
    content = read_part(part, key, context)
    if content.header is None:
        if content.damaged:
            raise ProctorError("damaged", what=part.name)
        return None
    header = content.header
    video = [record for record in content.records if record.kind == VIDEO]
    audio = _without_duplicates([record for record in content.records if record.kind == AUDIO])
    if not video and not audio:
        return None
    carried = previous[1] if previous and previous[0] == header.connection else None
    alignment = align(
        {
            "video": _stream(VIDEO_RATE, video, content.records, VIDEO_REPORT),
            "audio": _stream(AUDIO_RATE, [record for record, _ in audio], content.records, AUDIO_REPORT),
        },
        carried,
    )
    pictures = [
        _Timed(_place(record, alignment.offsets["video"], VIDEO_RATE), record.keyframe, record.data)
        for record in video
    ]
    delay = OPUS_DELAY_SAMPLES / AUDIO_RATE
    sounds = [
        _Timed(_place(record, alignment.offsets["audio"], AUDIO_RATE) - delay, True, record.data, samples)
        for record, samples in audio
    ]
    next_rtp = content.records[-1].rtp if content.closed_in_order else -1
    start = min(timed[0].at for timed in (pictures, sounds) if timed)
    end = _end(pictures, sounds, next_rtp, alignment)
    blocks, holes = _lay_out(pictures, sounds, start, end)
    duration_ms = max(1, round((end - start) * 1000))
    stored_path = directory / (segment + WEBM_SUFFIX)
    plain = hashlib.sha256()
    size = 0
    with SealedWriter(stored_path, key, context) as writer:
        for piece in write_webm(
            blocks,
            duration_ms=duration_ms,
            size=(header.width, header.height) if pictures else None,
        ):
            plain.update(piece)
            size += len(piece)
            writer.write(piece)
        stored = writer.commit()
    started_at = _utc(header, start)
    facts = {
        "segment": segment,
        "started_at": _iso(started_at),
        "ended_at": _iso(started_at + timedelta(milliseconds=duration_ms)),
        "duration_ms": duration_ms,
        "bytes": size,
        "sha256": plain.hexdigest(),
        "stored_bytes": stored.size,
        "stored_sha256": stored.sha256,
        "layer": header.layer,
        "width": header.width if pictures else 0,
        "height": header.height if pictures else 0,
        "video_frames": len(pictures),
        "audio_packets": len(sounds),
        "holes": holes,
        "connection": header.connection,
        "mapping": _mapping(content.records, header, alignment),
        "damaged": content.damaged,
        "recovered": False,
    }
    _write_facts(directory / (segment + FACTS_SUFFIX), facts)
    return facts


def opus_samples(packet: bytes) -> int:
    """Samples at 48 kHz in an Opus packet, from its TOC (RFC 6716 3.1 and 3.2); 0 when malformed."""
    if not packet:
        return 0
    toc = packet[0]
    config, code = toc >> 3, toc & 3
    if config < 12:
        frame = (480, 960, 1920, 2880)[config & 3]
    elif config < 16:
        frame = (480, 960)[config & 1]
    else:
        frame = (120, 240, 480, 960)[config & 3]
    counted = packet[1] & 63 if len(packet) > 1 else 0
    samples = frame * (1, 2, 2, counted)[code]
    return samples if samples <= 5760 else 0  # 120 ms at most


def _without_duplicates(records: list[Record]) -> list[tuple[Record, int]]:
    """In the order of their timestamps, each once, without packets that are no Opus; with its samples."""
    records = sorted(records, key=lambda record: record.rtp)
    kept: list[tuple[Record, int]] = []
    last: int | None = None
    for record in records:
        samples = opus_samples(record.data)
        if samples and record.rtp != last:
            last = record.rtp
            kept.append((record, samples))
    return kept


def _stream(rate: int, frames: Sequence[Record], records: Sequence[Record], report: int) -> Stream:
    return Stream(
        rate,
        [(frame.rtp, frame.arrival) for frame in frames],
        [(int.from_bytes(r.data, "little"), r.rtp) for r in records if r.kind == report],
    )


def _place(record: Record, offset: float, rate: int) -> float:
    at = offset + record.rtp / rate
    # A sender whose timestamps run away from the packets is shown by arrival.
    return at if abs(at - record.arrival) <= JUMP_SECONDS else record.arrival


def _end(pictures: list[_Timed], sounds: list[_Timed], next_rtp: int, alignment: Alignment) -> float:
    """When the segment ends: where its sound ends, or the picture that begins the next one."""
    ends = []
    if sounds:
        ends.append(sounds[-1].at + sounds[-1].samples / AUDIO_RATE)
    if pictures:
        last = pictures[-1].at
        following = alignment.offsets["video"] + next_rtp / VIDEO_RATE if next_rtp >= 0 else last
        ends.append(following if last < following < last + JUMP_SECONDS else last + LAST_FRAME_SECONDS)
    return max(ends)


def _lay_out(
    pictures: list[_Timed], sounds: list[_Timed], start: float, end: float
) -> tuple[list[Block], list[dict[str, Any]]]:
    """Blocks in time order, and the holes that were bridged."""
    blocks: list[Block] = []
    holes: list[dict[str, Any]] = []

    def ms(at: float) -> int:
        return max(0, round((at - start) * 1000))

    def hole(kind: str, since: float, until: float) -> None:
        if until - since >= HOLE_SECONDS[kind]:
            holes.append({"kind": kind, "from_ms": ms(since), "to_ms": ms(until)})

    due_ms, shown = 0, start
    for picture in pictures:
        at = picture.at
        hole("video", shown, at)
        shown = at
        at_ms = round((at - start) * 1000)
        if at_ms < due_ms:
            at_ms = due_ms  # two frames in one tick would end in one place; the later one steps aside
        due_ms = at_ms + STEP_MS
        if blocks and at_ms - blocks[-1].time_ms > LASTING_MS:
            blocks[-1].duration_ms = at_ms - blocks[-1].time_ms
        blocks.append(Block(at_ms, VIDEO_TRACK, picture.keyframe, picture.data))
    if blocks:
        hole("video", shown, end)
        blocks[-1].duration_ms = max(1, ms(end) - at_ms)
    # At a rotation the first moments of sound stand at the end of the segment before: nothing is missing, and
    # silence would cover them in the player.
    due = sounds[0].at if sounds and sounds[0].at - start < HEAD_SECONDS else start
    silence = SILENCE_SAMPLES / AUDIO_RATE
    for sound in [*sounds, _Timed(end, False, b"")]:
        at = sound.at
        if at - due >= silence:
            hole("audio", due, at)
            while at - due >= silence:
                blocks.append(Block(ms(due), AUDIO_TRACK, True, OPUS_SILENCE))
                due += silence
        if sound.data:
            blocks.append(Block(ms(at), AUDIO_TRACK, True, sound.data))
            due = max(due, at + sound.samples / AUDIO_RATE)
    # Pictures first within a millisecond, so that a cluster begins with its keyframe.
    blocks.sort(key=lambda block: (block.time_ms, block.track))
    return blocks, holes


def _mapping(records: Sequence[Record], header: PartHeader, alignment: Alignment) -> dict[str, Any]:
    """How RTP time became server time, so that an expert can redo it: per stream the first and last sender
    report and the monotonic offset; `aligned_by` tells which rule held."""
    reports: dict[str, Any] = {}
    for name, kind in (("video", VIDEO_REPORT), ("audio", AUDIO_REPORT)):
        own = [{"ntp": int.from_bytes(r.data, "little"), "rtp": r.rtp} for r in records if r.kind == kind]
        if own:
            reports[name] = {"first": own[0], "last": own[-1], "count": len(own)}
    return {
        "aligned_by": "arrival" if alignment.transit is None else "sender_reports",
        "offsets": dict(alignment.offsets),
        "transit": alignment.transit,
        "reports": reports,
        "anchor_utc": header.anchor_utc,
        "anchor_monotonic": header.anchor_monotonic,
    }


def _utc(header: PartHeader, monotonic: float) -> datetime:
    return datetime.fromisoformat(header.anchor_utc) + timedelta(seconds=monotonic - header.anchor_monotonic)


def _iso(moment: datetime) -> str:
    return moment.isoformat(timespec="milliseconds")


def _write_facts(path: Path, facts: dict[str, Any]) -> None:
    temporary = path.with_name(f".{path.name}.tmp")
    with temporary.open("w") as file:
        json.dump(facts, file)
        file.flush()
        os.fsync(file.fileno())
    temporary.replace(path)
    sync_directory(path.parent)


def read_facts(path: Path) -> dict[str, Any] | None:
    """The facts of a finished segment, or None when there are none."""
    try:
        facts: dict[str, Any] = json.loads(path.read_text())
    except (FileNotFoundError, ValueError):
        return None
    return facts
