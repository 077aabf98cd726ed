"""What one participant watches: a pool of slots on a `Peer`, filled and emptied without renegotiation, and less of it
where the viewer's network does not carry all (downlink.py)."""

from __future__ import annotations

import random
from collections import deque
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

from proctor.media import rtcp, sdp
from proctor.media.downlink import Downlink, Level
from proctor.media.mux import Mux
from proctor.media.native import Certificate
from proctor.media.peer import Peer
from proctor.media.publisher import Publisher
from proctor.media.slot import Slot
from proctor.media.stream import Stream
from proctor.token_bucket import TokenBucket

REPORT_INTERVAL = 2.0
_REPORTS_A_PACKET = 20  # sender reports bundled into one datagram of about 600 bytes
_CNAME = "proctor"
_SHARES = {Level.HALF_RATE: (1, 0.6), Level.QUARTER_RATE: (0, 0.4)}
"""Highest temporal layer of tiles, and its share of the rate as browsers divide it among three."""
_HEADS = 1.15  # packets with their headers, by what is in them


def offered_slots(tiles: int) -> list[sdp.OfferedSlot]:
    """`tiles` pictures named t0, t1, ..., then picture and sound named focus."""
    plan = [(f"t{number}", "video") for number in range(tiles)] + [("focus", "video"), ("focus", "audio")]
    ssrcs = iter(random.sample(range(2, 2**32), 2 * len(plan)))
    return [
        sdp.OfferedSlot(name, kind, str(mid), next(ssrcs), next(ssrcs) if kind == "video" else 0)
        for mid, (name, kind) in enumerate(plan)
    ]


