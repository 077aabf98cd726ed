"""One outgoing RTP stream of a viewer: a tile, or the picture or sound in focus.

A slot has its own SSRC, sequence numbers, timestamps, VP8 picture ids and TL0PICIDX, which go on without a
hole while its source changes. A picture changes source only with the first packet of a keyframe; until that
comes the slot is silent rather than showing somebody under another's name. Between the layers of one
publisher the old layer plays on until the new one has its keyframe.

Timestamps are laid on one line through all sources, output = base + capture time x rate, so that time goes
on at its own pace across a change; the slot's sender reports state the line of the current source exactly,
which is what keeps sound and picture in focus together.

For a viewer whose network is slow, higher temporal layers can be left out (RFC 7741); sequence numbers and picture ids
go on without a hole then too. A layer comes back with a picture of its own that refers to the lowest layer alone.

The last packets are kept, to be sent again when the viewer misses them: as RTX, on an SSRC of its own (RFC 4588), or
byte for byte to a viewer that takes none.
"""

from __future__ import annotations

import random
import struct
from bisect import bisect_left
from collections.abc import Callable
from typing import Any

from proctor.media import rtcp
from proctor.media.native import MAX_DATAGRAM, Outbound
from proctor.media.rtp import HEADER, Packet, Vp8Descriptor, extension_block
from proctor.media.sdp import (
    AUDIO_PAYLOAD_TYPE,
    MID_EXTENSION,
    RTX_PAYLOAD_TYPE,
    TRANSPORT_CC_EXTENSION,
    VIDEO_PAYLOAD_TYPE,
    OfferedSlot,
)
from proctor.media.stream import Stream

_SENT = {"tile": 32, "focus": 128}  # kept for retransmission, a second or nearly; powers of two
_COUNTERS = struct.Struct("!HB").pack_into  # a wide picture id and the TL0PICIDX behind it
_COMPARED = 1 << 31
_EVERY_LAYER = 3  # the highest temporal layer there can be
_REMEMBERED = 64  # packets left out that a late packet can still be numbered around


