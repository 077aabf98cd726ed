"""The same port number over TCP, for networks that let no UDP through (RFC 6544).

Clients connect to it ("passive" candidates are all that we have). On the stream each datagram stands behind its length
in two bytes (RFC 4571). From there on it is handled as one that came over UDP: a connection is one more address, and
the mux decides whose. What differs is what strangers can hold on to, so all of it is bounded: connections, those of one
host and how fast it opens them, the seconds and datagrams that one has until a connectivity check on it has passed,
the length of a datagram, and what waits for a client that does not read. Of that nothing is cut: a datagram goes out
whole or is dropped, as a network would.
"""

from __future__ import annotations

import asyncio
import contextlib
import resource
import socket
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from itertools import islice
from typing import Any, Protocol

from proctor.media.datagrams import BATCH, Address, address_of, take_both_families
from proctor.media.native import MAX_DATAGRAM, Inbox
from proctor.token_bucket import Buckets, TokenBucket

PROVE_SECONDS = 5.0  # from connecting to a check that passes
EARLY = 64  # datagrams until then; a client sends some twenty checks
# Datagrams of a connection: a second, and after a pause. A camera sends 80; empty ones come by ten thousands at a time.
DATAGRAMS, DATAGRAMS_AT_ONCE = 2000, 4000
BACKLOG = 192 << 10  # bytes that wait for a client: a second of what fills a wall
HOST_CONNECTIONS = 512  # fifty candidates behind one router, from two networks each, and some to spare
CONNECTIONS = 4096
_UNSENT = 64 << 10  # bytes that may wait in the system besides: it would take megabytes, many seconds of picture
_OPENED, _OPENED_AT_ONCE = 50, 400  # connections of a host: a second, and in a burst
_HOSTS = 4096  # remembered for that
_QUEUE = 256  # connections that wait to be accepted
_GOODBYE_SECONDS = 2.0  # for what is still to be sent on a connection that we end
_MAPPED = bytes(10) + b"\xff\xff"  # how a dual-stack socket begins an IPv4 host


class Taker(Protocol):
    """What the datagrams go to: the mux."""

    counters: Counter[str]

    def take(self, datagrams: Iterable[tuple[Inbox, int, Address, float]]) -> int:
        """Handle what came together: each in its inbox, with its size, its address and the time of its arrival."""

    def knows(self, address: Address) -> bool:
        """Whether `address` is that of a participant: something from there was genuine."""

    def lost(self, address: Address) -> None:
        """Nothing will come from `address` any more, nor reach it."""


class Frames:
    """Datagrams out of a stream, wherever it was cut. Keeps no more than one that is not whole yet."""

    __slots__ = ("_rest", "broken")

    def __init__(self) -> None:
        self._rest = b""
        self.broken = False
        """A length was beyond MAX_DATAGRAM: this is not a stream of ours, and no more comes out of it."""

    def take(self, data: bytes) -> Iterator[bytes]:
        """The datagrams that `data` makes whole, in order; empty ones too, that keep a stream alive (RFC 4571 section
        2). Whoever does not read this to its end takes no more of this stream."""
        if self.broken:
            return
        if self._rest:
            data = self._rest + data
        at, end = 0, len(data)
        while at + 2 <= end:
            size = data[at] << 8 | data[at + 1]
            if size > MAX_DATAGRAM:
                self.broken, self._rest = True, b""
                return
            if at + 2 + size > end:
                break
            yield data[at + 2 : at + 2 + size]
            at += 2 + size
        self._rest = data[at:]


def framed(datagram: bytes) -> bytes:
    """As it goes on a stream."""
    return len(datagram).to_bytes(2, "big") + datagram


def bound(host: str, port: int) -> socket.socket:
    """A socket that listens. Raises OSError."""
    sock = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET, socket.SOCK_STREAM)
    try:
        sock.setblocking(False)
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # connections of before a restart hold no port
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)  # connections inherit both
        with contextlib.suppress(AttributeError, OSError):  # not on every system
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NOTSENT_LOWAT, _UNSENT)
        take_both_families(sock)
        sock.bind((host, port))
        sock.listen(_QUEUE)
    except OSError:
        sock.close()
        raise
    return sock


