"""One port for every peer, over UDP and, for those that UDP does not reach, over TCP (media/tcp.py).

A datagram is sorted by its first byte (RFC 7983) and by who sent it. Peers are found by the local user name
fragment of a STUN check, which must carry their password; the check's source address is theirs from then
on. Media from an unknown address is still taken if it authenticates for an SSRC that we know, so that a
client whose router changed ports loses nothing until its next check; since that costs a decryption, it is
rate-limited.

We send to the last address that the peer nominated and answered from (peer.py), and to no other: nobody can turn our
streams on a third party. Everything that is dropped is counted in `counters`.
"""

from __future__ import annotations

import asyncio
import errno
import logging
import socket
from collections import Counter
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

from proctor.clock import Clock
from proctor.errors import ProctorError
from proctor.media import stun
from proctor.media.datagrams import BATCH, Address, BatchSocket, PlainSocket, host_and_port, open_socket
from proctor.media.native import MAX_DATAGRAM, Inbox
from proctor.media.tcp import TcpPort, bound
from proctor.token_bucket import Buckets, TokenBucket

if TYPE_CHECKING:
    from proctor.media.peer import Peer

logger = logging.getLogger(__name__)

GATHER, PLAIN_GATHER = 0.008, 0.005  # seconds between two looks at a busy socket; see Mux._readable
_PATIENCE = 3  # looks that find nothing before the socket is left to wake us again
_HELD_SECONDS = 10.0  # an address stays with the peer that was heard there so lately
_SOURCES = 4096  # STUN sources remembered for rate limiting
WANTED_BUFFER = 8 << 20
_PORTS = 16  # that the system chooses for UDP and are tried for TCP


