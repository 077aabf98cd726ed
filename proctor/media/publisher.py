"""What one participant sends: sound and picture arriving on a `Peer`, handed to slots and to one sink.

Streams exist from the offer on, so slots can wait on them; the SSRC of each is learnt from its first
packets, by payload type and by the rtp-stream-id header extension (RFC 8852). A publisher without simulcast
has the layer "h" only, which then also serves as "l".

What is missing of a picture is asked for again (losses.py) and comes as RTX (RFC 4588), on an SSRC of its own that
tells whose it is by the repaired-rtp-stream-id extension. From there it goes the way of all packets. Other RTX
packets, which browsers use to probe for bandwidth, are counted for feedback and dropped. While packets are missing, and
for some seconds after, none waits to be opened with others, or holes would be found late.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any, Protocol

from proctor.media import rtcp, rtp, sdp
from proctor.media.feedback import ArrivalLog
from proctor.media.mux import Mux
from proctor.media.native import Certificate
from proctor.media.peer import Peer
from proctor.media.stream import SILENT_AFTER, Stream

logger = logging.getLogger(__name__)

SSRC_LIMIT = 8
REPORT_INTERVAL = 1.0
_LOSSY_SECONDS = 5.0
_OUR_SSRC = 1  # a pure receiver; browsers do the same
_LEVELS = (*(10 ** (-decibels / 20) for decibels in range(127)), 0.0)  # RFC 6464: 127 is silence


class Sink(Protocol):
    """Takes the packets of one publisher, on the event loop; must be quick and keep nothing unbounded."""

    def rtp(
        self, kind: str, layer: str, seq: int, timestamp: int, marker: bool, payload: bytes, arrival: float
    ) -> None:
        """`kind` "audio" or "video"; `layer` "h", "l" or ""; `seq` 16 bits, without padding-only packets;
        `payload` with the VP8 descriptor; `arrival` in monotonic seconds."""

    def sender_report(self, kind: str, layer: str, ntp: int, rtp_timestamp: int, arrival: float) -> None:
        """The publisher says that `rtp_timestamp` was captured at `ntp` (64 bits, its own clock)."""

    def closed(self) -> None:
        """The connection ended; another may follow."""


class Publisher:
    __slots__ = (
        "_arrivals", "_audio_level_id", "_began_at", "_by_ssrc", "_connected_at", "_counters", "_lossy_until", "_mux",
        "_ntp_offset", "_on_state", "_repaired_id", "_repairs", "_report_due", "_reported_at", "_rid_id", "_sink",
        "_telling", "_transport_cc_head", "_transport_cc_id", "audio_level", "created_at", "name", "offer", "peer",
        "state", "streams",
    )

    def __init__(
        self,
        name: str,
        offer: sdp.PublisherOffer,
        *,
        mux: Mux,
        certificate: Certificate,
        sink: Sink | None,
        on_state: Callable[[str, str], None],
        now: float,
    ) -> None:
        self.name = name
        self.offer = offer
        self.peer = Peer(mux, certificate, self, ssrc_limit=SSRC_LIMIT, now=now)
        self.state = "connecting"
        self.created_at = now
        self.audio_level = 0.0
        self.streams: dict[str, Stream] = {}  # by "audio", "h", "l"
        if offer.audio is not None:
            self.streams["audio"] = Stream("audio", "", self._ask_keyframe, self._watched_anew, self._missing)
        if offer.video is not None:
            for layer in offer.video.rids or ("h",):
                self.streams[layer] = Stream("video", layer, self._ask_keyframe, self._watched_anew, self._missing)
        pictures = tuple(stream for stream in self.streams.values() if stream.kind == "video")
        self._telling = pictures or tuple(self.streams.values())  # whose silence is the publisher's
        self._mux = mux
        self._counters = mux.counters
        self._sink = sink
        self._on_state = on_state
        self._by_ssrc: dict[int, Stream] = {}
        self._repairs: dict[int, Stream] = {}  # by the SSRC of its retransmissions
        self._lossy_until = 0.0
        self._arrivals = ArrivalLog()
        self._connected_at = now
        self._began_at: float | None = None  # when the first packet of any stream came
        self._report_due = now + REPORT_INTERVAL
        self._reported_at = now
        self._ntp_offset: float | None = None
        self._rid_id = offer.extension(sdp.RID)
        self._repaired_id = offer.extension(sdp.REPAIRED_RID)
        self._transport_cc_id = offer.extension(sdp.TRANSPORT_CC)
        self._transport_cc_head = self._transport_cc_id << 4 | 1  # of its element: two bytes of value
        self._audio_level_id = offer.extension(sdp.AUDIO_LEVEL)

    # --- what there is to see ---

    def layer(self, layer: str) -> Stream | None:
        """The stream that serves as `layer`, "h" or "l"."""
        return self.streams.get(layer) or self.streams.get("h") or self.streams.get("l")

    def tile_streams(self) -> tuple[Stream, ...]:
        small = self.layer("l")
        return () if small is None else (small,)

    def focus_streams(self) -> tuple[Stream, ...]:
        return tuple(self.streams[layer] for layer in ("h", "l") if layer in self.streams)

    def sound_streams(self) -> tuple[Stream, ...]:
        return (self.streams["audio"],) if "audio" in self.streams else ()

    def health(self, now: float) -> dict[str, Any]:
        """`age` of the last picture in seconds, `kbps` and `loss` over the last second, `sound` as in `hears`,
        `audio_level` 0 to 1."""
        streams = self.streams.values()
        return {
            "state": self.state,
            "age": self._silence(now),
            "kbps": {name: round(stream.kbps, 1) for name, stream in self.streams.items()},
            "loss": max((stream.loss for stream in streams), default=0.0),
            "sound": self.hears(now),
            "audio_level": self.audio_level if any(each.live(now) for each in self.sound_streams()) else 0.0,
            "packets": sum(stream.packets for stream in streams),
        }

    def hears(self, now: float) -> bool | None:
        """Whether sound comes. None while that is not known: some was promised, and for less than `SILENT_AFTER`
        seconds anything has come at all."""
        sounds = self.sound_streams()
        if not sounds or any(stream.live(now) for stream in sounds):
            return bool(sounds)
        return None if self._began_at is None or now - self._began_at < SILENT_AFTER else False

    # --- lifecycle ---

    def connected(self, now: float) -> None:
        self._connected_at = now
        self.enter("connected")

    def enter(self, state: str) -> None:
        """Change state and tell; "resumed" leads back to the state "connected"."""
        self.state = "connected" if state == "resumed" else state
        try:
            self._on_state(self.name, state)
        except Exception:
            logger.exception("the state callback of a publisher failed")

    def end(self) -> None:
        """Tell the sink that no more comes."""
        self.peer.open_deferred()
        if self._sink is not None:
            self._guard(self._sink.closed)
            self._sink = None

    # --- packets ---

    def handle_rtp(self, view: Any, size: int, arrival: float) -> None:
        packet = rtp.parse_view(view, size)
        if packet is None:
            self._counters["rtp_malformed"] += 1
            return
        block = packet.block
        if block:  # browsers put the number first
            number = block[1:3] if block[0] == self._transport_cc_head else packet.extension(self._transport_cc_id)
            if len(number) == 2:
                self._arrivals.add(number[0] << 8 | number[1], arrival)
        ssrc = packet.ssrc
        stream = self._by_ssrc.get(ssrc)
        if stream is None:
            video = self.offer.video
            if video is not None and packet.payload_type == video.rtx_payload_type:
                self._receive_again(packet, arrival)
                return
            stream = self._classify(packet)
            if stream is None:
                return
            if self._began_at is None:
                self._began_at = arrival
        if not stream.receive(packet, arrival):
            self._counters["padding_only"] += 1
            return
        self._hand_on(stream, packet, arrival)

    def _receive_again(self, packet: rtp.Packet, arrival: float) -> None:
        """A retransmission: the number of the packet, then its payload (RFC 4588 section 4)."""
        stream = self._repairs.get(packet.ssrc)
        if stream is None:
            video = self.offer.video
            rid = packet.extension(self._repaired_id).decode("ascii", "replace")
            stream = self.streams.get(rid if video is not None and video.rids else "h") if rid != "audio" else None
            if stream is None:
                self._counters["rtx_unclassified"] += 1
                return
            self._repairs[packet.ssrc] = stream
        payload = packet.payload
        if stream.ssrc is None or len(payload) < 2:
            return
        packet.sequence = payload[0] << 8 | payload[1]
        packet.ssrc = stream.ssrc
        packet.payload = payload[2:]
        if stream.repair(packet):
            self._counters["rtx_repaired"] += 1
            self._hand_on(stream, packet, arrival)

    def _hand_on(self, stream: Stream, packet: rtp.Packet, arrival: float) -> None:
        slots = stream.slots
        if stream.kind == "video":
            if slots or stream.awaits_keyframe:  # most large layers are only recorded: leave their packets unread
                vp8 = rtp.parse_vp8(packet.payload)
                if vp8 is None:
                    self._counters["vp8_malformed"] += 1
                    return
                packet.vp8 = vp8
                if vp8.temporal > stream.temporal:
                    stream.temporal = vp8.temporal
                if vp8.keyframe and not packet.late:
                    stream.awaits_keyframe = False
        elif level := packet.extension(self._audio_level_id):
            loud = _LEVELS[level[0] & 0x7F]
            self.audio_level = max(loud, self.audio_level * 0.8)  # rises at once, falls within half a second
        for slot in slots:
            slot.forward(packet, stream, arrival)
        sink = self._sink
        if sink is not None:
            try:
                sink.rtp(
                    stream.kind,
                    stream.layer,
                    packet.index & 0xFFFF,
                    packet.timestamp,
                    packet.marker,
                    packet.payload,
                    arrival,
                )
            except Exception:
                self._sink_failed()

    def handle_rtcp(self, data: bytes, arrival: float) -> None:
        messages = rtcp.parse(data)
        if messages is None:
            self._counters["rtcp_malformed"] += 1
            return
        for message in messages:
            if not isinstance(message, rtcp.SenderReport):
                continue
            stream = self._by_ssrc.get(message.ssrc)
            if stream is None:
                continue
            if self._ntp_offset is None:  # one offset for all streams, kept: sync needs no more
                self._ntp_offset = arrival - message.ntp / 2**32
            stream.sender_report(message.ntp, message.rtp_timestamp, arrival, self._ntp_offset)
            if self._sink is not None:
                self._guard(
                    self._sink.sender_report,
                    stream.kind,
                    stream.layer,
                    message.ntp,
                    message.rtp_timestamp,
                    arrival,
                )

    def moved(self) -> None:
        """It finds its rate by what we tell of arrivals, whatever the way."""

    def tick(self, now: float) -> None:
        """Everything that is due by time: feedback, reports, keyframe requests, stall and resume."""
        if self.state not in ("connected", "stalled"):
            return
        awaited = [stream for stream in self.streams.values() if stream.awaits_keyframe]
        reporting = now >= self._report_due
        if awaited or reporting or self._arrivals.due(now) or self._silence(now) > SILENT_AFTER:
            self.peer.open_deferred()
        self.ask_for_missing(now)
        for message in self._arrivals.messages(self._any_ssrc(), now):
            self.peer.send_rtcp(message)
        for stream in awaited:
            stream.ask_if_due(now)
        if reporting:
            self._report(now)
            self._defer_unwatched(now)
        silent = self._silence(now) > SILENT_AFTER
        if silent and self.state == "connected":
            self.enter("stalled")
        elif not silent and self.state == "stalled":
            self.enter("resumed")

    def _silence(self, now: float) -> float:
        """Seconds since the last picture; of who publishes none, since the last sound. A camera that another program
        took is silent however long the microphone goes on."""
        latest = None
        for stream in self._telling:
            arrival = stream.last_arrival
            if arrival is not None and (latest is None or arrival > latest):
                latest = arrival
        return now - (self._connected_at if latest is None else latest)

    def _report(self, now: float) -> None:
        self._report_due = now + REPORT_INTERVAL
        reports = []
        for stream in self.streams.values():
            stream.measure(max(now - self._reported_at, 0.001))
            report = stream.report(now)
            if report is not None:
                reports.append(report)
        self._reported_at = now
        if reports:
            self.peer.send_rtcp(rtcp.receiver_report(_OUR_SSRC, reports))

    def _classify(self, packet: rtp.Packet) -> Stream | None:
        """The stream a new SSRC belongs to; None for what cannot be told yet."""
        audio, video = self.offer.audio, self.offer.video
        stream = None
        if audio is not None and packet.payload_type == audio.payload_type:
            stream = self.streams["audio"]
        elif video is not None and packet.payload_type == video.payload_type:
            rid = packet.extension(self._rid_id).decode("ascii", "replace")
            stream = self.streams.get(rid if video.rids else "h") if rid != "audio" else None
        if stream is None or stream.ssrc is not None:
            self._counters["rtp_unclassified"] += 1
            return None
        stream.ssrc = packet.ssrc
        self._by_ssrc[packet.ssrc] = stream
        return stream

    def _missing(self) -> None:
        self._mux.afterwards.add(self.ask_for_missing)

    def ask_for_missing(self, now: float) -> None:
        """What is due by now. While something is missing, at each look at the port, and at each tick."""
        recorded = self._recorded(now)
        for stream in self.streams.values():
            if not stream.losses:
                continue
            if not stream.slots and (stream is not recorded or self._sink is None):
                stream.losses.give_up()  # nobody takes them, and the network has enough to carry
                continue
            if now >= self._lossy_until:
                self.peer.open_deferred()
                self.peer.deferrable = frozenset()
            self._lossy_until = now + _LOSSY_SECONDS
            numbers, gone = stream.losses.due(now)
            if numbers and stream.ssrc is not None:
                self._counters["nack_sent"] += len(numbers)
                self.peer.send_rtcp(rtcp.nack(_OUR_SSRC, stream.ssrc, [number & 0xFFFF for number in numbers]))
            if gone:
                stream.request_keyframe(now)
            if stream.losses:
                self._missing()

    def _watched_anew(self) -> None:
        """Until the next report all is opened as it comes."""
        self.peer.open_deferred()
        self.peer.deferrable = frozenset()

    def _defer_unwatched(self, now: float) -> None:
        """Let wait what nobody watches, and retransmissions, which are only probes now. Sound is as late as the picture
        beside it in the recording, so that a segment ends with both."""
        if now < self._lossy_until:
            return
        recorded = self._recorded(now)
        hasty = {stream.ssrc for stream in self.streams.values() if stream.slots}
        if recorded is not None and recorded.slots:
            hasty |= {stream.ssrc for stream in self.sound_streams()}
        self.peer.deferrable = frozenset(
            ssrc.to_bytes(4, "big") for ssrc in (*self._by_ssrc, *self._repairs) if ssrc not in hasty
        )

    def _recorded(self, now: float) -> Stream | None:
        """The layer that a recorder takes."""
        return next((stream for stream in self.focus_streams() if stream.live(now)), None)

    def _any_ssrc(self) -> int:
        return next((stream.ssrc for stream in self.streams.values() if stream.ssrc is not None), 0)

    def _ask_keyframe(self, ssrc: int) -> None:
        self._counters["pli_sent"] += 1
        self.peer.send_rtcp(rtcp.pli(_OUR_SSRC, ssrc))

    def _guard(self, call: Callable[..., None], *arguments: object) -> None:
        try:
            call(*arguments)
        except Exception:
            self._sink_failed()

    def _sink_failed(self) -> None:
        """A fault of the recorder must not stop the forwarding, nor fill the log."""
        self._counters["sink_failed"] += 1
        if self._counters["sink_failed"] == 1:
            logger.exception("a sink failed; further failures are only counted")
