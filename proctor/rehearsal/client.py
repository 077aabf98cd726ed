"""Synthetic participants: real ICE, DTLS and SRTP over real sockets, encoded pictures and sound, no
browser.

`SyntheticPublisher` sends what a browser of ours sends: VP8 simulcast "l" and "h", Opus in 60 ms packets,
sender reports, transport-wide sequence numbers, and it answers a PLI by going on from a keyframe and a NACK by RTX.
`SyntheticViewer` accepts a subscription and checks what arrives in each slot. Both leave signalling to the
caller:

    offer = publisher.offer();  await publisher.accept(answer);  publisher.start() ... await publisher.stop()
    answer = viewer.answer(offer);  await viewer.connect() ... await viewer.stop()

They are cheap, so that one process can play a whole room: loops are encoded once, packets built in place,
and one task moves any number of publishers (`play`).
"""

from __future__ import annotations

import asyncio
import random
import secrets
import struct
import time
from array import array
from collections import deque
from collections.abc import Callable, Sequence
from typing import Any

from proctor.errors import ProctorError
from proctor.media import rtcp, rtp, sdp, stun
from proctor.media.feedback import ArrivalLog
from proctor.media.native import Certificate, DtlsSession, Inbound, Inbox, Outbound
from proctor.rehearsal import pictures
from proctor.rehearsal.ways import OverTcp, OverUdp

CONNECT_SECONDS = 15.0
PACE = 0.005  # seconds between two looks at what is due
ON_TIME = 0.020  # a frame sent later than this after its time was late

_CHECK_INTERVAL = 2.5  # of a standing connection, as browsers do
_QUIET = 0.4  # seconds in which nothing came, so that it is checked sooner; feedback comes after a quarter
_CHECKS = 20  # that may be answered late
_LABELLED = 40  # first packets of a stream that carry mid and rid
_STAMP = struct.Struct("!4sd")
_STAMP_MARK = b"\0sTm"

_AUDIO_LEVEL_ID, _TRANSPORT_CC_ID, _MID_ID, _RID_ID, _REPAIRED_RID_ID = 1, 3, 4, 10, 11
_KEPT = 256  # packets of a track, to be sent again; a power of two
_AUDIO, _VIDEO, _RTX = 111, 96, 97


