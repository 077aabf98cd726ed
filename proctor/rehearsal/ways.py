"""How a synthetic participant reaches the media port: over UDP, or over a TCP connection (RFC 4571)."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Callable

from proctor.media.native import MAX_DATAGRAM, Inbox
from proctor.media.tcp import Frames, framed

_BATCH = 64  # datagrams taken before others have a turn
_READ = 64 << 10  # bytes of a stream
_UNSENT = 256 << 10  # bytes that wait for a stream; what would be more is lost, as on a network


class OverUdp:
    """Over UDP."""

    def __init__(self, address: tuple[str, int], inbox: Inbox, receive: Callable[[int], None]) -> None:
        """`receive` is called with the size of each datagram, while it stands in `inbox`."""
        self._inbox, self._receive = inbox, receive
        self._socket = _socket(address, socket.SOCK_DGRAM)
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4 << 20)
        self._socket.connect(address)
        asyncio.get_running_loop().add_reader(self._socket.fileno(), self._readable)

    def send(self, data: bytes) -> None:
        try:  # noqa: SIM105  # a context manager would take a third of the time of each packet
            self._socket.send(data)
        except OSError:  # what a network would drop, or closed
            pass

    def close(self) -> None:
        if self._socket.fileno() >= 0:
            asyncio.get_running_loop().remove_reader(self._socket.fileno())
            self._socket.close()

    def _readable(self) -> None:
        for _ in range(_BATCH):
            try:
                size = self._socket.recv_into(self._inbox.view, MAX_DATAGRAM)
            except OSError:
                return
            if not size:
                return
            self._receive(size)


class OverTcp:
    """Over TCP."""

    def __init__(self, address: tuple[str, int], inbox: Inbox, receive: Callable[[int], None]) -> None:
        """As `OverUdp`; connects by and by, and is silent where that fails."""
        self._inbox, self._receive = inbox, receive
        self._frames = Frames()
        self._unsent = bytearray()
        self._socket = _socket(address, socket.SOCK_STREAM)
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._socket.connect_ex(address)
        asyncio.get_running_loop().add_reader(self._socket.fileno(), self._readable)

    def send(self, data: bytes) -> None:
        if self._socket.fileno() < 0 or len(self._unsent) > _UNSENT:
            return
        waiting = bool(self._unsent)
        self._unsent += framed(data)
        if not waiting:
            self._flush()

    def close(self) -> None:
        if self._socket.fileno() >= 0:
            asyncio.get_running_loop().remove_reader(self._socket.fileno())
            asyncio.get_running_loop().remove_writer(self._socket.fileno())
            self._socket.close()

    def _flush(self) -> None:
        loop = asyncio.get_running_loop()
        try:
            sent = self._socket.send(self._unsent)
        except (BlockingIOError, InterruptedError):  # it is full, or not connected yet
            sent = 0
        except OSError:
            self.close()
            return
        del self._unsent[:sent]
        if self._unsent:
            loop.add_writer(self._socket.fileno(), self._flush)
        else:
            loop.remove_writer(self._socket.fileno())

    def _readable(self) -> None:
        try:
            data = self._socket.recv(_READ)
        except (BlockingIOError, InterruptedError):
            return
        except OSError:
            data = b""
        if not data:
            self.close()
            return
        for datagram in self._frames.take(data):
            self._receive(self._inbox.put(datagram))


def _socket(address: tuple[str, int], kind: socket.SocketKind) -> socket.socket:
    made = socket.socket(socket.AF_INET6 if ":" in address[0] else socket.AF_INET, kind)
    made.setblocking(False)
    return made
