"""Whose pages may open a socket: ours, encrypted or in the clear, and nobody else's."""

from __future__ import annotations

from types import SimpleNamespace

import aiohttp
import pytest

from proctor.signalling.namespace import from_our_page
from tests.support.house import Server


@pytest.mark.parametrize(
    ("origin", "host", "secure", "ours"),
    [
        ("http://localhost:8080", "localhost:8080", False, True),
        ("https://exam.example", "exam.example", True, True),
        ("https://10.0.0.7:8080", "10.0.0.7:8080", True, True),
        ("https://exam.example", "exam.example", False, True),  # a proxy ended the TLS
        ("http://exam.example", "exam.example", True, False),  # made on the way, by anybody
        ("https://evil.example", "exam.example", True, False),
        ("https://exam.example.evil.example", "exam.example", True, False),
        ("https://exam.example@evil.example", "exam.example", True, False),
        ("https://exam.example:444", "exam.example", True, False),
        ("ftp://exam.example", "exam.example", False, False),
        ("null", "exam.example", True, False),
        ("", "exam.example", True, False),
        (None, "exam.example", True, False),
    ],
)
def test_the_host_decides_and_a_page_in_the_clear_is_no_page_of_an_encrypted_server(
    origin: str | None, host: str, secure: bool, ours: bool
) -> None:
    request = SimpleNamespace(host=host, secure=secure)
    assert from_our_page(origin, {"aiohttp.request": request}) is ours


@pytest.mark.parametrize(("origin", "status"), [("{url}", 101), ("https://evil.example", 400), ("null", 400)])
async def test_a_handshake_is_answered_by_the_origin_of_its_page(server: Server, origin: str, status: int) -> None:
    headers = {
        "Origin": origin.format(url=server.url), "Connection": "Upgrade", "Upgrade": "websocket",
        "Sec-WebSocket-Version": "13", "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
    }  # fmt: skip
    where = f"{server.url}/socket.io/?EIO=4&transport=websocket"
    async with aiohttp.ClientSession() as http, http.get(where, headers=headers) as answer:
        assert answer.status == status
