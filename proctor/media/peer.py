"""One participant's transport on the shared port: ICE-lite, DTLS, SRTP.

    new --STUN check with USE-CANDIDATE--> nominated --DTLS handshake--> connected --close--> closed

Once connected, a nomination alone does not move what is sent: a check may come late, from where the participant was
before, and who saw one on its way can send it again from elsewhere. So the address is asked first, by a check of ours;
what answers from there is where the participant is. That costs a round trip. A browser that nominates once (Firefox)
goes on checking without: where no check comes from the address any more, another from which some come is asked too.
Then also a participant that answers none is believed, when it nominates again.

A participant whose network is another one restarts ICE (RFC 8445 section 9): both sides take new credentials. Until
something is nominated with them, those before hold, but move nothing any more. Keys and streams go on.

A peer knows nothing of streams or slots; what it decrypts it hands to its `Handler`. At most `ssrc_limit`
SSRCs are decrypted, checked before libsrtp sees the packet, because libsrtp keeps state for each SSRC it
meets.

Packets that nobody waits for (`deferrable`: what is recorded and not watched, most of a room) are kept as they came
and opened together a few times a second. A process that wakes every few milliseconds finds its caches cold; opening
one packet then costs several times what it costs as one of many (measured: 14 us against 2 to 5), whatever the code.
Each comes with the time of its arrival, and before what its stream sent after it.
"""

from __future__ import annotations

import asyncio
import logging
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

from proctor.media import stun
from proctor.media.datagrams import Address
from proctor.media.mux import Mux
from proctor.media.native import Certificate, DtlsSession, Inbound, Inbox, Outbound
from proctor.media.sdp import Transport

logger = logging.getLogger(__name__)

_CANCEL_AGAIN = 0.05  # seconds
_ADDRESSES = 8
_DEFERRED = 128  # packets; more are opened at once
_ANSWER_SECONDS = 1.0  # in which an address that is asked answers
_LEFT_SECONDS = 7.0  # without a check, which Chromium makes every 2.5 s and Firefox every 4 to 6 (RFC 7675)
_PRIORITY = 110 << 24  # of what we learn from checks (RFC 8445 section 5.1.2.2)
_NEVER: Address = b""


class Handler(Protocol):
    """What sits on a peer: a publisher or a viewer."""

    def handle_rtp(self, view: Any, size: int, arrival: float) -> None:
        """The packet is the first `size` bytes of `view` (native.Inbox), during the call only."""

    def handle_rtcp(self, data: bytes, arrival: float) -> None: ...

    def moved(self) -> None:
        """What is sent to the participant goes another way from now on."""


@dataclass(frozen=True, slots=True)
class _Credentials:
    """Of ICE before a restart."""

    ufrag: str
    password: bytes
    remote_ufrag: str | None


