"""One end of a connection (media/peer.py)."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import pytest

from proctor.clock import ServerClock
from proctor.errors import ProctorError
from proctor.media import sdp, stun
from proctor.media.downlink import Downlink
from proctor.media.mux import Mux
from proctor.media.native import Certificate, DtlsSession
from proctor.media.peer import Peer
from proctor.media.server import MediaServer
from proctor.media.tcp import framed
from proctor.rehearsal.client import SyntheticPublisher
from tests.media.support import Participants, PushedClock, until


class Handler:
    def handle_rtp(self, view: Any, size: int, arrival: float) -> None: ...

    def handle_rtcp(self, data: bytes, arrival: float) -> None: ...

    def moved(self) -> None: ...


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
    peer.checked(("127.0.0.1", 9), peer.ufrag, True, 0.0)
    await asyncio.sleep(0)
    async with asyncio.timeout(5):
        await peer.close()
    assert (cancelled, connecting.cancelled()) == (2, True)


class Elsewhere(asyncio.DatagramProtocol):
    """Another address of somebody; it answers what it is told to."""

    def __init__(self) -> None:
        self.asked: list[bytes] = []
        self.answers_as = b""
        self.transport: Any = None

    def connection_made(self, transport: Any) -> None:
        self.transport = transport

    def datagram_received(self, data: bytes, place: Any) -> None:
        request = stun.parse_binding_request(data)
        if request is None:
            return
        self.asked.append(data)
        if self.answers_as:
            self.transport.sendto(stun.binding_response(request.transaction_id, place, self.answers_as))


@dataclass
class Moving:
    """A publisher whose connection stands, and another address."""

    people: Participants
    server: MediaServer
    clock: PushedClock
    publisher: SyntheticPublisher
    peer: Peer
    elsewhere: Elsewhere

    def check(self, *, nominate: bool, number: int = 0) -> bytes:
        """As the publisher would make it."""
        return stun.binding_request(
            number.to_bytes(12, "big"), username=f"{self.peer.ufrag}:{self.peer.remote_ufrag}",
            password=self.peer.password_bytes, priority=1, tie_breaker=1, use_candidate=nominate,
        )  # fmt: skip

    async def handled(self) -> None:
        """All that was sent so far; the datagram that tells is nobody's."""
        before = self.server.counters.get("unexpected", 0)
        self.elsewhere.transport.sendto(b"\xff")
        await until(lambda: self.server.counters.get("unexpected", 0) > before)


@pytest.fixture
async def moving(people: Participants, server: MediaServer, clock: PushedClock) -> AsyncIterator[Moving]:
    publisher = await people.publisher("c0")
    (peer,) = server._mux._by_ufrag.values()
    await until(lambda: peer.outbound is not None)
    transport, elsewhere = await asyncio.get_running_loop().create_datagram_endpoint(
        Elsewhere, remote_addr=("127.0.0.1", server.port)
    )
    yield Moving(people, server, clock, publisher, peer, elsewhere)
    transport.close()


async def test_a_backup_pair_that_is_only_checked_moves_nothing(moving: Moving) -> None:
    before = moving.peer._address
    reader, writer = await asyncio.open_connection("127.0.0.1", moving.server.port)
    for number in range(20):
        moving.elsewhere.transport.sendto(moving.check(nominate=False, number=number))
        writer.write(framed(moving.check(nominate=False, number=100 + number)))
        moving.publisher._connection._send_check()
    async with asyncio.timeout(5):
        for _ in range(20):
            await reader.readexactly(int.from_bytes(await reader.readexactly(2), "big"))
    await moving.handled()
    assert len(moving.server._mux._by_address) == 3
    assert moving.peer._address == before and "moved" not in moving.server.counters
    assert moving.elsewhere.asked == []
    writer.close()


async def test_a_check_that_comes_late_or_again_moves_nothing(moving: Moving) -> None:
    """Nobody is there any more, or never was: what answers there, if anything, does not know the password."""
    before, heard = moving.peer._address, moving.publisher.feedback_messages
    late = moving.check(nominate=True)
    for password in (b"", b"guessed-by-somebody-else"):
        moving.elsewhere.answers_as = password
        moving.elsewhere.transport.sendto(late)
        moving.elsewhere.transport.sendto(late)
        await moving.handled()
        await until(lambda: moving.elsewhere.asked)
        moving.clock.pushed += 2.5
        moving.elsewhere.transport.sendto(late)
        await moving.handled()
        moving.publisher._connection._send_check()  # and the participant goes on where it is
        moving.clock.pushed += 2.5
        moving.elsewhere.asked.clear()
    await until(lambda: moving.publisher.feedback_messages > heard + 3)
    assert moving.peer._address == before and "moved" not in moving.server.counters