class _Connection:
    """The controlling end of one ICE, DTLS and SRTP connection."""

    def __init__(
        self,
        on_rtp: Callable[[bytes], None],
        on_rtcp: Callable[[bytes], None],
        *,
        tcp: bool,
        on_sealed: Callable[[Any, int], bool] | None = None,
    ) -> None:
        """`on_sealed` is shown each RTP packet before it is opened, and says whether that will do."""
        self.ufrag = secrets.token_hex(4)
        self.password = secrets.token_hex(12)
        self.certificate = Certificate()
        self.outbound: Outbound | None = None
        self._inbound: Inbound | None = None
        self._inbox = Inbox()
        self._on_sealed = on_sealed
        self._on_rtp = on_rtp
        self._on_rtcp = on_rtcp
        self._remote: sdp.Transport | None = None
        self._tcp = tcp
        self._way: OverUdp | OverTcp | None = None
        self._dtls: DtlsSession | None = None
        self._checking: asyncio.Task[None] | None = None
        self._transactions: deque[bytes] = deque(maxlen=_CHECKS)
        self._checked = asyncio.Event()
        self._tie_breaker = random.getrandbits(64)
        self._heard_at = 0.0
        self._before_restart: tuple[str, str] | None = None  # until that is answered

    def local_transport(self, setup: str) -> sdp.Transport:
        algorithm, _, value = self.certificate.fingerprint.partition(" ")
        return sdp.Transport(self.ufrag, self.password, ((algorithm, value),), setup)

    async def connect(self, remote: sdp.Transport) -> None:
        """Raises ProctorError("media_unreachable")."""
        if not self._candidates(remote):
            raise ProctorError("media_unreachable")
        self._remote = remote
        self._open()
        self._checking = asyncio.create_task(self._check())
        self._dtls = DtlsSession(self.certificate, client=remote.setup != "active", send=self.send)
        try:
            async with asyncio.timeout(CONNECT_SECONDS):
                await self._checked.wait()
                keys = await self._dtls.handshake(remote.fingerprints)
        except TimeoutError:
            keys = None
        if keys is None:
            await self.close()
            raise ProctorError("media_unreachable")
        self._inbound, self.outbound = keys

    def rebind(self, *, tcp: bool) -> None:
        """Go on from another local port, as after a change of network; the next check tells the server. That is due at
        once where it goes on over the other of UDP and TCP, as browsers change only to a way that they have checked."""
        changes, self._tcp = tcp is not self._tcp, tcp
        self._open()
        if changes:
            self._send_check()

    def restart(self) -> None:
        """Have new credentials, for a description that restarts ICE."""
        self._before_restart = self.ufrag, self.password
        self.ufrag, self.password = secrets.token_hex(4), secrets.token_hex(12)

    def restarted(self, remote: sdp.Transport) -> None:
        """The server's, from now on."""
        self._remote = remote
        self._before_restart = None
        self._send_check()

    def send(self, data: bytes) -> None:
        if self._way is not None:
            self._way.send(data)

    def send_rtcp(self, packet: bytes) -> None:
        data = self.outbound.protect_rtcp(packet) if self.outbound is not None else None
        if data is not None:
            self.send(data)

    async def close(self, *, goodbye: bool = True) -> None:
        """`goodbye` False vanishes without a word, as a lost network does."""
        checking, self._checking = self._checking, None
        if checking is not None:
            checking.cancel()
            await asyncio.gather(checking, return_exceptions=True)
        if not goodbye:
            self._shut()
        if self._dtls is not None:
            await self._dtls.close()
            self._dtls = None
        self._shut()
        self.outbound = self._inbound = None

    def _candidates(self, remote: sdp.Transport) -> Sequence[tuple[str, int]]:
        return remote.tcp_candidates if self._tcp else remote.candidates

    def _open(self) -> None:
        assert self._remote is not None
        self._shut()
        kind = OverTcp if self._tcp else OverUdp
        self._way = kind(self._candidates(self._remote)[0], self._inbox, self._receive)

    def _shut(self) -> None:
        way, self._way = self._way, None
        if way is not None:
            way.close()

    async def _check(self) -> None:
        while True:
            self._send_check()
            sent_at = time.monotonic()
            while True:
                if self._checked.is_set():
                    due = min(sent_at + _CHECK_INTERVAL, max(sent_at, self._heard_at) + _QUIET)
                else:
                    due = sent_at + 0.1
                if (wait := due - time.monotonic()) <= 0:
                    break
                await asyncio.sleep(wait)

    def _send_check(self) -> None:
        assert self._remote is not None
        self._transactions.append(secrets.token_bytes(12))
        self.send(
            stun.binding_request(
                self._transactions[-1],
                username=f"{self._remote.ufrag}:{(self._before_restart or (self.ufrag,))[0]}",
                password=self._remote.password.encode(),
                priority=126 << 24,
                tie_breaker=self._tie_breaker,
                use_candidate=True,
            )
        )

    def _receive(self, size: int) -> None:
        inbox = self._inbox
        view = inbox.view
        first = inbox.octets[0]
        self._heard_at = time.monotonic()
        if 127 < first < 192:
            if self._inbound is None or size < 12:
                return
            if 192 <= inbox.octets[1] <= 223:
                if size := self._inbound.unprotect_rtcp(inbox, size):
                    self._on_rtcp(view[0:size])
            elif self._on_sealed is not None and self._on_sealed(view, size):
                return
            elif size := self._inbound.unprotect(inbox, size):
                self._on_rtp(view[0:size])
        elif 19 < first < 64 and self._dtls is not None:
            self._dtls.feed(view[0:size])
        elif self._remote is not None:
            request = stun.parse_binding_request(view[0:size])
            if request is not None:
                own = (self._before_restart or (self.ufrag, self.password))[1].encode()
                if stun.verify(view[0:size], request.integrity_at, own):
                    seen = self._candidates(self._remote)[0]
                    self.send(stun.binding_response(request.transaction_id, seen, own))
                return
            password = self._remote.password.encode()
            if request := stun.parse_binding_request(view[0:size]):  # of a server that checks too
                address = self._candidates(self._remote)[0]
                self.send(stun.binding_response(request.transaction_id, address, self.password.encode()))
            elif any(stun.is_response_to(view[0:size], sent, password) for sent in self._transactions):
                self._checked.set()


# --- publishing ----------------------------------------------------------------------------------------------


