"""One incoming RTP stream: the sound of a publisher or one layer of the picture.

It numbers packets (extended sequence, without padding-only packets, so that nobody behind sees a hole where
a bandwidth probe was), counts what was lost (RFC 3550 appendix A), knows which packets of a picture are missing
(`losses`) and takes those that are retransmitted, keeps the mapping of its timestamps to
time that the publisher's sender reports give, and holds back requests for keyframes to one in
`KEYFRAME_INTERVAL` seconds.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable
from typing import TYPE_CHECKING

from proctor.media import rtcp
from proctor.media.losses import KEPT_BY_SENDERS, Losses
from proctor.media.rtp import Packet

if TYPE_CHECKING:
    from proctor.media.slot import Slot

KEYFRAME_INTERVAL = 0.5
"""Seconds between two keyframe requests for one stream, however many ask."""

SILENT_AFTER = 2.0
"""Seconds without a packet after which a stream counts as silent."""

_REMEMBERED_DROPS = 64  # padding-only packets that a late packet can still be numbered around
_CREDIBLE_SKEW = 5.0  # seconds between capture, as sender reports tell it, and arrival


class Stream:
    __slots__ = (
        "_ask", "_asked_at", "_dropped", "_dropped_before", "_expected_before", "_first", "_highest", "_jitter",
        "_last_timestamp", "_ntp_offset", "_octets_before", "_on_hole", "_on_watched", "_received_before",
        "_sr_arrival", "_sr_ntp", "_sr_timestamp", "_transit", "awaits_keyframe", "kbps", "kind", "last_arrival",
        "layer", "loss", "losses", "octets", "packets", "rate", "slots", "ssrc", "temporal",
    )

    def __init__(
        self,
        kind: str,
        layer: str,
        ask: Callable[[int], None],
        on_watched: Callable[[], None],
        on_hole: Callable[[], None],
    ) -> None:
        """`ask` sends a PLI for an SSRC; `on_watched` hears that other slots follow the stream than before, `on_hole`
        that there are packets to ask for again."""
        self.kind = kind
        self.layer = layer  # "h", "l", or "" for sound
        self.rate = 48000 if kind == "audio" else 90000
        self.ssrc: int | None = None  # not known before the first packet
        self.slots: list[Slot] = []
        self.packets = 0
        self.octets = 0
        self.last_arrival: float | None = None
        self.kbps = 0.0
        self.loss = 0.0  # fraction, of the last report interval
        self.awaits_keyframe = False
        self.temporal = 0  # highest temporal layer seen while somebody watched
        self._ask = ask
        self.losses = Losses()  # of a picture; lost sound is not asked for again
        self._on_watched = on_watched
        self._on_hole = on_hole
        self._asked_at = float("-inf")
        self._first = 0
        self._highest = 0
        self._dropped: list[int] = []
        self._dropped_before = 0
        self._jitter = 0.0
        self._transit = float("inf")
        self._last_timestamp = -1
        self._expected_before = 0
        self._received_before = 0
        self._octets_before = 0
        self._sr_ntp = 0
        self._sr_timestamp = 0
        self._sr_arrival: float | None = None
        self._ntp_offset = 0.0

    # --- who watches ---

    def attach(self, slot: Slot) -> None:
        self.slots.append(slot)
        self._on_watched()

    def detach(self, slot: Slot) -> None:
        self.slots.remove(slot)
        self._on_watched()

    # --- numbering ---

    def receive(self, packet: Packet, arrival: float) -> bool:
        """Count the packet and set its `index`. False if it only carries padding and goes no further."""
        self.packets += 1
        self.octets += len(packet.payload)
        before, self.last_arrival = self.last_arrival, arrival
        sequence = packet.sequence
        if self.packets == 1:
            self._first = self._highest = index = sequence + 0x10000  # room below for reordering
        else:
            index = self._highest + ((sequence - self._highest + 0x8000) & 0xFFFF) - 0x8000
        if packet.timestamp != self._last_timestamp:  # the first packet of a frame; the others only follow it
            self._last_timestamp = packet.timestamp
            transit = arrival * self.rate - packet.timestamp
            change = abs(transit - self._transit)
            if change < self.rate:  # a wrapped or restarted timestamp is no jitter
                self._jitter += (change - self._jitter) / 16
            self._transit = transit
        dropped = self._dropped
        ahead = index - self._highest
        if ahead > 1:
            if self.kind == "video":
                self._find_hole(index, arrival, 0.0 if before is None else arrival - before)
        elif ahead < 0:
            self.losses.came(index)
        if not packet.payload:
            if ahead >= 0:
                self._highest = index
                dropped.append(index)
                if len(dropped) > _REMEMBERED_DROPS:
                    del dropped[0]
                    self._dropped_before += 1
            return False
        if ahead > 0:
            self._highest = index
            packet.index = index - self._dropped_before - len(dropped)
        else:
            packet.late = ahead < 0
            packet.index = index - self._dropped_before - bisect_left(dropped, index)
        return True

    def _find_hole(self, index: int, arrival: float, silence: float) -> None:
        """Packets before `index` are missing. After a long silence, or where they are too many, the sender does not
        have them any more."""
        if silence < KEPT_BY_SENDERS and self.losses.found(self._highest + 1, index, arrival):
            self._on_hole()
        else:
            self.losses.give_up()
            self.request_keyframe(arrival)

    def repair(self, packet: Packet) -> bool:
        """Take a packet that was retransmitted, under its own number, and set its `index`. False if it is not missing,
        as those that browsers send to probe for bandwidth are not, or only carries padding.

        It is no arrival: loss, jitter and rate are those of the network (RFC 4588 section 4).
        """
        index = self._highest + ((packet.sequence - self._highest + 0x8000) & 0xFFFF) - 0x8000
        if not self.losses.came(index) or not packet.payload:
            return False
        packet.late = True
        packet.index = index - self._dropped_before - bisect_left(self._dropped, index)
        return True

    def report(self, now: float) -> rtcp.Report | None:
        """The report block on the time since the last one; None before the first packet."""
        if self.ssrc is None or not self.packets:
            return None
        expected = self._highest - self._first + 1
        interval = expected - self._expected_before
        lost = max(0, interval - (self.packets - self._received_before))
        self._expected_before, self._received_before = expected, self.packets
        self.loss = lost / interval if interval > 0 else 0.0
        last_sr = delay = 0
        if self._sr_arrival is not None:
            last_sr = self._sr_ntp >> 16 & 0xFFFFFFFF
            delay = int((now - self._sr_arrival) * 65536)
        return rtcp.Report(
            ssrc=self.ssrc,
            fraction_lost=min(255, int(self.loss * 256)),
            cumulative_lost=expected - self.packets,
            highest=self._highest,
            jitter=int(self._jitter),
            last_sr=last_sr,
            delay=delay,
        )

    def measure(self, seconds: float) -> None:
        """Update `kbps` from the payload received in the last `seconds`."""
        self.kbps = (self.octets - self._octets_before) * 8 / 1000 / seconds
        self._octets_before = self.octets

    # --- time ---

    def sender_report(self, ntp: int, timestamp: int, arrival: float, offset: float) -> None:
        """`offset` is what to add to this publisher's NTP seconds to have our monotonic ones."""
        self._sr_ntp, self._sr_timestamp, self._sr_arrival, self._ntp_offset = ntp, timestamp, arrival, offset

    @property
    def has_clock(self) -> bool:
        return self._sr_arrival is not None

    def captured_at(self, timestamp: int, arrival: float) -> float:
        """Monotonic seconds at which `timestamp` was captured; the arrival where reports are absent or
        absurd."""
        if self._sr_arrival is None:
            return arrival
        since = ((timestamp - self._sr_timestamp + 0x80000000) & 0xFFFFFFFF) - 0x80000000
        captured = self._sr_ntp / 2**32 + self._ntp_offset + since / self.rate
        return captured if abs(captured - arrival) < _CREDIBLE_SKEW else arrival

    def timestamp_at(self, moment: float) -> int:
        """The timestamp that this stream shows at `moment`. Only with `has_clock`."""
        since = moment - self._ntp_offset - self._sr_ntp / 2**32
        return (self._sr_timestamp + round(since * self.rate)) & 0xFFFFFFFF

    # --- keyframes ---

    def live(self, now: float) -> bool:
        """Whether packets are coming."""
        return self.last_arrival is not None and now - self.last_arrival < SILENT_AFTER

    def request_keyframe(self, now: float) -> None:
        """Somebody needs a keyframe: ask at once, or as soon as the interval allows, until one comes."""
        self.awaits_keyframe = True
        self.ask_if_due(now)

    def ask_if_due(self, now: float) -> None:
        """Called on every tick. A silent layer is not asked: when it resumes it begins with a keyframe
        anyway."""
        if (
            self.awaits_keyframe
            and self.ssrc is not None
            and self.live(now)
            and now - self._asked_at >= KEYFRAME_INTERVAL
        ):
            self._asked_at = now
            self._ask(self.ssrc)
