"""What pages are told of a TURN server (media/turn.py), and whether Debian's coturn takes it."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import ssl
import time
from base64 import b64encode
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from aioice.stun import Class, Message, Method, TransactionFailed, parse_message
from aioice.turn import TurnTransport, create_turn_endpoint

from proctor.media.server import MediaServer
from proctor.media.turn import Relays, is_url
from tests.media.support import until
from tests.media.test_garbage import binding_request
from tests.support.coturn import TURNSERVER, Coturn, coturn

NOW = datetime(2026, 11, 30, 8, 0, tzinfo=UTC)


def test_a_page_is_told_addresses_and_credentials_that_end() -> None:
    relays = Relays(["turn:exam.example:3478", "turns:exam.example:5349?transport=tcp"], "shared secret")
    (server,) = relays.for_page("c_9", NOW, timedelta(hours=1))
    assert server["urls"] == ["turn:exam.example:3478", "turns:exam.example:5349?transport=tcp"]
    assert server["username"] == f"{int(NOW.timestamp()) + 3600}:c_9"
    digest = hmac.new(b"shared secret", server["username"].encode(), hashlib.sha1).digest()
    assert server["credential"] == b64encode(digest).decode()
    (other,) = relays.for_page("c_10", NOW, timedelta(hours=1))
    assert other["credential"] != server["credential"]
    assert "shared secret" not in repr(relays)


def test_without_a_turn_server_a_page_is_told_of_none() -> None:
    assert Relays().for_page("c_9", NOW) == []


@pytest.mark.parametrize(
    ("text", "is_one"),
    [
        ("turn:exam.example", True),
        ("turn:192.0.2.1:3478?transport=udp", True),
        ("turns:[2001:db8::1]:5349?transport=tcp", True),
        ("stun:exam.example:3478", False),
        ("turn:exam.example:3478?transport=tls", False),
        ("turn://exam.example", False),
        ("turn:exam.example, turn:other.example", False),
        ("", False),
    ],
)
def test_addresses_of_turn_servers_are_told_from_others(text: str, is_one: bool) -> None:
    assert is_url(text) is is_one


# -- Debian's coturn --------------------------------------------------------------------------------------------------


@pytest.fixture
async def relay(tmp_path: Path) -> AsyncIterator[Coturn]:
    if not TURNSERVER:
        pytest.skip("no coturn (apt install coturn)")
    async with coturn(tmp_path, "127.0.0.1") as served:
        yield served


def credentials(relay: Coturn, good_for: timedelta = timedelta(hours=1)) -> tuple[str, str]:
    (told,) = Relays([f"turn:127.0.0.1:{relay.port}"], relay.secret).for_page("c_9", datetime.now(UTC), good_for)
    return told["username"], told["credential"]


class Heard(asyncio.DatagramProtocol):
    def __init__(self) -> None:
        self.datagrams: list[bytes] = []

    def datagram_received(self, data: bytes, address: Any) -> None:
        self.datagrams.append(data)


async def allocated(
    relay: Coturn, way: str, username: str, credential: str
) -> tuple[TurnTransport, Heard]:
    """A client at the TURN server, over "udp", "tcp" or "tls"."""
    tls = ssl.create_default_context(cafile=str(relay.authority)) if way == "tls" else None
    if tls:
        tls.check_hostname = False  # aioice names no host; the certificate is checked
    return await create_turn_endpoint(
        Heard, ("127.0.0.1", relay.tls_port if tls else relay.port), username, credential,
        transport="udp" if way == "udp" else "tcp", ssl=tls,
    )  # fmt: skip


async def checks(server: MediaServer, transport: TurnTransport, heard: Heard) -> None:
    """A connectivity check reaches the media port, and its answer the client."""
    (peer,) = server._mux._by_ufrag.values()
    before = len(heard.datagrams)
    transport.sendto(binding_request(f"{peer.ufrag}:x", peer.password_bytes), ("127.0.0.1", server.port))
    await until(lambda: len(heard.datagrams) > before)
    answer = parse_message(heard.datagrams[-1])
    assert answer.check_message_integrity(peer.password_bytes)
    assert (answer.message_method, answer.message_class) == (Method.BINDING, Class.RESPONSE)


@pytest.mark.long
@pytest.mark.parametrize("way", ["udp", "tcp", "tls"])
async def test_with_our_credentials_the_media_port_is_reached_through_coturn(
    server: MediaServer, relay: Coturn, way: str
) -> None:
    await server.room("r").subscribe("viewer", tiles=0)
    transport, heard = await allocated(relay, way, *credentials(relay))
    await checks(server, transport, heard)
    transport.close()


@pytest.mark.long
async def test_credentials_that_have_ended_and_those_of_another_secret_are_refused(relay: Coturn) -> None:
    ended, stranger = credentials(relay, timedelta(seconds=-2)), credentials(replace(relay, secret="guess"))
    for username, credential in (ended, stranger):
        with pytest.raises(TransactionFailed, match="401"):
            await allocated(relay, "udp", username, credential)


@pytest.mark.long
@pytest.mark.parametrize("elsewhere", ["127.0.0.2", "192.0.2.1"])
async def test_coturn_relays_to_the_media_server_alone(relay: Coturn, elsewhere: str) -> None:
    transport, _ = await allocated(relay, "udp", *credentials(relay))
    protocol = transport._TurnTransport__inner_protocol  # type: ignore[attr-defined]
    with pytest.raises(TransactionFailed, match="403"):
        await protocol.channel_bind(0x4000, (elsewhere, 40000))
    await protocol.channel_bind(0x4001, (relay.host, 40000))
    transport.close()


@pytest.mark.long
async def test_what_is_relayed_stays_so_when_its_credentials_end(server: MediaServer, relay: Coturn) -> None:
    """Though it is refreshed, and under new nonces: so pages ask for credentials only to connect."""
    await server.room("r").subscribe("viewer", tiles=0)
    username, credential = credentials(relay, timedelta(seconds=2))
    transport, heard = await allocated(relay, "udp", username, credential)
    ends = int(username.partition(":")[0])
    while time.time() < ends + 2:  # coturn looks at its clock once a second
        await asyncio.sleep(0.1)  # the time that has to pass
    with pytest.raises(TransactionFailed, match="401"):
        await allocated(relay, "udp", username, credential)
    protocol = transport._TurnTransport__inner_protocol  # type: ignore[attr-defined]
    refresh = Message(Method.REFRESH, Class.REQUEST)
    refresh.attributes["LIFETIME"] = 600
    answer, _ = await protocol.request_with_retry(refresh)
    assert answer.message_class is Class.RESPONSE
    await checks(server, transport, heard)  # by a permission that is asked for now
    transport.close()