class _Track:
    """One stream being sent."""

    def __init__(self, name: str, seconds: float, rate: int) -> None:
        self.name = name  # "audio", "h" or "l"
        self.seconds = seconds  # between two frames
        self.rate = rate
        self.ssrc = random.getrandbits(32)
        self.sequence = random.getrandbits(15)
        self.base = random.getrandbits(32)
        self.number = 0  # frames sent
        self.at = 0  # place in the loop
        self.picture = random.getrandbits(15)
        self.tl0 = random.getrandbits(8)
        self.packets = 0
        self.octets = 0
        self.asked = False  # for a keyframe
        self.again_ssrc = random.getrandbits(32)
        self.again_sequence = random.getrandbits(15)
        self.kept: list[tuple[int, bool, int, bytes] | None] = [None] * _KEPT


class SyntheticPublisher:
    def __init__(
        self,
        person: int = 0,
        *,
        simulcast: bool = True,
        audio_delay: float = 0.0,
        stamp: bool = False,
        tcp: bool = False,
    ) -> None:
        """`person` chooses picture and pitch. `audio_delay`: seconds by which sound is sent after the
        picture of the same instant, while sender reports tell the truth. `stamp` appends the sending time
        to each video frame (12 bytes that a decoder ignores), from which a viewer on this machine reads the
        delay. `tcp`: where UDP is blocked."""
        self.sent = 0
        self.late = 0  # packets of frames sent more than `ON_TIME` after their time
        self.keyframe_requests = 0
        self.sent_again = 0
        self.feedback_messages = 0
        self.loses_every = 0  # each so manieth packet is lost on its way; 0: none
        self.camera_on = True  # off: the sound goes on alone
        self.microphone_on = True
        self.keyframes_unasked = True  # False: none but the first that nobody asked for, as of a browser
        self._person = person
        self._simulcast = simulcast
        self._audio_delay = audio_delay
        self._stamp = stamp
        self._connection = _Connection(lambda data: None, self._rtcp, tcp=tcp)
        layers = ("l", "h") if simulcast else ("h",)
        self._sound = pictures.sound_loop(person % pictures.PEOPLE)
        self._loops = {layer: pictures.video_loop(person % pictures.PEOPLE, layer) for layer in layers}
        self._tracks = [_Track("audio", pictures.OPUS_SECONDS, 48000)]
        self._tracks += [_Track(layer, 1 / pictures.LAYERS[layer][2], 90000) for layer in layers]
        self._transport_sequence = 0
        self._numbered: set[str] = set()  # "audio" and "video", whose packets the server takes numbered in one sequence
        self._on_wire = 0
        self._started = 0.0
        self._report_due = 0.0
        self._playing: asyncio.Task[None] | None = None

    def offer(self) -> str:
        """The offer of a browser that sends one sound and one picture."""
        transport = self._connection.local_transport("actpass").lines()
        common = [f"a=extmap:{_TRANSPORT_CC_ID} {sdp.TRANSPORT_CC}", f"a=extmap:{_MID_ID} {sdp.MID}"]
        common += ["a=sendonly", "a=rtcp-mux", "c=IN IP4 0.0.0.0"]
        lines = ["v=0", "o=- 1 1 IN IP4 127.0.0.1", "s=-", "t=0 0", "a=group:BUNDLE 0 1"]
        lines += [f"m=audio 9 UDP/TLS/RTP/SAVPF {_AUDIO}", "a=mid:0", *common, *transport]
        lines += [f"a=rtpmap:{_AUDIO} opus/48000/2", f"a=extmap:{_AUDIO_LEVEL_ID} {sdp.AUDIO_LEVEL}"]
        lines.append(f"a=rtcp-fb:{_AUDIO} transport-cc")
        lines.append(f"a=ssrc:{self._tracks[0].ssrc} cname:synthetic")
        lines += [f"m=video 9 UDP/TLS/RTP/SAVPF {_VIDEO} {_RTX}", "a=mid:1", *common, *transport]
        lines += [f"a=rtpmap:{_VIDEO} VP8/90000", f"a=rtpmap:{_RTX} rtx/90000", f"a=fmtp:{_RTX} apt={_VIDEO}"]
        lines += [f"a=rtcp-fb:{_VIDEO} {feedback}" for feedback in ("transport-cc", "ccm fir", "nack", "nack pli")]
        if self._simulcast:
            lines += [f"a=extmap:{_RID_ID} {sdp.RID}", f"a=extmap:{_REPAIRED_RID_ID} {sdp.REPAIRED_RID}"]
            lines += ["a=rid:l send", "a=rid:h send", "a=simulcast:send l;h"]
        else:
            lines.append(f"a=ssrc:{self._tracks[-1].ssrc} cname:synthetic")
        return "\r\n".join(lines) + "\r\n"

    async def accept(self, answer: str) -> None:
        """Connect as the answer says. Raises ProctorError("bad_sdp") or ("media_unreachable")."""
        description = sdp.parse(answer)
        self._numbered = {
            section.kind
            for section in description.sections
            if any(extension.endswith(f" {sdp.TRANSPORT_CC}") for extension in section.all("extmap"))
        }
        await self._connection.connect(sdp.transport_of(description))

    def restart(self) -> str:
        """The offer that restarts ICE, as after a change of networks."""
        self._connection.restart()
        return self.offer()

    def restarted(self, answer: str) -> None:
        """Go on as the answer to that says."""
        self._connection.restarted(sdp.transport_of(sdp.parse(answer)))

    def start(self) -> None:
        """Send in a task of its own until `stop`."""
        self._playing = asyncio.create_task(play([self]))

    async def stop(self, *, goodbye: bool = True) -> None:
        """End the connection; `goodbye` False vanishes as a lost network does."""
        playing, self._playing = self._playing, None
        if playing is not None:
            playing.cancel()
            await asyncio.gather(playing, return_exceptions=True)
        await self._connection.close(goodbye=goodbye)

    def rebind(self, *, tcp: bool = False) -> None:
        """Go on from another local port, over UDP or TCP."""
        self._connection.rebind(tcp=tcp)

    def packets_sent(self) -> dict[str, int]:
        """By "audio", "h" and "l"."""
        return {track.name: track.packets for track in self._tracks}

    def frames_sent(self) -> dict[str, int]:
        """By "audio", "h" and "l"."""
        return {track.name: track.number for track in self._tracks}

    def send_padding(self, layer: str, count: int = 1) -> None:
        """Send padding-only packets, as a browser does to probe for bandwidth."""
        track = next(track for track in self._tracks if track.name == layer)
        for _ in range(count):
            self._packet(track, 0x20, False, 0, bytes(15) + b"\x10")

    def begin(self, now: float) -> None:
        """Count frames from `now` (monotonic seconds); people start at different moments of their loops."""
        self._started = now + random.random() * pictures.OPUS_SECONDS
        self._report_due = now
        for track in self._tracks:
            track.number = 0

    def tick(self, now: float) -> float:
        """Send everything that is due. When something will be again, in monotonic seconds."""
        if self._connection.outbound is None or now < self._started:
            return max(now, self._started)
        for track in self._tracks:
            while (due := self._started + track.number * track.seconds) <= now:
                before = self.sent
                if track.name == "audio":
                    if self.microphone_on:
                        self._send_sound(track, due)
                elif self.camera_on:
                    self._send_picture(track, due)
                track.number += 1
                if now - due > ON_TIME:
                    self.late += self.sent - before
        if now >= self._report_due:
            self._report_due = now + 1.0
            self._send_reports(now)
        return min([self._started + track.number * track.seconds for track in self._tracks])

    def _timestamp(self, track: _Track, captured: float) -> int:
        return (track.base + round((captured - self._started) * track.rate)) & 0xFFFFFFFF

    def _send_sound(self, track: _Track, due: float) -> None:
        payload = self._sound[track.at]
        track.at = (track.at + 1) % len(self._sound)
        self._packet(track, 0, False, self._timestamp(track, due - self._audio_delay), payload)

    def _send_picture(self, track: _Track, due: float) -> None:
        loop = self._loops[track.name]
        frame = loop[track.at]
        if frame.keyframe and track.packets and not (self.keyframes_unasked or track.asked):
            track.at = (track.at + 1) % len(loop)
            frame = loop[track.at]
        track.asked = False
        track.at = (track.at + 1) % len(loop)
        track.picture += 1
        track.tl0 += 1
        timestamp = self._timestamp(track, due)
        counters = struct.pack("!BHBB", 0xE0, track.picture & 0x7FFF | 0x8000, track.tl0 & 0xFF, 0)
        last = len(frame.parts) - 1
        for place, part in enumerate(frame.parts):
            payload = (b"\x90" if place == 0 else b"\x80") + counters + part
            if self._stamp and place == last:
                payload += _STAMP.pack(_STAMP_MARK, time.monotonic())
            self._packet(track, 0, place == last, timestamp, payload)

    def _packet(self, track: _Track, flags: int, marker: bool, timestamp: int, payload: bytes) -> None:
        outbound = self._connection.outbound
        if outbound is None:
            return
        audio = track.name == "audio"
        elements = self._number("audio" if audio else "video")
        if audio:
            elements[_AUDIO_LEVEL_ID] = b"\x94"  # voice, 20 dB below the loudest
        if track.packets < _LABELLED:
            elements[_MID_ID] = b"0" if audio else b"1"
            if not audio and self._simulcast:
                elements[_RID_ID] = track.name.encode()
        sequence = track.sequence & 0xFFFF
        kind = (_AUDIO if audio else _VIDEO) | (0x80 if marker else 0)
        track.kept[sequence % _KEPT] = None if audio else (sequence, marker, timestamp, payload)
        track.sequence += 1
        track.packets += 1
        track.octets += len(payload)
        head = rtp.HEADER.pack(0x90 | flags, kind, sequence, timestamp, track.ssrc) + rtp.extension_block(elements)
        if self._sealed(outbound, head + payload):
            self.sent += 1

    def _number(self, kind: str) -> dict[int, bytes]:
        """The header extension with the next number of all packets, where those of `kind` have one."""
        if kind not in self._numbered:
            return {}
        number, self._transport_sequence = self._transport_sequence & 0xFFFF, self._transport_sequence + 1
        return {_TRANSPORT_CC_ID: number.to_bytes(2, "big")}

    def _sealed(self, outbound: Outbound, packet: bytes) -> bool:
        """Send it, but for those that are lost."""
        outbound.view[0 : len(packet)] = packet
        data = outbound.protect(len(packet))
        if data is None:
            return False
        self._on_wire += 1
        if not self.loses_every or self._on_wire % self.loses_every:
            self._connection.send(data)
        return True

    def _send_again(self, track: _Track, sequence: int) -> None:
        """As RTX (RFC 4588), if it is still kept."""
        kept, outbound = track.kept[sequence % _KEPT], self._connection.outbound
        if kept is None or kept[0] != sequence or outbound is None:
            return
        _, marker, timestamp, payload = kept
        elements = self._number("video")
        if self._simulcast:
            elements[_REPAIRED_RID_ID] = track.name.encode()
        kind = _RTX | (0x80 if marker else 0)
        head = rtp.HEADER.pack(0x90, kind, track.again_sequence & 0xFFFF, timestamp, track.again_ssrc)
        track.again_sequence += 1
        packet = head + rtp.extension_block(elements) + sequence.to_bytes(2, "big") + payload
        self.sent_again += self._sealed(outbound, packet)

    def _send_reports(self, now: float) -> None:
        ntp = int((time.time() + rtcp.NTP_EPOCH) * 2**32)
        reports = [
            rtcp.sender_report(track.ssrc, ntp, self._timestamp(track, now), track.packets, track.octets)
            for track in self._tracks
            if track.packets
        ]
        if reports:
            names = rtcp.source_description(self._tracks[0].ssrc, "synthetic")
            self._connection.send_rtcp(b"".join(reports) + names)

    def _rtcp(self, data: bytes) -> None:
        if data[1] == 205 and data[0] & 31 == 15:
            self.feedback_messages += 1
            return
        for message in rtcp.parse(data) or []:
            if isinstance(message, rtcp.KeyframeRequest):
                self.keyframe_requests += 1
                for track in self._tracks:
                    if track.ssrc == message.media_ssrc:
                        self._skip_to_keyframe(track)
            elif isinstance(message, rtcp.Nack):
                for track in self._tracks:
                    if track.ssrc == message.media_ssrc:
                        for sequence in message.sequences:
                            self._send_again(track, sequence)

    def _skip_to_keyframe(self, track: _Track) -> None:
        loop = self._loops[track.name]
        track.asked = True
        while not loop[track.at].keyframe:
            track.at = (track.at + 1) % len(loop)