class TcpPort:
    """The listener and its connections, by address."""

    def __init__(self, taker: Taker, clock: Callable[[], float]) -> None:
        """`clock` in seconds."""
        self.taker = taker
        self.clock = clock
        self.inbox = Inbox()
        self._server: asyncio.Server | None = None
        self._closing = False
        self._connections: dict[Address, _Connection] = {}
        self._unproved: dict[_Connection, None] = {}  # oldest first
        self._by_host: Counter[bytes] = Counter()
        self._opening = Buckets(_OPENED, _OPENED_AT_ONCE, _HOSTS)
        files, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
        self._most = CONNECTIONS if files == resource.RLIM_INFINITY else min(CONNECTIONS, files // 2)
        self._empty = asyncio.Event()

    def __contains__(self, address: Address) -> bool:
        return address in self._connections

    def __len__(self) -> int:
        return len(self._connections)

    async def listen(self, sock: socket.socket) -> None:
        """Take connections on a socket that is `bound`."""
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(lambda: _Connection(self), sock=sock, backlog=_QUEUE)

    async def close(self) -> None:
        """Listen no longer, end every connection."""
        self._closing = True
        if self._server is not None:
            self._server.close()
            self._server = None
        while self._connections:
            self._empty.clear()
            for connection in self._connections.values():
                connection.transport.abort()
            await self._empty.wait()

    def send(self, data: bytes, address: Address) -> None:
        """One datagram; dropped where there is no connection any more, or it does not take what is sent."""
        connection = self._connections.get(address)
        if connection is not None:
            connection.send(data)

    def end(self, address: Address) -> None:
        """End the connection, if it is one, after what was sent there."""
        connection = self._connections.get(address)
        if connection is not None:
            connection.end()

    def tick(self, now: float) -> None:
        """End the connections that have not proved themselves in time."""
        while self._unproved:
            connection = next(iter(self._unproved))
            if now - connection.opened_at < PROVE_SECONDS:
                break
            if not self.proved(connection):
                self.refuse(connection, "tcp_unproved")

    # --- called by connections ---

    def opened(self, connection: _Connection) -> bool:
        """Whether it may stay."""
        host, now = connection.host, connection.opened_at
        if self._closing or not self._opening.take(host, now):
            return False
        if self._by_host[host] >= HOST_CONNECTIONS:
            rivals = [each for each in self._unproved if each.host == host]
        elif len(self._connections) >= self._most:
            rivals = list(self._unproved)
        else:
            rivals = None
        if rivals is not None and not self._gives_way(rivals):
            return False
        self._by_host[host] += 1
        self._connections[connection.address] = connection
        self._unproved[connection] = None
        return True

    def _gives_way(self, rivals: Iterable[_Connection]) -> bool:
        """Whether the oldest of `rivals` that has proved nothing made room: who only holds a place keeps nobody out."""
        for rival in rivals:
            if not self.proved(rival):
                self.refuse(rival, "tcp_unproved")
                self.closed(rival)
                return True
        return False

    def proved(self, connection: _Connection) -> bool:
        if connection in self._unproved:
            if not self.taker.knows(connection.address):
                return False
            del self._unproved[connection]
        return True

    def refuse(self, connection: _Connection, why: str) -> None:
        self._unproved.pop(connection, None)
        self.taker.counters[why] += 1
        connection.transport.abort()

    def closed(self, connection: _Connection) -> None:
        if not connection.stays:
            return
        connection.stays = False
        self._unproved.pop(connection, None)
        self._by_host[connection.host] -= 1
        if not self._by_host[connection.host]:
            del self._by_host[connection.host]
        if self._connections.get(connection.address) is connection:
            del self._connections[connection.address]
            self.taker.lost(connection.address)
        if not self._connections:
            self._empty.set()


class _Connection(asyncio.Protocol):
    """One client's."""

    transport: asyncio.Transport

    def __init__(self, port: TcpPort) -> None:
        self.address: Address = b""
        self.host = b""
        self.opened_at = 0.0
        self._port = port
        self._frames = Frames()
        self._early = 0
        self._allowed: TokenBucket
        self._refused = ""  # and why
        self.stays = False
        self._pending: Iterator[tuple[Inbox, int, Address, float]] | None = None  # what was read and is not handled yet
        self._ending: asyncio.TimerHandle | None = None

    def connection_made(self, transport: Any) -> None:
        self.transport = transport
        place = transport.get_extra_info("peername")
        if place:  # it is gone already otherwise
            self.address = address_of(place, over_tcp=True)
            self.host = _host(place[0])
            self.opened_at = self._port.clock()
            self._allowed = TokenBucket(DATAGRAMS, DATAGRAMS_AT_ONCE, self.opened_at)
            self.stays = self._port.opened(self)
            if not self.stays:
                self._port.taker.counters["tcp_refused"] += 1
        if not self.stays:
            transport.abort()

    def data_received(self, data: bytes) -> None:
        if self.stays and not self._refused:
            self._pending = self._datagrams(data)
            self.transport.pause_reading()
            self._go_on()

    def _go_on(self) -> None:
        """Handle some of what was read; others have their turn before the rest."""
        if not self.stays or self._pending is None:
            return
        handled = self._port.taker.take(islice(self._pending, BATCH))
        if self._refused:
            self._pending = None
            self._port.refuse(self, self._refused)
        elif handled == BATCH:
            asyncio.get_running_loop().call_soon(self._go_on)
        else:
            self._pending = None
            if not self.transport.is_closing():
                self.transport.resume_reading()

    def _datagrams(self, data: bytes) -> Iterator[tuple[Inbox, int, Address, float]]:
        inbox, now = self._port.inbox, self._port.clock()  # when it was read: TCP does not tell when it came
        for datagram in self._frames.take(data):
            if not self._port.proved(self):
                self._early += 1
                if self._early > EARLY:
                    self._refused = "tcp_unproved"
                    return
            elif not self._allowed.take(now):
                self._refused = "tcp_flood"
                return
            if datagram:
                yield inbox, inbox.put(datagram), self.address, now
        if self._frames.broken:
            self._refused = "tcp_oversize"

    def send(self, data: bytes) -> None:
        if self.transport.is_closing():
            return
        if self.transport.get_write_buffer_size() + len(data) > BACKLOG:
            self._port.taker.counters["tcp_backlog"] += 1
            return
        self.transport.write(framed(data))

    def end(self) -> None:
        if not self.transport.is_closing():
            self.transport.close()  # sends what waits, which may be for ever
            self._ending = asyncio.get_running_loop().call_later(_GOODBYE_SECONDS, self.transport.abort)

    def connection_lost(self, error: Exception | None) -> None:
        if self._ending is not None:
            self._ending.cancel()
        self._port.closed(self)


def _host(name: str) -> bytes:
    """Who counts as one host: an address of IPv4, the network of one of IPv6, in which a host has as many as it
    likes."""
    if ":" not in name:
        return socket.inet_pton(socket.AF_INET, name)
    host = socket.inet_pton(socket.AF_INET6, name.partition("%")[0])
    return host[12:] if host.startswith(_MAPPED) else host[:8]
