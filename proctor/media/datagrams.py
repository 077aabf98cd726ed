"""The UDP socket, read and written many datagrams at a time.

One system call a datagram is what a media server spends a good part of its time on. Linux takes up to `BATCH` datagrams
in one (recvmmsg(2), sendmmsg(2)), and says when each arrived, however late it is looked at (SO_TIMESTAMPNS). So the
socket can be left alone for longer, and more is done while the caches are warm. Elsewhere `PlainSocket` does the same
one by one, and takes the time of looking for that of the arrival; `open_socket` chooses.

Addresses are kept as the kernel writes them (a `sockaddr`), as bytes: they are compared and sent back, seldom read.
"""

from __future__ import annotations

import ctypes
import errno
import socket
import struct
import sys
import time
from collections.abc import Callable, Iterator
from typing import Any

from proctor.media.native import MAX_DATAGRAM, Inbox

Address = bytes
"""Family, port and host of a peer, and with IPv6 its flow and scope; see `host_and_port`. That of a connection
(media/tcp.py) differs in its family, and is not to be sent to from here."""

BATCH = 64  # datagrams taken at once
SENT_TOGETHER = 16  # more would make the first wait for what is done for the last, and spare little
ROOM = MAX_DATAGRAM + 64  # bytes for one that is sent: what is sealed is longer by its tag

_TOGETHER = 1e-4  # seconds between two readings of clocks that count as one moment
_READINGS = 4

_FAMILY = struct.Struct("=H")
_OVER_TCP = 0x8000  # in the family; no system has so many
_V4 = struct.Struct("=H2s4s")
_V6 = struct.Struct("=H2s4s16sI")
_V4_LENGTH, _V6_LENGTH = 16, 28  # of a sockaddr; that of IPv4 ends in zeros, which an Address leaves out
_NAME = 32  # bytes for one

# struct mmsghdr of 64-bit Linux: name and its length, vector and its length, control and its length, flags; then the
# size of what came.
_HEADER = struct.Struct("=QI4xQQQQi4xI4x")
_VECTOR = struct.Struct("=QQ")  # struct iovec
_SIZE_AT, _WORDS = 14, _HEADER.size // 4  # of 32 bits: the size in its header
_STAMP = 32  # bytes of a control message: its header of 16 and a timespec
_SECONDS_AT, _NANOSECONDS_AT, _LONGS = 2, 3, _STAMP // 8
_SO_TIMESTAMPNS = 35


def host_and_port(address: Address) -> tuple[str, int]:
    if _FAMILY.unpack_from(address)[0] & ~_OVER_TCP == socket.AF_INET:
        _, port, host = _V4.unpack(address)
        return socket.inet_ntop(socket.AF_INET, host), int.from_bytes(port, "big")
    _, port, _, host, _ = _V6.unpack(address)
    return socket.inet_ntop(socket.AF_INET6, host), int.from_bytes(port, "big")


def address_of(place: tuple[Any, ...], *, over_tcp: bool = False) -> Address:
    """The Address of `(host, port)`, or of what a socket of IPv6 names its peers by."""
    host, port, way = place[0], place[1].to_bytes(2, "big"), _OVER_TCP if over_tcp else 0
    if ":" not in host:
        return _V4.pack(socket.AF_INET | way, port, socket.inet_pton(socket.AF_INET, host))
    flow, scope = place[2:] or (0, 0)
    packed = socket.inet_pton(socket.AF_INET6, host.partition("%")[0])
    return _V6.pack(socket.AF_INET6 | way, port, flow.to_bytes(4, "big"), packed, scope)


