"""What of a candidate's exam was not recorded: from when to when, picture or sound or both, and why (A14.2c.7).

The whole exam is recorded: for each candidate from the admission to the end, or until the page was left after the
hand-in. Picture and sound are looked at apart, for a recording goes on with one of them. The times in which either is
missing are laid beside those in which something is known to have kept it away, and cut where one of these changes.
"""

from __future__ import annotations

from bisect import bisect
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

from proctor.exam.plan import Form
from proctor.exam.room import Room
from proctor.exam.sitting import Loss, Sitting

SEAM = timedelta(milliseconds=500)  # what is shorter is the seam between two segments
UNFINISHED = timedelta(minutes=2)  # a segment that is being recorded is known after so long at the latest
APART = timedelta(seconds=10)
"""Picture and sound stop, and come back, so much apart from what keeps them away, at most: what is left unexplained for
less than this beside a cause is that cause's."""

TRACKS = {"picture": "video", "sound": "audio"}  # and what the holes of a segment call them
_FOREVER = datetime.max.replace(tzinfo=UTC)
_Span = tuple[datetime, datetime]


@dataclass(frozen=True)
class Gap:
    """A time without what is `missing`: "picture", "sound" or both.

    `cause`: "server" when it was away or could not record; "connection" when the candidate's page was not connected;
    "no_media" when the page was there and did not send it, as while a camera is taken by another program;
    "no_microphone" where there is none, and a written exam is held with picture only (X46): nothing was lost.
    """

    since: datetime
    until: datetime
    cause: str
    missing: tuple[str, ...] = tuple(TRACKS)


def gaps(room: Room, known: Sitting, now: datetime, *, settled: bool = False) -> tuple[Gap, ...]:
    """The gaps of a sitting as far as they are known at `now`. `settled`: nothing of it is being recorded or finished,
    so that no segment is awaited."""
    if known.admitted_at is None:
        return ()
    segments = sorted(known.recorded(), key=lambda each: str(each["started_at"]))
    expected = known.admitted_at, min(_until(room, known), judged(room, segments, now, settled=settled))
    missing = {
        track: _not_covered(expected, (span for each in segments for span in _covered(each, kind)))
        for track, kind in TRACKS.items()
    }
    causes = {"server": [*room.outages, *_servers(known, segments)], "connection": _spans(known.losses, "connection"),
              "no_microphone": _without_microphone(room, known)}  # fmt: skip
    return tuple(_joined(_explained(list(_pieces(missing, causes)))))


def _until(room: Room, known: Sitting) -> datetime:
    """When nobody was to be recorded any more: after the hand-in, who left and did not come back."""
    end = room.schedule.end_at
    if known.submitted_at is None or known.connected:
        return end
    left = known.losses[-1].since if known.losses and known.losses[-1].until is None else known.submitted_at
    return min(end, max(left, known.submitted_at))


def judged(room: Room, segments: Sequence[Mapping[str, Any]], now: datetime, *, settled: bool) -> datetime:
    """Up to when it is known what was recorded. Segments are finished in order."""
    if room.ended or settled:
        return now
    return max([now - UNFINISHED, *(datetime.fromisoformat(segment["ended_at"]) for segment in segments)])


def _covered(segment: Mapping[str, Any], kind: str) -> Iterator[_Span]:
    """The times of a segment in which it holds a track; one without pictures has the width 0."""
    begin, end = (datetime.fromisoformat(segment[name]) for name in ("started_at", "ended_at"))
    if kind == "video" and not segment.get("width", 1):
        return
    since = begin
    for hole in segment.get("holes", ()):
        if hole["kind"] == kind:
            yield since, begin + timedelta(milliseconds=hole["from_ms"])
            since = begin + timedelta(milliseconds=hole["to_ms"])
    yield since, end


def _not_covered(expected: _Span, covered: Iterable[_Span]) -> list[_Span]:
    found = []
    since, until = expected
    for begin, end in sorted(covered):
        if min(begin, until) - since >= SEAM:
            found.append((since, min(begin, until)))
        since = max(since, end)
    if until - since >= SEAM:
        found.append((since, until))
    return found


def _spans(losses: Iterable[Loss], cause: str) -> list[_Span]:
    return [(loss.since, loss.until or _FOREVER) for loss in losses if loss.cause == cause]


def _servers(known: Sitting, segments: Sequence[Mapping[str, Any]]) -> list[_Span]:
    """When the server was away or could not record. A fault is over with the next segment at the latest, whenever that
    was told, or a segment found to be lost."""
    begun = [datetime.fromisoformat(segment["started_at"]) for segment in segments]
    faults = []
    for fault in known.faults:
        lost = fault.cause == "segment"
        later = begun[bisect(begun, fault.since + (SEAM if lost else timedelta())) :]
        faults.append((fault.since, min([fault.until or _FOREVER, *later[:1]])))
    return [*_spans(known.losses, "server"), *faults]


def _without_microphone(room: Room, known: Sitting) -> list[_Span]:
    if room.form is Form.ORAL:  # there it is no matter of course
        return []
    told = [*known.microphones, (_FOREVER, True)]
    return [(since, until) for (since, has_one), (until, _) in pairwise(told) if not has_one]


def _pieces(missing: Mapping[str, list[_Span]], causes: Mapping[str, list[_Span]]) -> Iterator[Gap]:
    """The times in which something is missing, cut where something else is or where another cause begins or ends.

    `causes` in order of precedence.
    """
    layers = {**missing, **causes}
    edges: dict[datetime, list[tuple[str, int]]] = {}
    for name, spans in layers.items():
        for since, until in spans:
            edges.setdefault(since, []).append((name, 1))
            edges.setdefault(until, []).append((name, -1))
    there = dict.fromkeys(layers, 0)
    for since, until in pairwise(sorted(edges)):
        for name, change in edges[since]:
            there[name] += change
        lacks = tuple(track for track in TRACKS if there[track])
        if lacks:
            known = (cause for cause in causes if there[cause])
            cause = next((each for each in known if each != "no_microphone" or lacks == ("sound",)), "no_media")
            yield Gap(since, until, cause, lacks)


def _explained(pieces: list[Gap]) -> Iterator[Gap]:
    """The pieces with what is briefly unexplained beside a cause given to that cause, see `APART`."""
    runs: list[list[Gap]] = []
    for piece in pieces:
        if runs and (runs[-1][-1].until, runs[-1][-1].cause) == (piece.since, piece.cause):
            runs[-1].append(piece)
        else:
            runs.append([piece])
    for before, run, after in zip([None, *runs], runs, [*runs[1:], None], strict=False):
        since, until, cause = run[0].since, run[-1].until, run[0].cause
        if cause == "no_media" and until - since < APART:
            beside = [before[-1].cause] if before and before[-1].until == since else []
            beside += [after[0].cause] if after and after[0].since == until else []
            cause = next((each for each in beside if each != "no_microphone"), cause)
        yield from (replace(piece, cause=cause) for piece in run)


def _joined(pieces: Iterable[Gap]) -> Iterator[Gap]:
    """Pieces that go on alike as one, without those that are but a seam."""
    last: Gap | None = None
    for piece in pieces:
        if last and (last.until, last.cause, last.missing) == (piece.since, piece.cause, piece.missing):
            last = replace(last, until=piece.until)
            continue
        if last and last.until - last.since >= SEAM:
            yield last
        last = piece
    if last and last.until - last.since >= SEAM:
        yield last
