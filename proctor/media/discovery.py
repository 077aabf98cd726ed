"""The address that others see this machine at, asked of a STUN server (RFC 8489), for servers behind a router."""

from __future__ import annotations

import asyncio
import secrets
import socket
from typing import Any

from proctor.errors import ProctorError
from proctor.media import stun

_WAITS = (0.5, 1.0, 2.0, 1.5)  # seconds after each request (RFC 8489 section 6.2.1), five in all


async def public_address(host: str, port: int, *, ipv6: bool) -> str:
    """What the STUN server at `host` and `port` saw as our address: that of IPv4, or else, with `ipv6`, that of IPv6.
    It is asked from another port than media has: which port of the router leads to that, only the router knows.

    Raises ProctorError("no_public_address").
    """
    loop = asyncio.get_running_loop()
    try:
        found = await loop.getaddrinfo(host, port, type=socket.SOCK_DGRAM)
    except (OSError, UnicodeError):
        raise ProctorError("no_public_address", server=host) from None
    places = {family: place for family, _, _, _, place in reversed(found)}  # of each family the first
    for family in (socket.AF_INET, socket.AF_INET6) if ipv6 else (socket.AF_INET,):
        if family in places and (address := await _asked(family, places[family])):
            return address
    raise ProctorError("no_public_address", server=host)


async def _asked(family: socket.AddressFamily, place: tuple[Any, ...]) -> str | None:
    transaction = secrets.token_bytes(12)
    answered: asyncio.Future[str] = asyncio.get_running_loop().create_future()
    try:
        transport, _ = await asyncio.get_running_loop().create_datagram_endpoint(
            lambda: _Asking(transaction, answered), remote_addr=place[:2], family=family
        )
    except OSError:  # there is no such network here
        return None
    try:
        for wait in _WAITS:
            transport.sendto(stun.plain_request(transaction))
            done, _ = await asyncio.wait([answered], timeout=wait)
            if done:
                return answered.result()
        return None
    finally:
        transport.close()


class _Asking(asyncio.DatagramProtocol):
    """Takes the answer to one request; anything else is none."""

    def __init__(self, transaction: bytes, answered: asyncio.Future[str]) -> None:
        self._transaction = transaction
        self._answered = answered

    def datagram_received(self, data: bytes, place: Any) -> None:
        address = stun.mapped_address(data, self._transaction)
        if address is not None and not self._answered.done():
            self._answered.set_result(address)

    def error_received(self, error: Exception) -> None:
        """Nobody listens there (ICMP); it may yet."""
