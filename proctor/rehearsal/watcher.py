"""Somebody who watches a rehearsed room: every tile and one focus, and how smooth each tile was."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Any

from proctor.media import rtp
from proctor.rehearsal.client import SlotRecord, SyntheticViewer
from proctor.rehearsal.page import Page

LEVELS = ("all", "small_focus", "half_rate", "quarter_rate", "stills", "sound")  # of the message `thinned`
FREEZE_SECONDS = 1.0  # without a new picture, of somebody who sends some


@dataclass
class TileSeen:
    """What one tile showed. `longest` and `frozen` are in seconds, of pictures that stood for FREEZE_SECONDS and more;
    `missing` counts packets that never came, also not when they were asked for again."""

    frames: int = 0
    freezes: int = 0
    frozen: float = 0.0
    longest: float = 0.0
    packets: int = 0
    missing: int = 0


class Watcher:
    """One page of staff that watches."""

    def __init__(self, page: Page, candidates: list[str], *, loses_every: int = 0) -> None:
        """`page` is in the room. Each `loses_every`th packet is lost on its way (0: none)."""
        self.worst_level = "all"  # the least that the server sent of the pictures
        self._page = page
        self._candidates = candidates
        self._viewer = SyntheticViewer(self._took, loses_every=loses_every)
        self._tiles: dict[str, str] = {}  # candidate by mid
        self._last: dict[str, float] = {}  # when a tile's last picture came, while it counts
        self._seen = {candidate: TileSeen() for candidate in candidates}

    async def begin(self) -> None:
        """Watch. Raises ProctorError `media_unreachable`."""
        offered = await self._page.tell("subscribe", tiles=len(self._candidates))
        answer = self._viewer.answer(offered["sdp"])
        tiles = [slot for slot in offered["slots"] if slot["slot"] != "focus"]
        self._tiles = {slot["mid"]: one for slot, one in zip(tiles, self._candidates, strict=True)}
        await self._page.tell("accept", subscription=offered["subscription"], sdp=answer)
        await self._viewer.connect()
        shown = {slot["slot"]: self._tiles[slot["mid"]] for slot in tiles}
        await self._page.tell(
            "show", subscription=offered["subscription"], tiles=shown, focus=self._candidates[0]
        )

    async def stop(self) -> None:
        await self._viewer.stop()

    def counts(self, candidate: str, does: bool) -> None:
        """Whether a picture of the candidate is to be expected from now on."""
        if does:
            self._last.setdefault(candidate, time.monotonic())
        else:
            self._judge(candidate, time.monotonic())
            self._last.pop(candidate, None)

    def told(self, message: str, body: Any) -> None:
        """The page heard something."""
        if message == "thinned":
            self.worst_level = max(self.worst_level, body["level"], key=LEVELS.index)

    def seen(self) -> dict[str, TileSeen]:
        """By candidate, up to now."""
        for mid, candidate in self._tiles.items():
            record, tile = self._viewer.slots[mid], self._seen[candidate]
            tile.packets, tile.missing = record.packets, max(0, record.holes - record.late)
        return self._seen

    def _took(self, record: SlotRecord, packet: rtp.Packet) -> None:
        if not packet.marker or record.kind != "video":
            return
        candidate = self._tiles.get(record.mid)
        if candidate is None or candidate not in self._last:
            return
        now = time.monotonic()
        self._judge(candidate, now)
        self._seen[candidate].frames += 1
        self._last[candidate] = now

    def _judge(self, candidate: str, now: float) -> None:
        """Count how long the picture stood."""
        stood = now - self._last.get(candidate, now)
        if stood >= FREEZE_SECONDS:
            tile = self._seen[candidate]
            tile.freezes += 1
            tile.frozen += stood
            tile.longest = max(tile.longest, stood)