class Mux:
    """The sockets, and the tables that lead from a datagram to its peer."""

    def __init__(self, clock: Clock) -> None:
        self.counters: Counter[str] = Counter()
        self.port = 0
        self.receive_buffer_bytes = 0
        self.inbox = Inbox()
        """For what is not opened where the socket put it."""
        self._now = clock.monotonic
        self._socket: BatchSocket | PlainSocket | None = None
        self._tcp = TcpPort(self, clock.monotonic)
        self._fileno = -1
        self._draining = False
        self.afterwards: set[Callable[[float], None]] = set()
        """What is to be done, once, at the end of the look that is being taken or of the next one, with its time."""
        self._looking: asyncio.TimerHandle | None = None
        self._empty_looks = 0
        self._by_ufrag: dict[str, Peer] = {}
        self._by_address: dict[Address, Peer] = {}
        self._by_ssrc: dict[bytes, Peer] = {}  # as it stands in the packet
        self._sources = Buckets(50, 100, _SOURCES)
        self._strays = TokenBucket(100, 200, self._now())

    async def open(self, host: str, port: int) -> None:
        """Bind and listen; port 0 is one that is free for both. Raises ProctorError("port_busy") or
        ("address_unavailable")."""
        for others in range(_PORTS - 1 if port == 0 else 0, -1, -1):
            kind = "UDP"
            try:
                sock, out = open_socket(host, port, WANTED_BUFFER)
                kind, number = "TCP", sock.getsockname()[1]
                try:
                    listening = bound(host, number)
                except OSError:
                    out.close()
                    raise
            except OSError as error:
                busy = error.errno == errno.EADDRINUSE
                if busy and others:
                    continue
                code = "port_busy" if busy else "address_unavailable"
                raise ProctorError(code, host=host, port=port, kind=kind, option="--media-port") from error
            break
        self._socket, self.port = out, number
        # Linux caps what is asked and reports twice what it grants
        self.receive_buffer_bytes = sock.getsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF) // 2
        self._fileno = sock.fileno()
        asyncio.get_running_loop().add_reader(self._fileno, self._readable)
        await self._tcp.listen(listening)

    async def close(self) -> None:
        await self._tcp.close()
        if self._socket is not None:
            asyncio.get_running_loop().remove_reader(self._fileno)
            if self._looking is not None:
                self._looking.cancel()
            self._socket.close()
            self._socket = None

    def tick(self, now: float) -> None:
        """Do what is due by time, a few times a second."""
        self._tcp.tick(now)

    # --- peers ---

    def add(self, peer: Peer) -> None:
        self._by_ufrag[peer.ufrag] = peer

    def forget(self, ufrag: str) -> None:
        """Nobody is called so any more."""
        self._by_ufrag.pop(ufrag, None)

    def remove(self, peer: Peer) -> None:
        self._by_ufrag = {ufrag: owner for ufrag, owner in self._by_ufrag.items() if owner is not peer}
        for address, owner in self._by_address.items():
            if owner is peer:
                self._tcp.end(address)
        self._by_address = {address: owner for address, owner in self._by_address.items() if owner is not peer}
        self._by_ssrc = {ssrc: owner for ssrc, owner in self._by_ssrc.items() if owner is not peer}

    def learn_ssrc(self, ssrc: bytes, peer: Peer) -> None:
        """Packets of `ssrc` authenticated for `peer`. The first owner keeps it: SSRCs are the clients'
        choice."""
        self._by_ssrc.setdefault(ssrc, peer)

    def knows(self, address: Address) -> bool:
        return address in self._by_address

    def lost(self, address: Address) -> None:
        owner = self._by_address.pop(address, None)
        if owner is not None:
            owner.forget_address(address)

    # --- out ---

    def way_to(self, address: Address) -> Callable[[bytes, Address], None]:
        """What sends to `address`: asked once for many packets."""
        return self._tcp.send if address in self._tcp else self.send

    def send(self, data: bytes, address: Address) -> None:
        """One datagram over UDP, dropped where it cannot be sent. What is sent while the port is read goes out
        together."""
        out = self._socket
        if out is None:
            return
        out.put(data, address)
        if not self._draining or out.full:
            self._flush(out)

    def _flush(self, out: BatchSocket | PlainSocket) -> None:
        failed = out.flush()
        if failed:
            self.counters["send_failed"] += failed

    # --- in ---

    def _readable(self) -> None:
        """The socket was quiet and something has come: take it at once, then look again every `GATHER` seconds for
        as long as that finds something.

        A process that wakes for every datagram spends most of its time on waking, with cold caches. Looking by
        the timer costs one wake for what has gathered meanwhile, a delay that nobody sees. A socket that does not tell
        arrivals is looked at more often: by them browsers find their rate, and congestion control takes 5 ms as one
        burst.
        """
        asyncio.get_running_loop().remove_reader(self._fileno)
        self._empty_looks = 0
        self._look()

    def _look(self) -> None:
        loop = asyncio.get_running_loop()
        found = self._drain()
        if self._socket is None:
            return
        self._empty_looks = 0 if found else self._empty_looks + 1
        if self._empty_looks < _PATIENCE:
            gather = GATHER if self._socket.stamps else PLAIN_GATHER
            self._looking = loop.call_later(gather if found < BATCH else 0, self._look)
        else:
            loop.add_reader(self._fileno, self._readable)

    def _drain(self) -> int:
        """Take what is there, at most `BATCH` datagrams, which is about 1 ms with three viewers; tells how many."""
        assert self._socket is not None
        return self.take(self._socket.receive(self._now))

    def take(self, datagrams: Iterable[tuple[Inbox, int, Address, float]]) -> int:
        """Handle what came together, and then what is due after it; tells how many there were."""
        port = self._socket
        if port is None:
            return 0
        found = 0
        self._draining = True
        for inbox, size, address, arrival in datagrams:
            found += 1
            try:
                self.receive(inbox, size, address, arrival)
            except Exception:  # one datagram must not take the port from every room
                self.counters["failed"] += 1
                logger.exception("a datagram could not be handled")
            if self._socket is None:
                break
        now = self._now()
        afterwards, self.afterwards = self.afterwards, set()
        for act in afterwards:
            try:
                act(now)
            except Exception:  # nor one participant
                self.counters["failed"] += 1
                logger.exception("what was due after a look failed")
        self._draining = False
        if self._socket is not None:
            self._flush(port)
        return found

    def receive(self, inbox: Inbox, size: int, address: Address, now: float) -> None:
        """Sort the datagram in `inbox`. Takes any bytes from anyone; never raises."""
        octets = inbox.octets
        peer = self._by_address.get(address)
        first = octets[0] if size else 255
        if 127 < first < 192 and 12 <= size <= MAX_DATAGRAM:
            if peer is None:
                self._receive_stray(inbox, size, address, now)
            elif 192 <= octets[1] <= 223:  # RFC 5761 section 4
                peer.receive_rtcp(inbox, size, now)
            elif inbox.view[8:12] in peer.deferrable:
                peer.defer(inbox.view[0:size], now)
            else:
                peer.receive_rtp(inbox, size, now)
        elif first < 4 and size <= MAX_DATAGRAM:
            self._receive_stun(inbox.view[0:size], address, now)
        elif 19 < first < 64 and peer is not None and size <= MAX_DATAGRAM:
            peer.receive_dtls(inbox.view[0:size])
        else:
            self.counters["oversize" if size > MAX_DATAGRAM else "unexpected"] += 1

    def _receive_stray(self, inbox: Inbox, size: int, address: Address, now: float) -> None:
        """RTP from an address we do not know: adopt the address if the packet is genuine."""
        owner = None if 192 <= inbox.octets[1] <= 223 else self._by_ssrc.get(inbox.view[8:12])
        if owner is None:
            self.counters["rtp_unknown_source"] += 1
        elif not self._strays.take(now):
            self.counters["rtp_unknown_source_limited"] += 1
        else:
            owner.open_deferred()  # which came before it
            if owner.receive_rtp(inbox, size, now):
                self.counters["address_adopted"] += 1
                self._adopt(owner, address)

    def _receive_stun(self, data: bytes, address: Address, now: float) -> None:
        if not self._source_allowed(address, now):
            self.counters["stun_limited"] += 1
            return
        request = stun.parse_binding_request(data)
        if request is None:
            kind, asked = stun.message_type(data), self._by_address.get(address)
            if kind == stun.BINDING_RESPONSE and asked is not None:
                asked.answered(address, data, now)
            else:
                self.counters["stun_indication" if kind == stun.BINDING_INDICATION else "stun_malformed"] += 1
            return
        peer = self._by_ufrag.get(request.local_ufrag)
        password = None if peer is None else peer.password_for(request.local_ufrag, request.remote_ufrag)
        if peer is None or password is None:
            self.counters["stun_unknown_user"] += 1
            return
        if not stun.verify(data, request.integrity_at, password):
            self.counters["stun_bad_integrity"] += 1
            return
        holder = self._by_address.get(address)
        if holder is not None and holder is not peer and now - holder.last_heard < _HELD_SECONDS:
            # Anybody can write a source address; who is heard from there keeps it. A router that gives the port to
            # another client does so after a silence.
            self.counters["stun_address_held"] += 1
            return
        self._adopt(peer, address)
        response = stun.binding_response(request.transaction_id, host_and_port(address), password)
        self.way_to(address)(response, address)
        peer.checked(address, request.local_ufrag, request.use_candidate, now)

    def _adopt(self, peer: Peer, address: Address) -> None:
        previous = self._by_address.get(address)
        if previous is not peer:
            if previous is not None:
                previous.forget_address(address)
            self._by_address[address] = peer
            evicted = peer.add_address(address)
            if evicted is not None:
                del self._by_address[evicted]
                self._tcp.end(evicted)

    def _source_allowed(self, address: Address, now: float) -> bool:
        """At most 50 checks a second from one address and port; a client makes 20 while connecting."""
        return self._sources.take(address, now)
