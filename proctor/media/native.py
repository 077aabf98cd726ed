"""DTLS and SRTP: the only file that reaches into private names of aiortc and pylibsrtp.

`DtlsSession` runs one DTLS handshake (RFC 5764) through aiortc's `RTCDtlsTransport`. aiortc expects an ICE
transport below it; `_Pipe` stands there, a bounded inbox on one side and a send function on the other. When
the handshake is done the session hands out an `Inbound` and an `Outbound`, which call libsrtp (RFC 3711)
directly on buffers allocated once: pylibsrtp's own methods allocate on every packet. All that comes in is
opened where the socket put it, in one `Inbox` for all peers, which so stays in the processor's nearest cache.

Two traps live here. libsrtp works on raw pointers, so an endpoint holds its pylibsrtp `Session` strongly
for as long as it can be called: a dangling pointer would end the whole process, every room with it. And
cffi gives up the GIL inside each call, so an endpoint belongs to one thread, the event loop's.

`PINNED` names the versions this was written against; a test fails when the installed ones differ.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from typing import Any, cast

from aiortc import RTCCertificate
from aiortc.rtcdtlstransport import RTCDtlsFingerprint, RTCDtlsParameters, RTCDtlsTransport
from pylibsrtp import Session
from pylibsrtp._binding import ffi, lib

PINNED = {"aiortc": "1.16.0", "aioice": "0.13.0", "pylibsrtp": "1.0.0"}

MAX_DATAGRAM = 2048
"""Bytes; no path we serve carries larger datagrams, and RTP senders stay near 1,200."""

_TRAILER = 64  # room behind a datagram for the authentication tag and the SRTCP index
_INBOX = 32  # datagrams; a DTLS flight takes one to four


class Certificate:
    """The self-signed certificate a server or client shows in DTLS; its fingerprint goes into the SDP."""

    def __init__(self) -> None:
        self.native = RTCCertificate.generateCertificate()
        fingerprints = {f.algorithm: f.value for f in self.native.getFingerprints()}
        self.fingerprint = f"sha-256 {fingerprints['sha-256']}"


class Inbox:
    """Where a socket puts one datagram after the other, and where each is decrypted in place.

    `view` is the memory for `recv_into` and for slices, which come out as bytes; `octets` is the same memory for single
    bytes, which come out as numbers; `place` is its address. What stands there lasts until the next datagram.
    """

    __slots__ = ("length", "octets", "place", "pointer", "view")

    def __init__(self) -> None:
        self.pointer = ffi.new("char[]", MAX_DATAGRAM + _TRAILER)
        self.place = int(ffi.cast("uintptr_t", self.pointer))
        self.view = ffi.buffer(self.pointer)
        self.octets = memoryview(self.view)
        self.length = ffi.new("int *")

    def put(self, data: bytes) -> int:
        """Place `data` here, as a socket would; returns its size. At most MAX_DATAGRAM bytes."""
        size = len(data)
        self.view[0:size] = data
        return size


class Inbound:
    """The receiving half of an SRTP session."""

    __slots__ = ("_pointer", "_session", "_unprotect")

    def __init__(self, session: Session) -> None:
        self._session = session  # keeps the pointer below alive
        self._pointer = session._srtp[0]
        self._unprotect = lib.srtp_unprotect

    def unprotect(self, inbox: Inbox, size: int) -> int:
        """Turn the first `size` bytes of `inbox` into the RTP packet inside them; its size, or 0 if they are forged,
        damaged, replayed or too many."""
        if size > MAX_DATAGRAM:
            return 0
        length = inbox.length
        length[0] = size
        if self._unprotect(self._pointer, inbox.pointer, length):
            return 0
        plain: int = length[0]
        return plain

    def unprotect_rtcp(self, inbox: Inbox, size: int) -> int:
        """The same for an RTCP packet."""
        if size > MAX_DATAGRAM:
            return 0
        inbox.length[0] = size
        if lib.srtp_unprotect_rtcp(self._pointer, inbox.pointer, inbox.length):
            return 0
        plain: int = inbox.length[0]
        return plain


class Outbound:
    """The sending half. The caller writes a packet into `view` and seals it in place."""

    __slots__ = ("_buffer", "_length", "_pointer", "_protect", "_session", "view")

    def __init__(self, session: Session) -> None:
        self._session = session  # keeps the pointer below alive
        self._pointer = session._srtp[0]
        self._buffer = ffi.new("char[]", MAX_DATAGRAM + _TRAILER)
        self._length = ffi.new("int *")
        self.view = ffi.buffer(self._buffer)
        self._protect = lib.srtp_protect

    def protect(self, size: int) -> bytes | None:
        """Encrypt the RTP packet in `view[0:size]`; None if libsrtp refuses it."""
        if size > MAX_DATAGRAM:
            return None
        length = self._length
        length[0] = size
        if self._protect(self._pointer, self._buffer, length):
            return None
        sealed: bytes = self.view[0 : length[0]]
        return sealed

    def protect_rtcp(self, data: bytes) -> bytes | None:
        """Encrypt a whole (compound) RTCP packet; None if it is too long or libsrtp refuses it."""
        size = len(data)
        if size > MAX_DATAGRAM:
            return None
        self.view[0:size] = data
        self._length[0] = size
        if lib.srtp_protect_rtcp(self._pointer, self._buffer, self._length):
            return None
        sealed: bytes = self.view[0 : self._length[0]]
        return sealed


class _Pipe:
    """What `RTCDtlsTransport` takes for its ICE transport."""

    role = "controlled"
    state = "completed"

    def __init__(self, send: Callable[[bytes], None]) -> None:
        self.inbox: asyncio.Queue[bytes] = asyncio.Queue(_INBOX)
        self._deliver = send

    async def _recv(self) -> bytes:
        return await self.inbox.get()

    async def _send(self, data: bytes) -> None:
        self._deliver(data)


class DtlsSession:
    """One DTLS association and the SRTP keys that it yields."""

    def __init__(self, certificate: Certificate, *, client: bool, send: Callable[[bytes], None]) -> None:
        """`client` is the side that sends the first flight (setup:active); `send` puts a datagram on the
        wire."""
        self._pipe = _Pipe(send)
        self._transport = RTCDtlsTransport(cast(Any, self._pipe), [certificate.native])
        self._transport._set_role("client" if client else "server")
        self.on_closed: Callable[[], None] | None = None
        self._transport.on("statechange", self._state_changed)

    def feed(self, datagram: bytes) -> bool:
        """Take a datagram from the wire (first byte 20 to 63, RFC 7983). False if the inbox is full:
        dropped."""
        try:
            self._pipe.inbox.put_nowait(datagram)
        except asyncio.QueueFull:
            return False
        return True

    async def handshake(self, fingerprints: Sequence[tuple[str, str]]) -> tuple[Inbound, Outbound] | None:
        """Complete the handshake with the owner of `fingerprints` (algorithm, value), as told in the SDP.

        None if it fails or another certificate answers. It waits as long as the peer is silent; bound it
        outside.
        """
        expected = [RTCDtlsFingerprint(algorithm=name, value=value) for name, value in fingerprints]
        await self._transport.start(RTCDtlsParameters(fingerprints=expected))
        if self._transport.state != "connected":
            return None
        return Inbound(self._transport._rx_srtp), Outbound(self._transport._tx_srtp)

    async def close(self) -> None:
        """Say goodbye (close_notify) if there is anyone to say it to."""
        self.on_closed = None
        await self._transport.stop()

    def _state_changed(self) -> None:
        if self._transport.state == "closed" and self.on_closed is not None:
            self.on_closed()