class Viewer:
    def __init__(
        self,
        name: str,
        offered: Sequence[sdp.OfferedSlot],
        *,
        mux: Mux,
        certificate: Certificate,
        ntp: Callable[[float], int],
        clock: Callable[[], float],
        on_showing: Callable[[str, str, int], None],
        on_level: Callable[[str], None],
    ) -> None:
        """`ntp` turns monotonic seconds, which `clock` shows, into 64-bit NTP time. `on_showing(slot, publisher,
        timestamp)`: from the picture with that RTP timestamp on, the slot shows that publisher. `on_level` hears the
        name of the `Level` of what is left out for the viewer's network, in small letters, whenever that changes."""
        now = clock()
        self.name = name
        self.offered = tuple(offered)
        # some browsers report from an SSRC of their own for each section
        self.peer = Peer(mux, certificate, self, ssrc_limit=len(offered) + 8, now=now)
        self.state = "offered"
        self.created_at = now
        self.wanted: dict[str, str | None] = {slot.name: None for slot in offered}  # slot name -> publisher
        self.on_level = on_level
        self._on_showing = on_showing
        self._downlink: Downlink | None = None  # of who tells of arrivals
        self._clock = clock
        self.slots = [
            Slot(slot, self.peer.send, partial(self._changed, slot.name))
            if slot.kind == "video"
            else Slot(slot, self.peer.send)
            for slot in offered
        ]
        self._by_ssrc = {slot.offered.ssrc: slot for slot in self.slots}
        self._counters = mux.counters
        self._ntp = ntp
        self._resends = TokenBucket(200, 400, now)
        self._returning: deque[Slot] = deque()  # tiles that are to move again, one by one

    def _changed(self, slot: str, timestamp: int) -> None:
        self._on_showing(slot, self.wanted[slot] or "", timestamp)

    def accept(self, answer: sdp.SubscriberAnswer) -> None:
        """Slots that the answer does not take stay empty for good."""
        self.state = "connecting"
        self.slots = [slot for slot in self.slots if slot.offered.mid in answer.receiving]
        if answer.feeds_back:
            self._downlink = Downlink(self._clock)
        for slot in self.slots:
            slot.sends_rtx = slot.offered.mid in answer.taking_rtx
            if self._downlink is not None:
                slot.departs = self._downlink.depart

    def connected(self) -> None:
        self.state = "connected"
        for slot in self.slots:
            slot.outbound = self.peer.outbound

    def end(self) -> None:
        self.state = "closed"
        for slot in self.slots:
            slot.follow(())
            slot.outbound = None

    # --- how much of it ---

    @property
    def level(self) -> Level:
        return Level.ALL if self._downlink is None else self._downlink.level

    def due_slots(self, changed: bool) -> list[Slot]:
        """Those to be filled anew by now, the level having `changed` or not. Tiles that move again come one by one:
        each begins with a keyframe, and all at once would be the congestion that they were left out for."""
        if changed:
            still = [slot for slot in self.slots if slot.offered.name != "focus" and not slot.streams]
            self._returning = deque(still if self.level < Level.STILLS else ())
            return [slot for slot in self.slots if slot not in self._returning]
        return [self._returning.popleft()] if self._returning else []

    def fill(self, slot: Slot, publisher: Publisher | None) -> None:
        """Have `slot` show what this viewer's network carries of a publisher, None for nobody."""
        level = self.level
        if publisher is None or self.state not in ("connecting", "connected"):
            slot.follow(())
        elif slot.offered.kind == "audio":
            slot.follow(publisher.sound_streams())
        elif slot.offered.name == "focus":
            streams = publisher.focus_streams()
            slot.follow(() if level >= Level.SOUND else streams[::-1] if level >= Level.SMALL_FOCUS else streams)
        else:
            slot.follow(() if level >= Level.STILLS else publisher.tile_streams())
            if level in _SHARES:
                slot.limit_layers(_SHARES[level][0])
            else:
                slot.limit_layers()

    def _demands(self) -> list[float]:
        """What each level would take, in kbit/s, by what comes of it now."""
        tiles = dict.fromkeys(Level, 0.0)
        focus, small_focus, sound = 0.0, 0.0, 0.0
        for slot in self.slots:
            streams = slot.streams
            if not streams:
                continue
            if slot.offered.kind == "audio":
                sound += streams[0].kbps
            elif slot.offered.name == "focus":
                focus += max(stream.kbps for stream in streams)
                small_focus += min(stream.kbps for stream in streams)
            else:
                tiles = {level: rate + _rate(streams[0], level) for level, rate in tiles.items()}
        pictures = dict.fromkeys(Level, small_focus) | {Level.ALL: focus, Level.SOUND: 0.0}
        return [_HEADS * (tiles[level] + pictures[level] + sound) for level in Level]

    # --- what comes from it ---

    def handle_rtp(self, view: Any, size: int, arrival: float) -> None:
        self._counters["viewer_rtp"] += 1  # a viewer has nothing to send us

    def handle_rtcp(self, data: bytes, arrival: float) -> None:
        downlink = self._downlink
        messages = rtcp.parse(data) if downlink is None else rtcp.parse(data, partial(downlink.listens, arrival))
        if messages is None:
            self._counters["rtcp_malformed"] += 1
            return
        for message in messages:
            if isinstance(message, rtcp.KeyframeRequest):
                slot = self._by_ssrc.get(message.media_ssrc)
                if slot is not None and slot.showing is not None:
                    slot.showing.request_keyframe(arrival)
            elif isinstance(message, rtcp.Nack):
                slot = self._by_ssrc.get(message.media_ssrc)
                if slot is not None:
                    self._resend(slot, message.sequences, arrival)
            elif downlink is not None and isinstance(message, rtcp.TransportFeedback):
                downlink.heard(message)

    def moved(self) -> None:
        if self._downlink is not None:
            self._downlink.begin_way()

    def _resend(self, slot: Slot, sequences: Sequence[int], now: float) -> None:
        for sequence in sequences:
            if not self._resends.take(now):
                self._counters["nack_limited"] += 1
                return
            self._counters["resent" if slot.resend(sequence) else "resend_missed"] += 1

    def tick(self, now: float) -> bool:
        """Ask for the keyframes that slots wait for, and report the slots whose report is due. Whether the level has
        changed, so that slots are to be filled anew."""
        if self.state != "connected":
            return False
        due = []
        for slot in self.slots:
            stream = slot.missing_keyframe(now)
            if stream is not None:
                stream.request_keyframe(now)
            if now >= slot.report_due:
                report = slot.sender_report(now, self._ntp(now))
                if report is not None:
                    slot.report_due = now + REPORT_INTERVAL
                    due.append((slot, report))
        for at in range(0, len(due), _REPORTS_A_PACKET):
            part = due[at : at + _REPORTS_A_PACKET]
            names = rtcp.source_description(part[0][0].offered.ssrc, _CNAME)
            self.peer.send_rtcp(b"".join(report for _, report in part) + names)
        if self._downlink is None or self.peer.is_asking(now):
            return False
        return self._downlink.judge(now, self._demands)


def _rate(tile: Stream, level: Level) -> float:
    """What `tile` takes at `level`, in kbit/s."""
    if level >= Level.STILLS:
        return 0.0
    return tile.kbps * (_SHARES[level][1] if tile.temporal and level in _SHARES else 1.0)