class Peer:
    __slots__ = (
        "_address", "_addresses", "_asked", "_asked_at", "_before_restart", "_certificate", "_checked_at",
        "_connecting", "_deferred", "_handler", "_inbound", "_mux", "_nominated", "_question", "_remote_password",
        "_rtcp_ssrcs", "_ssrc_limit", "_ssrcs", "_way", "deferrable", "dtls", "last_heard", "outbound", "password",
        "password_bytes", "remote_ufrag", "ufrag",
    )

    def __init__(self, mux: Mux, certificate: Certificate, handler: Handler, *, ssrc_limit: int, now: float) -> None:
        self.remote_ufrag: str | None = None  # None until the client's description is known
        self._remote_password = b""
        self._before_restart: _Credentials | None = None
        self._choose_credentials()
        self.last_heard = now  # of anything that authenticated
        self.outbound: Outbound | None = None  # set once connected
        self.dtls: DtlsSession | None = None
        self._mux = mux
        self._certificate = certificate
        self._handler = handler
        self._ssrc_limit = ssrc_limit
        self._inbound: Inbound | None = None
        self._ssrcs: set[bytes] = set()  # as they stand in the packet
        self._rtcp_ssrcs: set[int] = set()
        self.deferrable: frozenset[bytes] = frozenset()
        """SSRCs, as they stand in the packet, whose packets may wait for `open_deferred`. Set by the handler, which
        opens what was deferred first, so that no packet overtakes another of its stream."""
        self._deferred: list[tuple[bytes, float]] = []
        self._addresses: dict[Address, None] = {}  # oldest first
        self._address: Address = _NEVER
        self._way: Callable[[bytes, Address], None] = mux.send  # to that address
        self._asked: Address = _NEVER  # whether the participant is there now
        self._asked_at = self._checked_at = now
        self._question = b""  # transaction of the last check that asks
        self._nominated = asyncio.Event()
        self._connecting: asyncio.Task[object] | None = None
        mux.add(self)

    def local_transport(self, announce: tuple[str, ...], setup: str) -> Transport:
        """What our side of the SDP says."""
        algorithm, _, value = self._certificate.fingerprint.partition(" ")
        candidates = tuple((ip, self._mux.port) for ip in announce)
        return Transport(self.ufrag, self.password, ((algorithm, value),), setup, candidates, candidates)

    def _choose_credentials(self) -> None:
        self.ufrag = secrets.token_hex(8)
        self.password = secrets.token_hex(16)
        self.password_bytes = self.password.encode()

    def restart(self, remote: Transport) -> None:
        """Restart ICE with whom `remote` describes anew. Our side has new credentials from now on; see
        `local_transport`."""
        if self._before_restart is None:
            self._before_restart = _Credentials(self.ufrag, self.password_bytes, self.remote_ufrag)
        else:
            self._mux.forget(self.ufrag)  # of a restart that came to nothing
        self._choose_credentials()
        self.remote_ufrag, self._remote_password = remote.ufrag, remote.password.encode()
        self._asked = _NEVER
        self._mux.add(self)

    async def connect(self, remote: Transport, *, client: bool) -> bool:
        """Wait for the client to nominate an address, then shake hands. False if DTLS fails."""
        self.remote_ufrag, self._remote_password = remote.ufrag, remote.password.encode()
        self._connecting = asyncio.current_task()
        self.dtls = DtlsSession(self._certificate, client=client, send=self.send)
        await self._nominated.wait()
        keys = await self.dtls.handshake(remote.fingerprints)
        if keys is None:
            self._mux.counters["dtls_failed"] += 1
            return False
        self._inbound, self.outbound = keys
        self._connecting = None
        return True

    async def close(self) -> None:
        """Forget the keys and leave the port; a `connect` under way is cancelled."""
        connecting, self._connecting = self._connecting, None
        dtls, self.dtls = self.dtls, None
        if connecting is not None and connecting is not asyncio.current_task():
            # aiortc's handshake waits by `asyncio.wait_for`, which before Python 3.12 answers a cancellation with the
            # datagram that came at the same moment, and goes on.
            while not connecting.done():
                connecting.cancel()
                await asyncio.wait([connecting], timeout=_CANCEL_AGAIN)
        if dtls is not None:
            await dtls.close()
        self._inbound = self.outbound = None
        self._mux.remove(self)

    # --- called by the mux ---

    def password_for(self, ufrag: str, remote_ufrag: str) -> bytes | None:
        """What a check by these names has to be made with; None if they do not belong together."""
        before = self._before_restart
        if before is not None and ufrag == before.ufrag:
            return before.password if before.remote_ufrag == remote_ufrag else None
        return self.password_bytes if self.remote_ufrag in (None, remote_ufrag) else None

    def checked(self, address: Address, ufrag: str, nominated: bool, now: float) -> None:
        """A connectivity check from `address` to us by the name of `ufrag` has passed."""
        self.last_heard = now
        before = self._before_restart
        if before is not None and ufrag == before.ufrag:
            return
        if before is not None and nominated:
            self._before_restart = None
            self._mux.forget(before.ufrag)
        left = now - self._checked_at > _LEFT_SECONDS
        if address == self._address:
            self._checked_at = now
        elif not self._address or self.outbound is None:
            if nominated:
                self._go_to(address, now)
        elif nominated and left and address == self._asked and not self.is_asking(now):
            self._go_to(address, now)  # it does not answer, but keeps saying so
        elif nominated or left:
            self._ask(address, now)

    def answered(self, address: Address, response: bytes, now: float) -> None:
        """Something that may be the answer to a check of ours came from `address`."""
        if address == self._asked and stun.is_response_to(response, self._question, self._remote_password):
            self.last_heard = now
            self._go_to(address, now)
        else:
            self._mux.counters["stun_unasked"] += 1

    def is_asking(self, now: float) -> bool:
        """Whether it is about to be known that the participant has moved."""
        return bool(self._asked) and now - self._asked_at < _ANSWER_SECONDS

    def _ask(self, address: Address, now: float) -> None:
        if address != self._asked or now - self._asked_at > _LEFT_SECONDS:
            self._asked, self._asked_at = address, now
        self._question = secrets.token_bytes(12)
        request = stun.binding_request(
            self._question,
            username=f"{self.remote_ufrag}:{self.ufrag}",
            password=self._remote_password,
            priority=_PRIORITY,
            tie_breaker=0,
            use_candidate=False,
            controlling=False,
        )
        self._mux.way_to(address)(request, address)

    def _go_to(self, address: Address, now: float) -> None:
        self._checked_at = now
        self._address, self._way = address, self._mux.way_to(address)
        self._asked = _NEVER
        self._nominated.set()
        if self.outbound is not None:
            self._mux.counters["moved"] += 1
            self._handler.moved()

    def add_address(self, address: Address) -> Address | None:
        """Take `address` as ours; returns the oldest one given up for it, never the nominated one."""
        self._addresses[address] = None
        if len(self._addresses) <= _ADDRESSES:
            return None
        oldest = next(known for known in self._addresses if known != self._address)
        del self._addresses[oldest]
        return oldest

    def forget_address(self, address: Address) -> None:
        """It was a connection that has ended, or another peer has proved that it is its own now."""
        self._addresses.pop(address, None)
        if self._address == address:
            self._address = _NEVER
        if self._asked == address:
            self._asked = _NEVER

    def receive_dtls(self, data: bytes) -> None:
        if self.dtls is None or not self.dtls.feed(data):
            self._mux.counters["dtls_dropped"] += 1

    def defer(self, datagram: bytes, arrival: float) -> None:
        """Keep an RTP packet of `deferrable` as it came."""
        self._deferred.append((datagram, arrival))
        if len(self._deferred) >= _DEFERRED:
            self.open_deferred()

    def open_deferred(self) -> None:
        """Receive what was deferred, in the order and with the times of its arrival; never raises. Uses the inbox: not
        to be called while something is read from there."""
        if self._deferred:
            deferred, self._deferred = self._deferred, []
            inbox = self._mux.inbox
            for datagram, arrival in deferred:
                try:
                    self.receive_rtp(inbox, inbox.put(datagram), arrival)
                except Exception:  # as in the mux: one datagram must not take the others, nor what is due besides
                    self._mux.counters["failed"] += 1
                    logger.exception("a datagram could not be handled")

    def receive_rtp(self, inbox: Inbox, size: int, arrival: float) -> bool:
        """False if the packet was not genuine, or too early, or of one SSRC too many."""
        view = inbox.view
        ssrc = view[8:12]
        known = ssrc in self._ssrcs
        inbound = self._inbound
        if inbound is None or (not known and len(self._ssrcs) >= self._ssrc_limit):
            self._mux.counters["rtp_before_dtls" if inbound is None else "ssrc_limit"] += 1
            return False
        size = inbound.unprotect(inbox, size)
        if not size:
            self._mux.counters["srtp_rejected"] += 1
            return False
        if not known:
            self._ssrcs.add(ssrc)
            self._mux.learn_ssrc(ssrc, self)
        if arrival > self.last_heard:
            self.last_heard = arrival
        self._handler.handle_rtp(view, size, arrival)
        return True

    def receive_rtcp(self, inbox: Inbox, size: int, arrival: float) -> None:
        ssrc = int.from_bytes(inbox.view[4:8], "big")
        inbound = self._inbound
        if inbound is None or (ssrc not in self._rtcp_ssrcs and len(self._rtcp_ssrcs) >= self._ssrc_limit):
            self._mux.counters["rtp_before_dtls" if inbound is None else "ssrc_limit"] += 1
            return
        size = inbound.unprotect_rtcp(inbox, size)
        if not size:
            self._mux.counters["srtcp_rejected"] += 1
            return
        self._rtcp_ssrcs.add(ssrc)
        self.last_heard = arrival
        self._handler.handle_rtcp(inbox.view[0:size], arrival)

    # --- out ---

    def send(self, data: bytes) -> None:
        """One datagram to the nominated address; dropped while there is none."""
        if self._address:
            self._way(data, self._address)

    def send_rtcp(self, packet: bytes) -> None:
        """Protect and send an RTCP packet; dropped before the handshake is done."""
        if self.outbound is not None:
            data = self.outbound.protect_rtcp(packet)
            if data is not None:
                self.send(data)