class Slot:
    __slots__ = (
        "_base", "_block", "_current", "_first_index", "_head_size", "_highest_layer", "_index_offset", "_last_index",
        "_last_picture", "_last_timestamp", "_last_tl0", "_left_out", "_left_out_picture", "_on_change", "_pack_head",
        "_payload_type", "_picture_offset", "_place", "_rate", "_rest", "_rtx_sequence", "_send", "_sent", "_ssrc",
        "_streams", "_timestamp_offset", "_tl0_offset", "_wanted_layer", "departs", "octets", "offered", "outbound",
        "packets", "report_due", "sends_rtx",
    )

    def __init__(
        self,
        offered: OfferedSlot,
        send: Callable[[bytes], None],
        on_change: Callable[[int], None] = lambda timestamp: None,
    ) -> None:
        """`on_change` hears the RTP timestamp of the first frame that goes out after each change of source."""
        self.offered = offered
        self._on_change = on_change
        self._ssrc = offered.ssrc
        self.outbound: Outbound | None = None  # set when the viewer is connected
        self.packets = 0
        self.octets = 0
        self.report_due = 0.0  # monotonic time of the next sender report
        self._send = send
        block = extension_block({TRANSPORT_CC_EXTENSION: b"\0\0", MID_EXTENSION: offered.mid.encode()})
        self._block, self._rest = block[:5], block[7:]  # before and behind the transport-wide number
        head = struct.Struct(f"!BBHII5sH{len(self._rest)}s")
        self._pack_head = head.pack_into
        self._head_size = head.size
        self._payload_type = AUDIO_PAYLOAD_TYPE if offered.kind == "audio" else VIDEO_PAYLOAD_TYPE
        self._rate = 48000 if offered.kind == "audio" else 90000
        self._streams: tuple[Stream, ...] = ()  # the source's, most preferred first
        self._current: Stream | None = None
        self._first_index = 0  # packets of the source before this one are not ours
        self._last_index = 0
        self._index_offset = random.getrandbits(14)  # libsrtp wants the first sequence number below 2**15
        self._base = random.getrandbits(32)
        self._timestamp_offset = 0
        self._last_timestamp: int | None = None
        self._picture_offset = random.getrandbits(7)
        self._last_picture = 0
        self._tl0_offset = 0
        self._last_tl0 = 0
        self._wanted_layer = self._highest_layer = _EVERY_LAYER  # temporal; the second goes out, and rises with a sync
        self._left_out: list[tuple[int, int, int, int]] = []
        """Index of a packet; up to it, the offsets of sequence and picture, and the layer that went out."""
        self._left_out_picture = -1
        kept = _SENT["focus" if offered.name == "focus" else "tile"]
        self._sent: list[tuple[int, bytes] | None] = [None] * kept
        self.departs: Callable[[int], int] = lambda size: 0
        """Gives the transport-wide number of a packet of so many bytes that goes out now."""
        self.sends_rtx = False  # the viewer takes it; what is kept is not sealed then
        self._rtx_sequence = random.getrandbits(14)
        self._place = kept - 1  # mask: a sequence number's place in `_sent`

    # --- the source ---

    def follow(self, streams: tuple[Stream, ...]) -> None:
        """Show these streams of one publisher, most preferred first; empty for nothing. Where the order alone changes,
        what is shown plays on until the preferred has its keyframe."""
        if streams == self._streams:
            return
        if set(streams) == set(self._streams):
            self._streams = streams
            return
        for stream in self._streams:
            stream.detach(self)
        self._streams = streams
        self._current = None
        for stream in self._streams:
            stream.attach(self)

    def limit_layers(self, highest: int = _EVERY_LAYER) -> None:
        """Send temporal layers up to `highest`, from now on; those that come back, as soon as they can."""
        self._wanted_layer = highest
        self._highest_layer = min(self._highest_layer, highest)

    def missing_keyframe(self, now: float) -> Stream | None:
        """The live stream whose keyframe would let this slot begin, or come nearer to its wish."""
        if self.offered.kind == "audio":
            return None
        for stream in self._streams:
            if stream.live(now):
                return None if stream is self._current else stream
        return None

    @property
    def streams(self) -> tuple[Stream, ...]:
        """What it follows, most preferred first."""
        return self._streams

    @property
    def showing(self) -> Stream | None:
        return self._current

    # --- packets ---

    def forward(self, packet: Packet, stream: Stream, arrival: float) -> None:
        """Send `packet` on, rewritten, if `stream` is what this slot shows or may change to now."""
        outbound = self.outbound
        if outbound is None:
            return
        marker = packet.marker
        vp8 = packet.vp8
        if stream is not self._current:
            if packet.late or not self._may_change_to(stream, packet, arrival):
                return  # of a late packet, what follows it is gone already
            self._change_to(stream, packet, arrival)
            marker = marker or vp8 is None  # the first sound after a change begins a talkspurt (RFC 3551)
        index = packet.index
        if index < self._first_index:
            return
        if vp8 is not None and vp8.temporal > self._highest_layer and self._leaves_out(packet, vp8):
            return
        left_out = self._left_out
        index_offset, picture_offset = self._index_offset, self._picture_offset
        if left_out and index <= left_out[-1][0]:
            if index < left_out[0][0]:
                return  # from before what is remembered: its number is not known any more
            _, index_offset, picture_offset, highest = left_out[bisect_left(left_out, (index,))]
            if vp8 is not None and vp8.temporal > highest:
                return  # the rest of a picture that was left out
        sequence = (index + index_offset) & 0xFFFF
        timestamp = (packet.timestamp + self._timestamp_offset) & 0xFFFFFFFF
        payload = packet.payload
        size = len(payload)
        at = self._head_size
        end = at + size
        if end > MAX_DATAGRAM:
            return
        view = outbound.view
        kind = self._payload_type | 0x80 if marker else self._payload_type
        self._pack_head(
            view, 0, 0x90, kind, sequence, timestamp, self._ssrc, self._block, self.departs(end), self._rest
        )
        view[at:end] = payload
        if vp8 is not None:
            self._renumber_picture(view, at, vp8, index, picture_offset)
        if index > self._last_index:
            self._last_index = index
            self._last_timestamp = timestamp
        plain = view[0:end] if self.sends_rtx else None
        data = outbound.protect(end)
        if data is None:
            return
        self._sent[sequence & self._place] = (sequence, plain or data)
        self.packets += 1
        self.octets += size
        self._send(data)

    def _leaves_out(self, packet: Packet, vp8: Vp8Descriptor) -> bool:
        """Whether a packet of a higher temporal layer than goes out is left out, or the layer comes back with it."""
        if packet.late:  # what came before it was numbered by then
            return True
        begins = packet.payload[0] & 0x17 == 0x10  # RFC 7741 section 4.2: a partition, the first
        if vp8.temporal <= self._wanted_layer and vp8.temporal == self._highest_layer + 1 and vp8.sync and begins:
            self._highest_layer = vp8.temporal
            return False
        index = packet.index
        self._left_out.append((index, self._index_offset, self._picture_offset, self._highest_layer))
        if len(self._left_out) > _REMEMBERED:
            del self._left_out[0]
        self._index_offset -= 1
        self._last_index = index
        picture = vp8.picture_id
        if picture != self._left_out_picture and picture + self._picture_offset != self._last_picture:
            self._picture_offset -= 1  # unless it has been done, or part of the picture has gone out
        self._left_out_picture = picture
        return True

    def _renumber_picture(self, view: Any, at: int, vp8: Vp8Descriptor, index: int, offset: int) -> None:
        if vp8.keyframe:  # after which every layer can follow
            self._highest_layer = self._wanted_layer
        picture = vp8.picture_id + offset
        tl0 = (vp8.tl0_index + self._tl0_offset) & 0xFF
        if vp8.picture_wide and vp8.tl0_at:  # as browsers send it: one behind the other
            _COUNTERS(view, at + vp8.picture_at, picture & 0x7FFF | 0x8000, tl0)
            if index > self._last_index:
                self._last_picture = picture
                self._last_tl0 = tl0
            return
        if vp8.picture_at:
            place = at + vp8.picture_at
            if vp8.picture_wide:
                view[place : place + 2] = (picture & 0x7FFF | 0x8000).to_bytes(2, "big")
            else:
                view[place : place + 1] = bytes([picture & 0x7F])
            if index > self._last_index:
                self._last_picture = picture
        if vp8.tl0_at:
            place = at + vp8.tl0_at
            view[place : place + 1] = bytes([tl0])
            if index > self._last_index:
                self._last_tl0 = tl0

    def _may_change_to(self, stream: Stream, packet: Packet, arrival: float) -> bool:
        if packet.vp8 is None:
            return self.offered.kind == "audio"
        if not packet.vp8.keyframe:
            return False
        preferred = self._streams[0]
        if stream is preferred or self._current is None:
            return True
        return not preferred.live(arrival)

    def _change_to(self, stream: Stream, packet: Packet, arrival: float) -> None:
        if self._last_timestamp is None:
            self._index_offset -= packet.index
        else:
            self._index_offset += self._last_index + 1 - packet.index
        captured = stream.captured_at(packet.timestamp, arrival)
        timestamp = (self._base + round(captured * self._rate)) & 0xFFFFFFFF
        if self._last_timestamp is not None and (timestamp - self._last_timestamp - 1) & 0xFFFFFFFF >= _COMPARED:
            timestamp = (self._last_timestamp + 1) & 0xFFFFFFFF  # clocks differ a little; time never goes back
        self._timestamp_offset = timestamp - packet.timestamp
        if packet.vp8 is not None:
            self._picture_offset = self._last_picture + 1 - packet.vp8.picture_id
            self._tl0_offset = self._last_tl0 + 1 - packet.vp8.tl0_index
        self._first_index = packet.index
        self._last_index = packet.index - 1
        self._left_out.clear()
        self._highest_layer = self._wanted_layer
        self._current = stream
        self.report_due = arrival
        self._on_change(timestamp)

    # --- reports and retransmission ---

    def sender_report(self, now: float, ntp: int) -> bytes | None:
        """Our report for `now`, whose NTP time is `ntp`; None while the source has not reported itself."""
        if self._current is None or not self._current.has_clock:
            return None
        timestamp = (self._current.timestamp_at(now) + self._timestamp_offset) & 0xFFFFFFFF
        return rtcp.sender_report(self.offered.ssrc, ntp, timestamp, self.packets, self.octets)

    def resend(self, sequence: int) -> bool:
        """Send a packet again; False if it is no longer kept."""
        kept, outbound = self._sent[sequence & self._place], self.outbound
        if kept is None or kept[0] != sequence or outbound is None:
            return False
        packet = kept[1]
        data = self._as_rtx(packet, outbound) if self.sends_rtx else packet
        if data is None:
            return False
        self._send(data)
        return True

    def _as_rtx(self, packet: bytes, outbound: Outbound) -> bytes | None:
        """Its own header, then the number of `packet` and its payload."""
        view, at = outbound.view, self._head_size
        end = len(packet) + 2
        if end > MAX_DATAGRAM:
            return None
        _, kind, _, timestamp, _ = HEADER.unpack_from(packet)
        self._rtx_sequence = number = (self._rtx_sequence + 1) & 0xFFFF
        kind = RTX_PAYLOAD_TYPE | kind & 0x80
        ssrc = self.offered.rtx_ssrc
        self._pack_head(view, 0, 0x90, kind, number, timestamp, ssrc, self._block, self.departs(end), self._rest)
        view[at : at + 2] = packet[2:4]
        view[at + 2 : end] = packet[at:]
        return outbound.protect(end)
