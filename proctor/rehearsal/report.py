"""Whether a school is ready: what a rehearsal showed, room by room, and what limited it. As text and as JSON."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from proctor.rehearsal.room_run import Played

READY, NOT_READY, VOID = "ready", "not_ready", "void"
SAID = {
    READY: "sẵn sàng / ready", NOT_READY: "chưa sẵn sàng / not ready",
    VOID: "không tính: máy diễn tập quá chậm / void: the rehearsing machine was too slow",
}  # fmt: skip

ON_TIME = 0.99  # of the packets, or the rehearsal says nothing of the server
JOIN_SECONDS, OPEN_SECONDS, BACK_SECONDS = 15.0, 5.0, 10.0
SHARE = 0.99  # of what was sent, delivered and recorded
FREEZES = 0.05  # for a candidate and watcher
LONGEST_FREEZE = 3.0

LIMITS = {
    "generator": "máy diễn tập gửi không kịp; dùng máy khác hoặc ít thí sinh hơn / "
                 "this machine sends too late; use another one, or fewer candidates",
    "join": "vào phòng chờ quá lâu / it takes too long to reach the lobby",
    "media": "không kết nối được hình và tiếng; xem cổng của --media-port và tường lửa / "
             "picture and sound do not connect; look at the port of --media-port and at the firewall",
    "opening": "đề mở quá chậm sau khi phát / the paper opens too late after its release",
    "delivered": "hình đến cán bộ coi thi bị thiếu / pictures do not all arrive at who watches",
    "freezes": "hình bị đứng / pictures stand still",
    "thinned": "mạng của cán bộ coi thi không tải hết hình / the watchers' network does not carry all pictures",
    "recorded": "ghi hình bị thiếu / not everything was recorded",
    "return": "trở lại quá chậm sau khi mất mạng / it takes too long to come back after an outage",
    "submitted": "có thí sinh không nộp được bài / somebody could not hand in",
    "refused": "máy chủ từ chối / the server refused",
}  # fmt: skip
"""What may have limited it, in words."""


@dataclass(frozen=True)
class RoomReport:
    """Times in seconds, shares of 1; None for what nobody did."""

    room: str
    candidates: int
    lobby_median: float | None
    lobby_longest: float | None
    media_longest: float | None
    opened_median: float | None
    opened_longest: float | None
    back_longest: float | None
    submitted: int
    delivered: float | None
    freezes: int
    freeze_longest: float
    recorded_mean: float | None
    recorded_least: float | None
    level: str
    verdict: str
    limits: tuple[str, ...]


@dataclass(frozen=True)
class Report:
    """Of a whole rehearsal. `server_cores` and `server_mb`: None of a server on another machine."""

    rooms: tuple[RoomReport, ...]
    on_time: float
    server_cores: float | None
    server_mb: float | None
    verdict: str


def judge(played: Sequence[Played], *, server_cores: float | None, server_mb: float | None) -> Report:
    """The report of the rooms that were played."""
    fared = [each for room in played for each in room.fared]
    sent, late = sum(each.sent for each in fared), sum(each.late for each in fared)
    on_time = 1 - late / sent if sent else 0.0
    rooms = tuple(_room(each, void=bool(sent) and on_time < ON_TIME) for each in played)
    verdicts = {each.verdict for each in rooms}
    verdict = VOID if VOID in verdicts else NOT_READY if NOT_READY in verdicts or not rooms else READY
    return Report(rooms, on_time, server_cores, server_mb, verdict)


def _room(played: Played, *, void: bool) -> RoomReport:
    fared, count = played.fared, len(played.room.codes)
    lobby = _known(each.lobby for each in fared)
    media, back = _known(each.media for each in fared), _known(each.back for each in fared)
    packets, missing = sum(tile.packets for tile in played.tiles), sum(tile.missing for tile in played.tiles)
    freezes = sum(tile.freezes for tile in played.tiles)
    longest = max((tile.longest for tile in played.tiles), default=0.0)
    recorded = list(played.recorded.values())
    submitted = sum(each.submitted for each in fared)
    delivered = packets / (packets + missing) if packets else None
    limits = [
        name
        for name, is_one in (
            ("generator", void),
            ("join", len(lobby) < count or max(lobby, default=0.0) > JOIN_SECONDS),
            ("media", bool(played.media) or len(media) < count),
            ("opening", len(played.opened) < count or max(played.opened, default=0.0) > OPEN_SECONDS),
            ("delivered", bool(played.tiles) and (delivered or 0.0) < SHARE),
            ("freezes", freezes > FREEZES * len(played.tiles) or longest > LONGEST_FREEZE),
            ("thinned", played.worst_level != "all"),
            ("recorded", len(recorded) < count or min(recorded, default=0.0) < SHARE),
            ("return", max(back, default=0.0) > BACK_SECONDS),
            ("submitted", submitted < count),
            ("refused", any(each.refusals for each in fared)),
        )
        if is_one
    ]
    return RoomReport(
        room=played.room.title, candidates=count, lobby_median=_median(lobby), lobby_longest=max(lobby, default=None),
        media_longest=max(media, default=None), opened_median=_median(played.opened),
        opened_longest=max(played.opened, default=None), back_longest=max(back, default=None), submitted=submitted,
        delivered=delivered, freezes=freezes, freeze_longest=longest,
        recorded_mean=sum(recorded) / len(recorded) if recorded else None, recorded_least=min(recorded, default=None),
        level=played.worst_level, verdict=VOID if void else NOT_READY if limits else READY, limits=tuple(limits),
    )  # fmt: skip


def as_text(report: Report) -> str:
    """For people."""
    lines = []
    for room in report.rooms:
        lines += [f"{room.room}: {SAID[room.verdict]}"]
        rows = [
            ("vào phòng chờ / to the lobby", f"{_s(room.lobby_median)}, {_s(room.lobby_longest)}"),
            ("hình và tiếng kết nối / picture and sound connect", _s(room.media_longest)),
            ("từ phát đề đến mở đề / from the release to the paper",
             f"{_s(room.opened_median)}, {_s(room.opened_longest)}"),
            ("trở lại sau khi mất mạng / back after an outage", _s(room.back_longest)),
            ("gói tin đến nơi / packets delivered", _percent(room.delivered)),
            ("hình đứng / pictures stood", f"{room.freezes}, {_s(room.freeze_longest)}"),
            ("đã ghi / recorded", f"{_percent(room.recorded_mean)}, {_percent(room.recorded_least)}"),
            ("đã nộp / handed in", f"{room.submitted}/{room.candidates}"),
        ]  # fmt: skip
        lines += [f"   {name:55} {value}" for name, value in rows]
        lines += [f"   →  {LIMITS[limit]}" for limit in room.limits]
    lines += [f"Máy diễn tập gửi đúng lúc / sent on time by this machine: {_percent(report.on_time)}"]
    if report.server_cores is not None and report.server_mb is not None:
        lines += [f"Máy chủ / the server: {report.server_cores:.2f} nhân / cores, {report.server_mb:.0f} MB"]
    lines += [f"Kết luận / verdict: {SAID[report.verdict]}"]
    return "\n".join(lines)


def as_json(report: Report) -> str:
    """One line for programs."""

    def rounded(value: Any) -> Any:
        if isinstance(value, float):
            return round(value, 4)
        if isinstance(value, dict):
            return {name: rounded(each) for name, each in value.items()}
        return [rounded(each) for each in value] if isinstance(value, list | tuple) else value

    return json.dumps(rounded(asdict(report)), ensure_ascii=False)


def _known(values: Iterable[float | None]) -> list[float]:
    return [value for value in values if value is not None]


def _median(values: Sequence[float]) -> float | None:
    return sorted(values)[len(values) // 2] if values else None


def _s(value: float | None) -> str:
    return "–" if value is None else f"{value:.1f} s"


def _percent(value: float | None) -> str:
    return "–" if value is None else f"{100 * value:.2f} %"