class PlainSocket:
    """One datagram a system call, on any system."""

    stamps = False
    """Whether arrivals are told exactly."""

    def __init__(self, sock: socket.socket) -> None:
        """Takes over `sock`, which is bound and does not block."""
        self._socket = sock
        self._inbox = Inbox()
        self._queued: list[tuple[bytes, Address]] = []

    @property
    def full(self) -> bool:
        """Whether a `flush` is due before the next datagram is put here."""
        return len(self._queued) >= SENT_TOGETHER

    def receive(self, clock: Callable[[], float]) -> Iterator[tuple[Inbox, int, Address, float]]:
        """At most `BATCH` of the datagrams that wait: each with its size (more than MAX_DATAGRAM for what was cut off),
        who sent it, and when it arrived on `clock`, in seconds. An inbox keeps it until the next call."""
        now = clock()
        for _ in range(BATCH):
            try:
                size, place = self._socket.recvfrom_into(self._inbox.view, MAX_DATAGRAM + 1)
            except OSError as error:
                if error.errno in (errno.EAGAIN, errno.EBADF):
                    return
                continue  # of something sent earlier (ICMP)
            yield self._inbox, size, address_of(place), now

    def put(self, data: bytes, address: Address) -> None:
        """One of at most `ROOM` bytes, to be sent at the next `flush`."""
        self._queued.append((data, address))

    def flush(self) -> int:
        """Send what was put here, now or never: a full buffer of the system drops it, as the network would. How many
        were not sent."""
        queued, self._queued = self._queued, []
        failed = 0
        for data, address in queued:
            try:
                self._socket.sendto(data, host_and_port(address))
            except OSError:  # the buffer is full, or the network refuses this address
                failed += 1
        return failed

    def close(self) -> None:
        self._socket.close()


class BatchSocket:
    """The same on 64-bit Linux, `BATCH` datagrams a system call."""

    stamps = True

    def __init__(self, sock: socket.socket) -> None:
        self._socket = sock
        self._fileno = sock.fileno()
        sock.setsockopt(socket.SOL_SOCKET, _SO_TIMESTAMPNS, 1)
        self._name = _V4.size if sock.family == socket.AF_INET else _V6.size
        length = _V4_LENGTH if sock.family == socket.AF_INET else _V6_LENGTH
        self._inboxes = tuple(Inbox() for _ in range(BATCH))
        self._names_in, names = _memory(BATCH * _NAME)
        self._control, control = _memory(BATCH * _STAMP)
        vectors_in, vectors = _memory(BATCH * _VECTOR.size)
        self._headers_in, self._headers_in_at = _memory(BATCH * _HEADER.size)
        for at, inbox in enumerate(self._inboxes):
            _VECTOR.pack_into(vectors_in, at * _VECTOR.size, inbox.place, MAX_DATAGRAM + 1)
            _HEADER.pack_into(
                self._headers_in, at * _HEADER.size, names + at * _NAME, length, vectors + at * _VECTOR.size, 1,
                control + at * _STAMP, _STAMP, 0, 0,
            )  # fmt: skip
        self._fresh = bytes(self._headers_in)  # the kernel writes lengths over those that it is given
        self._sizes = memoryview(self._headers_in).cast("I")
        self._times = memoryview(self._control).cast("q")

        self._queued = 0
        self._out, out = _memory(SENT_TOGETHER * ROOM)
        self._names_out, names = _memory(SENT_TOGETHER * _NAME)
        vectors_out, vectors = _memory(SENT_TOGETHER * _VECTOR.size)
        self._headers_out, self._headers_out_at = _memory(SENT_TOGETHER * _HEADER.size)
        for at in range(SENT_TOGETHER):
            _VECTOR.pack_into(vectors_out, at * _VECTOR.size, out + at * ROOM, 0)
            _HEADER.pack_into(
                self._headers_out, at * _HEADER.size, names + at * _NAME, length, vectors + at * _VECTOR.size, 1,
                0, 0, 0, 0,
            )  # fmt: skip
        self._lengths = memoryview(vectors_out).cast("Q")
        self._vectors = vectors_in, vectors_out  # the kernel reads them
        self._emptied = 0.0  # when nothing was left to be taken
        self._boot = 0.0  # what the clock showed when the wall clock was zero, by what was compared then

    @property
    def full(self) -> bool:
        return self._queued >= SENT_TOGETHER

    def receive(self, clock: Callable[[], float]) -> Iterator[tuple[Inbox, int, Address, float]]:
        now, boot = _compared(clock)
        earliest, boot_before = self._emptied, self._boot  # nothing came before, however a wall clock is set
        self._headers_in[:] = self._fresh
        found = _LIBC.recvmmsg(self._fileno, self._headers_in_at, BATCH, socket.MSG_DONTWAIT, None)
        if found < BATCH:
            self._emptied, self._boot = now, boot
        names, sizes, stamps, name = self._names_in, self._sizes, self._times, self._name
        for at in range(found):
            place = at * _NAME
            stamp = stamps[at * _LONGS + _SECONDS_AT] + stamps[at * _LONGS + _NANOSECONDS_AT] * 1e-9
            arrival = boot + stamp
            if not earliest <= arrival <= now:  # it came before the wall clock was set
                arrival = min(max(boot_before + stamp, earliest), now)
            yield self._inboxes[at], sizes[at * _WORDS + _SIZE_AT], bytes(names[place : place + name]), arrival

    def put(self, data: bytes, address: Address) -> None:
        at = self._queued
        self._queued = at + 1
        start, name = at * ROOM, at * _NAME
        size = len(data)
        self._out[start : start + size] = data
        self._names_out[name : name + self._name] = address
        self._lengths[at * 2 + 1] = size

    def flush(self) -> int:
        at, queued, failed = 0, self._queued, 0
        self._queued = 0
        while at < queued:
            rest = self._headers_out_at + at * _HEADER.size
            sent = _LIBC.sendmmsg(self._fileno, rest, queued - at, socket.MSG_DONTWAIT)
            if sent > 0:
                at += sent
            elif ctypes.get_errno() == errno.EAGAIN:  # there is no more room for the others either
                return failed + queued - at
            else:  # of the first alone: the network refuses its address
                at += 1
                failed += 1
        return failed

    def close(self) -> None:
        self._socket.close()