async def play(publishers: Sequence[SyntheticPublisher]) -> None:
    """Move `publishers` until cancelled."""
    for publisher in publishers:
        publisher.begin(time.monotonic())
    while True:
        for publisher in publishers:
            publisher.tick(time.monotonic())
        await asyncio.sleep(PACE)


# --- watching ------------------------------------------------------------------------------------------------


class SlotRecord:
    """What arrived in one slot. `delays` are seconds from sending to arrival, of stamped frames."""

    def __init__(self, mid: str, kind: str) -> None:
        self.mid = mid
        self.kind = kind
        self.packets = 0
        self.octets = 0
        self.frames = 0
        self.keyframes = 0
        self.holes = 0  # sequence numbers skipped
        self.late = 0  # packets behind the highest seen
        self.picture_jumps = 0  # frames whose picture id or TL0PICIDX does not follow
        self.backward_timestamps = 0
        self.began_with_keyframe: bool | None = None
        self.extension_ids: set[int] = set()
        self.last_arrival = 0.0
        self.last_timestamp: int | None = None
        self.delays = array("d")
        self.report: rtcp.SenderReport | None = None
        self._sequence: int | None = None
        self._picture: tuple[int, int] | None = None

    def passed(self, sequence: int, marker: bool, now: float) -> Sequence[int] | None:
        """Count a packet; the sequence numbers that it shows to be missing, None if it is behind another."""
        self.packets += 1
        self.frames += marker
        self.last_arrival = now
        step = 1 if self._sequence is None else (sequence - self._sequence) & 0xFFFF
        if step >= 0x8000 or step == 0:
            self.late += 1
            return None
        self.holes += step - 1
        self._sequence = sequence
        return [sequence - back & 0xFFFF for back in range(step - 1, 0, -1)] if step > 1 else ()

    def take(self, packet: rtp.Packet, now: float) -> Sequence[int]:
        """Count it and look into it; the sequence numbers that it shows to be missing."""
        self.octets += len(packet.payload)
        self.extension_ids |= packet.extensions.keys()
        missing = self.passed(packet.sequence, packet.marker, now)
        if missing is None:
            return ()
        if self.last_timestamp is not None and (packet.timestamp - self.last_timestamp) & 0xFFFFFFFF >= 1 << 31:
            self.backward_timestamps += 1
        self.last_timestamp = packet.timestamp
        if self.kind == "video":
            self._take_video(packet, now)
        return missing

    def _take_video(self, packet: rtp.Packet, now: float) -> None:
        vp8 = rtp.parse_vp8(packet.payload)
        if vp8 is None:
            return
        self.keyframes += vp8.keyframe
        if self.began_with_keyframe is None:
            self.began_with_keyframe = vp8.keyframe
        current = (vp8.picture_id, vp8.tl0_index)
        if self._picture is not None and current != self._picture:
            expected = ((self._picture[0] + 1) & 0x7FFF, (self._picture[1] + 1) & 0xFF)
            self.picture_jumps += current != expected
        self._picture = current
        if packet.marker and packet.payload[-_STAMP.size :].startswith(_STAMP_MARK):
            self.delays.append(now - _STAMP.unpack(packet.payload[-_STAMP.size :])[1])