async def test_an_answer_moves_what_is_sent_at_once_and_back(moving: Moving) -> None:
    before = moving.peer._address
    moving.elsewhere.answers_as = moving.publisher._connection.password.encode()
    moving.elsewhere.transport.sendto(moving.check(nominate=True))
    await until(lambda: moving.server.counters.get("moved") == 1)
    assert moving.peer._address != before
    moving.publisher._connection._send_check()
    await until(lambda: moving.server.counters.get("moved") == 2)
    assert moving.peer._address == before


async def test_who_answers_no_check_is_believed_when_it_nominates_again(moving: Moving) -> None:
    before = moving.peer._address
    moving.publisher._connection._way.close()
    moving.elsewhere.transport.sendto(moving.check(nominate=True, number=1))
    await until(lambda: moving.elsewhere.asked)
    moving.elsewhere.transport.sendto(moving.check(nominate=True, number=2))
    await moving.handled()
    assert moving.peer._address == before
    moving.clock.pushed += 6.0
    moving.elsewhere.transport.sendto(moving.check(nominate=True, number=3))
    await moving.handled()
    assert moving.peer._address == before
    moving.clock.pushed += 2.0
    moving.elsewhere.transport.sendto(moving.check(nominate=True, number=4))
    await until(lambda: moving.server.counters.get("moved") == 1)
    assert moving.peer._address != before


async def test_who_nominates_no_more_is_followed_when_its_checks_come_from_elsewhere_alone(moving: Moving) -> None:
    """Firefox nominates once, and checks every five seconds."""
    before = moving.peer._address
    moving.publisher._connection._way.close()
    moving.elsewhere.answers_as = moving.publisher._connection.password.encode()
    moving.clock.pushed += 5.0
    moving.elsewhere.transport.sendto(moving.check(nominate=False, number=1))
    await moving.handled()
    assert moving.peer._address == before and moving.elsewhere.asked == []
    moving.clock.pushed += 5.0
    moving.elsewhere.transport.sendto(moving.check(nominate=False, number=2))
    await until(lambda: moving.server.counters.get("moved") == 1)
    assert moving.peer._address != before


async def test_while_a_viewer_is_asked_where_it_is_losses_are_not_judged(
    people: Participants, clock: PushedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What went to the old address is told as lost as soon as a check has come from the new one."""
    _, subscription = await people.viewer(1)
    entry = people.room._viewers[subscription.id]
    judged: list[float] = []
    await until(lambda: entry.state == "connected")
    monkeypatch.setattr(Downlink, "judge", lambda self, now, demands: judged.append(now))
    now = clock.monotonic()
    entry.peer._ask(entry.peer._address[:-1] + b"\x63", now)
    entry.tick(now + 0.5)
    assert now + 0.5 not in judged
    entry.tick(now + 1.5)
    assert now + 1.5 in judged


async def test_after_a_restart_of_ice_the_same_connection_goes_on_elsewhere(moving: Moving) -> None:
    publisher, peer, mux, room = moving.publisher, moving.peer, moving.server._mux, moving.people.room
    keys, place, first = peer.outbound, peer._address, peer.ufrag
    old = moving.check(nominate=True)
    room.restart("c0", publisher.restart())  # whose answer is lost
    second, lost = peer.ufrag, moving.check(nominate=True)
    heard = publisher.feedback_messages
    publisher._connection._send_check()
    await until(lambda: publisher.feedback_messages > heard + 2)
    assert set(mux._by_ufrag) == {first, second} and peer._address == place

    publisher._connection.ufrag, publisher._connection.password = publisher._connection._before_restart
    answer = room.restart("c0", publisher.restart())
    assert set(mux._by_ufrag) == {first, peer.ufrag}
    publisher.rebind()
    publisher.restarted(answer)
    await until(lambda: peer._address != place)
    assert set(mux._by_ufrag) == {peer.ufrag}
    place, heard, sent = peer._address, publisher.feedback_messages, publisher.sent
    moving.elsewhere.transport.sendto(old)
    moving.elsewhere.transport.sendto(lost)
    await until(lambda: publisher.feedback_messages > heard + 3 and publisher.sent > sent + 20)
    assert peer._address == place and moving.elsewhere.asked == []
    assert peer.outbound is keys and moving.people.states == [("c0", "connected")]


async def test_only_the_connection_that_stands_is_restarted(moving: Moving) -> None:
    room, peer = moving.people.room, moving.peer
    offer = moving.publisher.offer()
    for name, text in (
        ("c1", offer),
        ("c0", SyntheticPublisher().offer()),
        ("c0", re.sub(r"(fingerprint:sha-256 ..):..", r"\1:00", offer)),  # the same of another certificate
        ("c0", offer.replace("a=rid:l send\r\n", "").replace("send l;h", "send h")),
    ):
        with pytest.raises(ProctorError, match="not_found"):
            room.restart(name, text)
    with pytest.raises(ProctorError, match="bad_sdp"):
        room.restart("c0", "v=0")
    assert set(moving.server._mux._by_ufrag) == {peer.ufrag} and peer._before_restart is None
