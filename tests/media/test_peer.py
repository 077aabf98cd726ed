"""One end of a connection (media/peer.py)."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from proctor.clock import ServerClock
from proctor.media import sdp
from proctor.media.mux import Mux
from proctor.media.native import Certificate, DtlsSession
from proctor.media.peer import Peer


class Handler:
    def handle_rtp(self, view: Any, size: int, arrival: float) -> None: ...

    def handle_rtcp(self, data: bytes, arrival: float) -> None: ...


async def test_a_handshake_that_takes_a_cancellation_for_nothing_does_not_keep_its_room_open(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """As `asyncio.wait_for` does before Python 3.12 when a datagram comes at the same moment."""
    cancelled = 0

    async def deaf(self: DtlsSession, fingerprints: Any) -> None:
        nonlocal cancelled
        while cancelled < 2:
            try:
                await asyncio.Event().wait()
            except asyncio.CancelledError:
                cancelled += 1
        raise asyncio.CancelledError

    monkeypatch.setattr(DtlsSession, "handshake", deaf)
    certificate = Certificate()
    peer = Peer(Mux(ServerClock()), certificate, Handler(), ssrc_limit=1, now=0.0)
    remote = sdp.Transport("ufrag", "password", (("sha-256", "00"),), "active")
    connecting = asyncio.create_task(peer.connect(remote, client=False))
    await asyncio.sleep(0)
    peer.checked(("127.0.0.1", 9), True, 0.0)
    await asyncio.sleep(0)
    async with asyncio.timeout(5):
        await peer.close()
    assert (cancelled, connecting.cancelled()) == (2, True)