class SyntheticViewer:
    def __init__(
        self,
        on_packet: Callable[[SlotRecord, rtp.Packet], None] | None = None,
        *,
        loses_every: int = 0,
        tcp: bool = False,
        opens_every: int = 1,
    ) -> None:
        """`on_packet` sees each packet after it was counted. Each `loses_every`th packet is lost on its way (0: none);
        what is missing of a picture is asked for again, once. When packets arrived is told, as browsers do. `tcp`:
        where UDP is blocked. Only each `opens_every`th packet of a stream is opened, and the others are counted by
        their headers, which nobody encrypts: that takes a third of the time, where a process plays very many."""
        self.loses_every = loses_every
        self._opens_every = opens_every
        self.repaired = 0  # packets that came as RTX
        self._received = 0
        self._rtx: dict[int, int] = {}  # SSRC to that of the stream it repairs
        self._arrivals = ArrivalLog()
        self._numbered = 0  # the header extension that numbers all packets; 0: none does
        self.slots: dict[str, SlotRecord] = {}  # by mid
        self.unknown = 0  # packets of an SSRC that was not offered
        self._on_packet = on_packet
        self._by_ssrc: dict[int, SlotRecord] = {}
        self._ssrcs: dict[str, int] = {}
        passes = self._passes if opens_every > 1 else None
        self._connection = _Connection(self._rtp, self._rtcp, tcp=tcp, on_sealed=passes)
        self._remote: sdp.Transport | None = None

    def answer(self, offer: str) -> str:
        """Take every section of the offer. Raises ProctorError("bad_sdp")."""
        description = sdp.parse(offer)
        self._remote = sdp.transport_of(description)
        transport = self._connection.local_transport("active").lines()
        mids = [section.mid for section in description.sections]
        lines = ["v=0", "o=- 1 1 IN IP4 127.0.0.1", "s=-", "t=0 0", f"a=group:BUNDLE {' '.join(mids)}"]
        for section in description.sections:
            record = self.slots[section.mid] = SlotRecord(section.mid, section.kind)
            ssrc = int((section.first("ssrc") or "0").split()[0])
            self._by_ssrc[ssrc], self._ssrcs[section.mid] = record, ssrc
            for group in section.all("ssrc-group"):
                self._rtx[int(group.split()[2])] = ssrc
            lines += [f"m={section.kind} 9 UDP/TLS/RTP/SAVPF {' '.join(section.formats)}", "c=IN IP4 0.0.0.0"]
            lines += [f"a=mid:{section.mid}", "a=recvonly", "a=rtcp-mux"]
            lines += [f"a=rtpmap:{codec}" for codec in section.all("rtpmap")]
            lines += [f"a=fmtp:{parameters}" for parameters in section.all("fmtp") if "apt=" in parameters]
            lines += [f"a=rtcp-fb:{feedback}" for feedback in section.all("rtcp-fb")]
            for extension in section.all("extmap"):
                identifier, _, name = extension.partition(" ")
                if name in (sdp.MID, sdp.TRANSPORT_CC):
                    lines.append(f"a=extmap:{extension}")
                if name == sdp.TRANSPORT_CC:
                    self._numbered = int(identifier)
            lines += transport
        return "\r\n".join(lines) + "\r\n"

    async def connect(self) -> None:
        """After the server accepted the answer. Raises ProctorError("media_unreachable")."""
        assert self._remote is not None
        await self._connection.connect(self._remote)

    async def stop(self, *, goodbye: bool = True) -> None:
        await self._connection.close(goodbye=goodbye)

    def rebind(self, *, tcp: bool = False) -> None:
        """Go on from another local port, over UDP or TCP."""
        self._connection.rebind(tcp=tcp)

    def request_keyframe(self, mid: str) -> None:
        """Send a PLI for a slot."""
        self._connection.send_rtcp(rtcp.pli(1, self._ssrcs[mid]))

    def request_again(self, mid: str, sequences: Sequence[int]) -> None:
        """Send a NACK for packets of a slot."""
        self._connection.send_rtcp(rtcp.nack(1, self._ssrcs[mid], sequences))

    def _passes(self, view: Any, size: int) -> bool:
        """Count a packet as it came. False if it is to be opened."""
        packet = rtp.parse_view(view, size)
        record = self._by_ssrc.get(packet.ssrc) if packet is not None else None
        if packet is None or record is None or packet.sequence % self._opens_every == 0:
            return False
        now = time.monotonic()
        self._tell_arrival(packet, now)
        missing = record.passed(packet.sequence, packet.marker, now)
        if missing and record.kind == "video":
            self.request_again(record.mid, missing)
        return True

    def _tell_arrival(self, packet: rtp.Packet, now: float) -> None:
        if number := packet.extension(self._numbered):
            self._arrivals.add(int.from_bytes(number, "big"), now)
        for message in self._arrivals.messages(packet.ssrc, now):
            self._connection.send_rtcp(message)

    def _rtp(self, data: bytes) -> None:
        now = time.monotonic()
        self._received += 1
        if self.loses_every and self._received % self.loses_every == 0:
            return
        packet = rtp.parse(data)
        if packet is not None:
            self._tell_arrival(packet, now)
        if packet is not None and packet.ssrc in self._rtx:
            packet.ssrc = self._rtx[packet.ssrc]
            packet.sequence, packet.payload = int.from_bytes(packet.payload[:2], "big"), packet.payload[2:]
            self.repaired += 1
        record = self._by_ssrc.get(packet.ssrc) if packet is not None else None
        if packet is None or record is None:
            self.unknown += 1
            return
        missing = record.take(packet, now)
        if missing and record.kind == "video":
            self.request_again(record.mid, missing)
        if self._on_packet is not None:
            self._on_packet(record, packet)

    def _rtcp(self, data: bytes) -> None:
        for message in rtcp.parse(data) or []:
            if isinstance(message, rtcp.SenderReport) and message.ssrc in self._by_ssrc:
                self._by_ssrc[message.ssrc].report = message
