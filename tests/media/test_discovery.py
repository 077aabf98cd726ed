"""The public address, asked of a STUN server that misbehaves (media/discovery.py)."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest
from aioice.stun import Class, Message, Method, parse_message
from hypothesis import given
from hypothesis import strategies as st

from proctor.errors import ProctorError
from proctor.media import discovery, stun
from proctor.media.discovery import public_address

TRANSACTION = bytes(range(12))
Answers = Callable[[int, Message], list[bytes]]


def answer(request: Message, address: str, transaction: bytes | None = None, kind: Class = Class.RESPONSE) -> bytes:
    told = Message(Method.BINDING, kind, transaction or request.transaction_id)
    told.attributes["XOR-MAPPED-ADDRESS"] = (address, 4711)
    return bytes(told)


class Server(asyncio.DatagramProtocol):
    """Answers as `answers` tells by the number of the request."""

    def __init__(self) -> None:
        self.answers: Answers = lambda number, request: [answer(request, "203.0.113.7")]
        self.requests: list[Message] = []

    def connection_made(self, transport: Any) -> None:
        self.transport = transport

    def datagram_received(self, data: bytes, place: Any) -> None:
        self.requests.append(parse_message(data))
        for told in self.answers(len(self.requests), self.requests[-1]):
            self.transport.sendto(told, place)

    @property
    def port(self) -> int:
        return int(self.transport.get_extra_info("sockname")[1])


@pytest.fixture
async def stun_server(request: pytest.FixtureRequest) -> AsyncIterator[Server]:
    host = getattr(request, "param", "127.0.0.1")
    transport, server = await asyncio.get_running_loop().create_datagram_endpoint(Server, local_addr=(host, 0))
    yield server
    transport.close()


@pytest.fixture
def hasty(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(discovery, "_WAITS", (0.05,) * 4)


async def test_it_is_what_the_server_saw(stun_server: Server) -> None:
    assert await public_address("127.0.0.1", stun_server.port, ipv6=False) == "203.0.113.7"
    (request,) = stun_server.requests
    assert (request.message_method, request.message_class) == (Method.BINDING, Class.REQUEST)


@pytest.mark.parametrize("stun_server", ["::1"], indirect=True)
async def test_over_ipv6_it_is_asked_for_where_media_takes_that(stun_server: Server) -> None:
    stun_server.answers = lambda number, request: [answer(request, "2001:db8::7")]
    assert await public_address("::1", stun_server.port, ipv6=True) == "2001:db8::7"
    with pytest.raises(ProctorError, match="no_public_address"):
        await public_address("::1", stun_server.port, ipv6=False)


@pytest.mark.usefixtures("hasty")
async def test_what_was_lost_is_asked_again_and_what_is_no_answer_is_none(stun_server: Server) -> None:
    def later(number: int, request: Message) -> list[bytes]:
        if number < 3:
            return [b"", b"nonsense", answer(request, "198.51.100.1", bytes(12)),
                    answer(request, "198.51.100.2", kind=Class.ERROR)]  # fmt: skip
        return [answer(request, "203.0.113.7")] * 2

    stun_server.answers = later
    assert await public_address("127.0.0.1", stun_server.port, ipv6=False) == "203.0.113.7"
    assert len(stun_server.requests) == 3


@pytest.mark.usefixtures("hasty")
async def test_where_nobody_answers_there_is_an_error() -> None:
    with socket.socket(type=socket.SOCK_DGRAM) as nobody:
        nobody.bind(("127.0.0.1", 0))
        port = nobody.getsockname()[1]
        with pytest.raises(ProctorError, match="no_public_address"):
            await public_address("127.0.0.1", port, ipv6=False)
    with pytest.raises(ProctorError, match="no_public_address"):
        await public_address("127.0.0.1", port, ipv6=False)  # ICMP tells that the port is closed
    with pytest.raises(ProctorError, match="no_public_address"):
        await public_address("no-such-host.invalid", port, ipv6=False)


@given(st.binary(max_size=60) | st.binary(max_size=40).map(
    lambda body: stun.HEADER.pack(stun.BINDING_RESPONSE, len(body), stun.COOKIE, TRANSACTION) + body))  # fmt: skip
def test_any_bytes_are_an_answer_or_none(data: bytes) -> None:
    told = stun.mapped_address(data, TRANSACTION)
    assert told is None or socket.inet_pton(socket.AF_INET6 if ":" in told else socket.AF_INET, told)