def _compared(clock: Callable[[], float]) -> tuple[float, float]:
    """What `clock` shows, and what it showed when the wall clock that the kernel stamps by was zero. A process that is
    put aside between the two readings would date every arrival by that, so it reads again."""
    for _ in range(_READINGS):
        wall = time.time()
        now = clock()
        if time.time() - wall < _TOGETHER:
            break
    return now, now - wall


def open_socket(host: str, port: int, buffer: int) -> tuple[socket.socket, BatchSocket | PlainSocket]:
    """A bound socket with room for `buffer` bytes each way, if the system grants it, and what reads and writes it.
    Raises OSError."""
    sock = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET, socket.SOCK_DGRAM)
    try:
        sock.setblocking(False)
        for option in (socket.SO_RCVBUF, socket.SO_SNDBUF):
            sock.setsockopt(socket.SOL_SOCKET, option, buffer)
        take_both_families(sock)
        sock.bind((host, port))
    except OSError:
        sock.close()
        raise
    return sock, BatchSocket(sock) if _takes_many(sock) else PlainSocket(sock)


def take_both_families(sock: socket.socket) -> None:
    """Let a socket of IPv6, once it is bound to every address ("::"), take IPv4 too, whatever the system is set to."""
    if sock.family == socket.AF_INET6:
        sock.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)


def _takes_many(sock: socket.socket) -> bool:
    """Whether this process may do what `BatchSocket` does: a system may know the calls, and a sandbox refuse them."""
    if _LIBC is None:
        return False
    try:
        sock.setsockopt(socket.SOL_SOCKET, _SO_TIMESTAMPNS, 1)
    except OSError:
        return False
    return all(
        call(sock.fileno(), None, 0, socket.MSG_DONTWAIT, *more) >= 0 or ctypes.get_errno() == errno.EAGAIN
        for call, more in ((_LIBC.recvmmsg, (None,)), (_LIBC.sendmmsg, ()))
    )


def _memory(size: int) -> tuple[bytearray, int]:
    """Zeros that stay where they are, and where that is."""
    memory = bytearray(size)
    return memory, ctypes.addressof(ctypes.c_char.from_buffer(memory))


def _libc() -> Any:
    """The C library with both calls, None where there is none such."""
    if not sys.platform.startswith("linux") or struct.calcsize("P") != 8:
        return None
    library = ctypes.CDLL(None, use_errno=True)
    try:
        library.recvmmsg.argtypes = (ctypes.c_int, ctypes.c_void_p, ctypes.c_uint, ctypes.c_int, ctypes.c_void_p)
        library.sendmmsg.argtypes = (ctypes.c_int, ctypes.c_void_p, ctypes.c_uint, ctypes.c_int)
    except AttributeError:
        return None
    return library


_LIBC = _libc()
