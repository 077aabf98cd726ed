"""What one participant watches: a pool of slots on a `Peer`, filled and emptied without renegotiation."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

from proctor.media import rtcp, sdp
from proctor.media.mux import Mux
from proctor.media.native import Certificate
from proctor.media.peer import Peer
from proctor.media.slot import Slot
from proctor.token_bucket import TokenBucket

REPORT_INTERVAL = 2.0
_REPORTS_A_PACKET = 20  # sender reports bundled into one datagram of about 600 bytes
_CNAME = "proctor"


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
        now: float,
        on_showing: Callable[[str, str, int], None],
    ) -> None:
        """`ntp` turns monotonic seconds into 64-bit NTP time. `on_showing(slot, publisher, timestamp)`: from the
        picture with that RTP timestamp on, the slot shows that publisher."""
        self.name = name
        self.offered = tuple(offered)
        # some browsers report from an SSRC of their own for each section
        self.peer = Peer(mux, certificate, self, ssrc_limit=len(offered) + 8, now=now)
        self.state = "offered"
        self.created_at = now
        self.wanted: dict[str, str | None] = {slot.name: None for slot in offered}  # slot name -> publisher
        self._on_showing = on_showing
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

    def _changed(self, slot: str, timestamp: int) -> None:
        self._on_showing(slot, self.wanted[slot] or "", timestamp)

    def accept(self, answer: sdp.SubscriberAnswer) -> None:
        """Slots that the answer does not take stay empty for good."""
        self.state = "connecting"
        self.slots = [slot for slot in self.slots if slot.offered.mid in answer.receiving]
        for slot in self.slots:
            slot.sends_rtx = slot.offered.mid in answer.taking_rtx

    def connected(self) -> None:
        self.state = "connected"
        for slot in self.slots:
            slot.outbound = self.peer.outbound

    def end(self) -> None:
        self.state = "closed"
        for slot in self.slots:
            slot.follow(())
            slot.outbound = None

    def handle_rtp(self, view: Any, size: int, arrival: float) -> None:
        self._counters["viewer_rtp"] += 1  # a viewer has nothing to send us

    def handle_rtcp(self, data: bytes, arrival: float) -> None:
        messages = rtcp.parse(data)
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

    def _resend(self, slot: Slot, sequences: Sequence[int], now: float) -> None:
        for sequence in sequences:
            if not self._resends.take(now):
                self._counters["nack_limited"] += 1
                return
            self._counters["resent" if slot.resend(sequence) else "resend_missed"] += 1

    def tick(self, now: float) -> None:
        """Ask for the keyframes that slots wait for, and report the slots whose report is due."""
        if self.state != "connected":
            return
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
