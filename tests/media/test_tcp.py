"""The media port over TCP (media/tcp.py): participants whom UDP does not reach, and what strangers hold on to."""

from __future__ import annotations

import asyncio
import errno
import socket
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterable
from typing import Any

import pytest
import uvloop
from hypothesis import given
from hypothesis import strategies as st

from proctor.errors import ProctorError, sentence
from proctor.media import mux as mux_module
from proctor.media import sdp, tcp
from proctor.media.datagrams import BATCH, address_of, host_and_port
from proctor.media.mux import Mux
from proctor.media.native import MAX_DATAGRAM
from proctor.media.server import MediaServer
from proctor.media.tcp import Frames, TcpPort, framed
from proctor.rehearsal.client import SyntheticPublisher
from tests.media.support import Participants, PushedClock, RecordingSink, until, whole
from tests.media.test_garbage import binding_request, watched

# -- the stream -------------------------------------------------------------------------------------------------------


@given(st.lists(st.binary(max_size=300) | st.just(bytes(MAX_DATAGRAM)), max_size=12), st.data())
def test_datagrams_come_out_of_a_stream_wherever_it_is_cut(datagrams: list[bytes], data: st.DataObject) -> None:
    stream = b"".join(framed(datagram) for datagram in datagrams)
    cuts = sorted(data.draw(st.lists(st.integers(0, len(stream)), max_size=20)))
    frames, found = Frames(), []
    for begin, end in zip([0, *cuts], [*cuts, len(stream)], strict=True):
        found += frames.take(stream[begin:end])
    assert found == datagrams
    assert not frames.broken and frames._rest == b""


@given(st.lists(st.binary(max_size=6000), max_size=8))
def test_any_bytes_are_taken_and_little_of_them_is_kept(pieces: list[bytes]) -> None:
    frames = Frames()
    for piece in pieces:
        assert all(len(datagram) <= MAX_DATAGRAM for datagram in frames.take(piece))
        assert len(frames._rest) < MAX_DATAGRAM + 2
        assert not (frames.broken and frames._rest)


def test_after_a_length_beyond_any_datagram_nothing_more_comes_out() -> None:
    frames = Frames()
    too_long = framed(bytes(MAX_DATAGRAM + 1))
    assert list(frames.take(framed(b"first") + too_long[:2])) == [b"first"]
    assert frames.broken
    assert list(frames.take(framed(b"second"))) == []


@pytest.mark.parametrize("place", [("127.0.0.1", 9), ("2001:db8::7", 5000), ("fe80::1%lo", 7, 0, 3)])
def test_a_connection_is_another_address_than_the_same_place_over_udp(place: tuple[Any, ...]) -> None:
    over_tcp = address_of(place, over_tcp=True)
    assert over_tcp != address_of(place)
    assert host_and_port(over_tcp) == (place[0].partition("%")[0], place[1])


# -- participants -----------------------------------------------------------------------------------------------------


def over_tcp(server: MediaServer) -> int:
    """Connections of participants."""
    mux = server._mux
    return sum(address in mux._tcp for address in mux._by_address)


async def test_over_tcp_alone_all_is_seen_and_recorded(people: Participants, server: MediaServer) -> None:
    sink = RecordingSink()
    publisher = await people.publisher("c0", sink=sink, tcp=True)
    viewer, subscription = await people.viewer(1, tcp=True)
    people.room.show(subscription.id, {"t0": "c0"}, "c0")
    slots = viewer.slots
    await until(lambda: all(slots[mid].frames >= 8 for mid in "01") and slots["2"].packets >= 8)
    assert all(whole(slot) for slot in slots.values())
    assert over_tcp(server) == len(server._mux._by_address) == 2
    assert publisher.feedback_messages and people.room.health()["c0"]["loss"] == 0
    await people.stop()
    await until(lambda: sink.closings == 1)
    assert len(sink.packets) == publisher.sent
    assert all(sink.holes(kind, layer) == 0 for kind, layer in (("audio", ""), ("video", "l"), ("video", "h")))
    await until(lambda: not server._mux._tcp)


async def test_over_tcp_alone_what_is_due_after_a_look_at_the_port_is_done(
    people: Participants, server: MediaServer
) -> None:
    """No datagram comes over UDP that would have it done."""
    await people.publisher("c0", tcp=True)
    done: list[float] = []
    server._mux.afterwards.add(done.append)
    await until(lambda: done)


async def test_between_udp_and_tcp_a_connection_goes_on_without_another_handshake(
    people: Participants, server: MediaServer
) -> None:
    sink = RecordingSink()
    publisher = await people.publisher("c0", sink=sink)
    viewer, subscription = await people.viewer(1)
    people.room.show(subscription.id, {"t0": "c0"}, "c0")
    keys = [peer.outbound for peer in server._mux._by_ufrag.values()]
    for tcp_now in (True, False, True):
        for client in (publisher, viewer):
            client.rebind(tcp=tcp_now)
        sent, seen = publisher.sent, {mid: slot.packets for mid, slot in viewer.slots.items()}
        await until(lambda sent=sent: publisher.sent > sent + 20)
        await until(lambda seen=seen: all(viewer.slots[mid].packets > before + 5 for mid, before in seen.items()))
        nominated = [peer._address for peer in server._mux._by_ufrag.values()]
        assert [address in server._mux._tcp for address in nominated] == [tcp_now, tcp_now]
    assert [peer.outbound for peer in server._mux._by_ufrag.values()] == keys
    assert people.states == [("c0", "connected")]


async def test_a_connection_that_broke_is_followed_by_another(people: Participants, server: MediaServer) -> None:
    publisher = await people.publisher("c0", tcp=True)
    (first,) = server._mux._by_address
    publisher.rebind(tcp=True)
    await until(lambda: first not in server._mux._by_address and first not in server._mux._tcp)
    publisher._connection._send_check()  # as browsers do on a new connection
    heard = publisher.feedback_messages
    await until(lambda: publisher.feedback_messages > heard + 2)
    assert over_tcp(server) == 1 and people.states == [("c0", "connected")]


async def test_a_connection_ends_with_its_participant(people: Participants, server: MediaServer) -> None:
    publisher = await people.publisher("c0", tcp=True)
    way = publisher._connection._way
    people.room.unpublish("c0")
    await until(lambda: way._socket.fileno() < 0)
    assert len(server._mux._tcp) == 0


async def test_a_ninth_connection_ends_the_oldest_but_for_the_nominated_one(
    people: Participants, server: MediaServer, connect: Callable[[], Any]
) -> None:
    publisher = await people.publisher("c0", tcp=True)
    (peer,) = server._mux._by_ufrag.values()
    others = [await connect() for _ in range(8)]
    for place, (_, writer) in enumerate(others):
        check = binding_request(f"{peer.ufrag}:{peer.remote_ufrag}", peer.password_bytes, nominate=False)
        writer.write(framed(check))
        await until(lambda place=place: len(server._mux._by_address) == min(place + 2, 8))
    async with asyncio.timeout(5):
        while len(await others[0][0].read(1 << 12)) > 0:  # the answer to its check, then its end
            pass
    await until(lambda: len(server._mux._tcp) == len(server._mux._by_address) == 8)
    sent = publisher.sent
    await until(lambda: publisher.sent > sent + 20)
    assert peer._address in server._mux._tcp and people.states == [("c0", "connected")]


async def test_both_ways_are_announced_and_udp_is_preferred(people: Participants, server: MediaServer) -> None:
    publisher = SyntheticPublisher()
    answer = await people.room.publish("c0", publisher.offer(), sink=None, on_state=lambda *told: None)
    transport = sdp.transport_of(sdp.parse(answer))
    assert transport.candidates == transport.tcp_candidates == (("127.0.0.1", server.port),)
    lines = [line.split() for line in answer.splitlines() if line.startswith("a=candidate:")]
    udp, other = lines[:2]
    assert (udp[2], other[2], other[8:]) == ("udp", "tcp", ["tcptype", "passive"])
    assert int(udp[3]) > int(other[3]) and udp[0] != other[0]
    assert other[4:8] == ["127.0.0.1", str(server.port), "typ", "host"]


@pytest.mark.parametrize("tcp_alone", [False, True])
@pytest.mark.parametrize(("host", "announced"), [("::1", "::1"), ("::", "::1"), ("::", "127.0.0.1")])
async def test_over_ipv6_too_and_over_both_at_once(
    clock: PushedClock, host: str, announced: str, tcp_alone: bool
) -> None:
    server = MediaServer(host=host, port=0, announce=[announced], clock=clock)
    await server.start()
    people = Participants(server.room("r"))
    try:
        await people.publisher("c0", tcp=tcp_alone)
        viewer, subscription = await people.viewer(1, tcp=tcp_alone)
        people.room.show(subscription.id, {"t0": "c0"}, None)
        await until(lambda: viewer.slots["0"].frames > 3)
        assert over_tcp(server) == (2 if tcp_alone else 0)
    finally:
        await people.stop()
        await server.close()


# -- strangers --------------------------------------------------------------------------------------------------------


@pytest.fixture
async def connect(server: MediaServer) -> AsyncIterator[Callable[[], Any]]:
    """Makes connections of a stranger."""
    writers: list[asyncio.StreamWriter] = []

    async def connected() -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
        writers.append(writer)
        return reader, writer

    yield connected
    for writer in writers:
        writer.transport.abort()


async def ended(reader: asyncio.StreamReader) -> bool:
    """Waits for the end; whether nothing came before it."""
    async with asyncio.timeout(5):
        try:
            return await reader.read() == b""
        except ConnectionError:
            return True


async def test_who_proves_nothing_in_five_seconds_is_gone(
    people: Participants, server: MediaServer, clock: PushedClock, connect: Callable[[], Any]
) -> None:
    await people.publisher("c0", tcp=True)
    reader, writer = await connect()
    writer.write(framed(binding_request("nobody:x", b"p" * 32)))
    await until(lambda: server.counters.get("stun_unknown_user"))
    assert len(server._mux._tcp) == 2
    clock.pushed += 4.0
    server._mux.tick(clock.monotonic())
    assert not reader.at_eof() and not server.counters.get("tcp_unproved")
    clock.pushed += 1.1
    assert await ended(reader)
    assert server.counters["tcp_unproved"] == 1
    await until(lambda: len(server._mux._tcp) == over_tcp(server) == 1)


GARBAGE = {
    "another protocol": (b"GET / HTTP/1.1\r\nHost: example.org\r\n\r\n", "tcp_oversize"),
    "TLS": (b"\x16\x03\x01\x02\x00" + bytes(600), "tcp_oversize"),
    "a datagram that is too long": (framed(bytes(MAX_DATAGRAM + 1)), "tcp_oversize"),
    "too many checks": (framed(binding_request("nobody:x", b"p" * 32)) * (tcp.EARLY + 1), "tcp_unproved"),
    "nothing, again and again": (framed(b"") * (tcp.EARLY + 1), "tcp_unproved"),
    "too much media": (framed(b"\x80\x60" + bytes(100)) * (tcp.EARLY + 1), "tcp_unproved"),
}


@pytest.mark.parametrize(("sent", "counted"), GARBAGE.values(), ids=GARBAGE)
async def test_garbage_ends_a_connection_and_costs_the_others_nothing(
    people: Participants, server: MediaServer, connect: Callable[[], Any], sent: bytes, counted: str
) -> None:
    async with watched(people):
        reader, writer = await connect()
        writer.write(sent)
        assert await ended(reader)
        assert server.counters[counted] == 1
        assert server.counters.get("stun_unknown_user", 0) <= tcp.EARLY


async def test_a_check_with_the_wrong_password_proves_nothing(
    people: Participants, server: MediaServer, clock: PushedClock, connect: Callable[[], Any]
) -> None:
    await people.publisher("c0")
    (peer,) = server._mux._by_ufrag.values()
    reader, writer = await connect()
    writer.write(framed(binding_request(f"{peer.ufrag}:{peer.remote_ufrag}", b"guess" * 5)))
    await until(lambda: server.counters.get("stun_bad_integrity"))
    clock.pushed += 5.1
    assert await ended(reader)
    assert over_tcp(server) == 0


async def test_a_flood_of_checks_on_one_connection_is_cut_before_parsing(
    people: Participants, server: MediaServer
) -> None:
    publisher = await people.publisher("c0", tcp=True)
    for _ in range(400):
        publisher._connection.send(b"\x00\x01\x00\x00" + bytes(16))
    await until(lambda: server.counters.get("stun_limited", 0) >= 200)
    assert server.counters["stun_malformed"] <= 150


@pytest.mark.parametrize("bound", ["", "HOST_CONNECTIONS", "CONNECTIONS"])
async def test_who_sent_one_right_check_and_then_nothing_has_proved_itself(
    people: Participants, monkeypatch: pytest.MonkeyPatch, server: MediaServer, clock: PushedClock,
    connect: Callable[[], Any], bound: str,
) -> None:  # fmt: skip
    """As a pair of ICE that waits behind the one in use: neither time nor who comes later takes its place."""
    await people.publisher("c0")
    (peer,) = server._mux._by_ufrag.values()
    reader, writer = await connect()
    check = binding_request(f"{peer.ufrag}:{peer.remote_ufrag}", peer.password_bytes, nominate=False)
    writer.write(framed(check))
    async with asyncio.timeout(5):
        await reader.readexactly(2)  # the answer
    if bound:
        monkeypatch.setattr(tcp, bound, 1)
        server._mux._tcp._most = min(server._mux._tcp._most, tcp.CONNECTIONS)
        refused, _ = await connect()
        assert await ended(refused)
    else:
        clock.pushed += 5.1
        server._mux._tcp.tick(clock.monotonic())
    assert not server.counters.get("tcp_unproved") and len(server._mux._tcp) == 1
    writer.write(framed(check))
    async with asyncio.timeout(5):
        await reader.readuntil(b"\x01\x01")  # another answer (RFC 8489 section 5: a success of Binding)


@pytest.mark.parametrize("datagram", [b"", b"\x80\x60" + bytes(20)], ids=["empty", "media"])
async def test_a_participant_who_sends_more_than_any_camera_is_cut_off(
    people: Participants, server: MediaServer, datagram: bytes
) -> None:
    async with watched(people):
        flooding = await people.publisher("c1", tcp=True)
        for _ in range(400):  # however slowly they are taken here
            for _ in range(500):
                flooding._connection.send(datagram)
            await asyncio.sleep(0)
            if server.counters.get("tcp_flood"):
                break
        await until(lambda: server.counters.get("tcp_flood"))
        await until(lambda: over_tcp(server) == 0)
        people.room.unpublish("c1")
        people.states[:] = [state for state in people.states if state[0] == "c0"]


@pytest.mark.parametrize("bound", ["HOST_CONNECTIONS", "CONNECTIONS"])
async def test_who_only_holds_a_place_gives_way_and_who_proved_something_does_not(
    people: Participants, monkeypatch: pytest.MonkeyPatch, server: MediaServer, bound: str
) -> None:
    monkeypatch.setattr(tcp, bound, 2)
    server._mux._tcp._most = min(server._mux._tcp._most, tcp.CONNECTIONS)
    idle, writer = await asyncio.open_connection("127.0.0.1", server.port)
    other, second = await asyncio.open_connection("127.0.0.1", server.port)
    try:
        await until(lambda: len(server._mux._tcp) == 2)
        await people.publisher("c0", tcp=True)
        assert await ended(idle) and len(server._mux._tcp) == 2
        await people.publisher("c1", tcp=True)
        assert await ended(other)
        refused, third = await asyncio.open_connection("127.0.0.1", server.port)
        assert await ended(refused), "of participants nobody goes"
        third.close()
        assert server.counters["tcp_refused"] == 1 and len(server._mux._tcp) == 2
    finally:
        for each in (writer, second):
            each.transport.abort()


async def test_what_came_together_is_handled_by_pieces(people: Participants, server: MediaServer) -> None:
    """So that nobody else waits for the rest."""
    async with watched(people):
        publisher = await people.publisher("c1", tcp=True)
        sizes: list[int] = []
        take = server._mux.take

        def counted(datagrams: Iterable[Any]) -> int:
            sizes.append(take(datagrams))
            return sizes[-1]

        server._mux.take = counted  # type: ignore[method-assign]
        for _ in range(1000):
            publisher._connection.send(b"\x80\x60" + bytes(20))
        await until(lambda: sum(sizes) >= 1000)
        assert max(sizes) <= BATCH
        people.room.unpublish("c1")
        people.states[:] = [state for state in people.states if state[0] == "c0"]


async def test_so_many_connections_at_once_and_no_more(monkeypatch: pytest.MonkeyPatch, clock: PushedClock) -> None:
    monkeypatch.setattr(tcp, "_OPENED_AT_ONCE", 3)
    monkeypatch.setattr(tcp, "_OPENED", 0.001)
    server = MediaServer(host="127.0.0.1", port=0, announce=["127.0.0.1"], clock=clock)
    await server.start()
    opened = []
    try:
        for _ in range(3):
            opened.append(await asyncio.open_connection("127.0.0.1", server.port))
        await until(lambda: len(server._mux._tcp) == 3)
        reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
        opened.append((reader, writer))
        assert await ended(reader)
        assert (server.counters["tcp_refused"], len(server._mux._tcp)) == (1, 3)
        opened[0][1].close()
        await until(lambda: len(server._mux._tcp) == 2)
        opened.append(await asyncio.open_connection("127.0.0.1", server.port))
        assert await ended(opened[-1][0])  # at such a rate
    finally:
        await server.close()
        for _, writer in opened:
            writer.transport.abort()
    assert len(server._mux._tcp) == 0 and not server._mux._tcp._by_host


def test_of_ipv6_a_network_counts_as_one_host() -> None:
    assert tcp._host("2001:db8::1") == tcp._host("2001:db8::2:3") != tcp._host("2001:db8:0:1::1")
    assert tcp._host("::ffff:192.0.2.1") == tcp._host("192.0.2.1") != tcp._host("::ffff:192.0.2.2")


# -- who does not read ------------------------------------------------------------------------------------------------


class Everyone:
    """Takes whatever comes."""

    def __init__(self) -> None:
        self.counters: Counter[str] = Counter()

    def take(self, datagrams: Iterable[Any]) -> int:
        return sum(1 for _ in datagrams)

    def knows(self, address: bytes) -> bool:
        return True

    def lost(self, address: bytes) -> None: ...


@pytest.mark.parametrize("loop", [asyncio.new_event_loop, uvloop.new_event_loop])
def test_what_waits_for_who_does_not_read_is_bounded_and_dropped_whole(
    loop: Callable[[], asyncio.AbstractEventLoop],
) -> None:
    async def run() -> None:
        taker = Everyone()
        port = TcpPort(taker, asyncio.get_running_loop().time)
        listening = tcp.bound("127.0.0.1", 0)
        place = listening.getsockname()
        await port.listen(listening)
        reader, writer = await asyncio.open_connection(*place)
        reader._limit = 1 << 10  # takes little off the socket that nobody reads
        await until(lambda: len(port) == 1)
        ((address, connection),) = port._connections.items()
        sent = 0
        most = 0
        while taker.counters["tcp_backlog"] < 300:
            port.send(sent.to_bytes(4, "big") * 250, address)
            sent += 1
            most = max(most, connection.transport.get_write_buffer_size())
            if sent % 50 == 0:
                await asyncio.sleep(0)
            assert sent < 20_000
        assert most <= tcp.BACKLOG + 2

        frames, numbers = Frames(), []
        writer.write(framed(b"\x80" + bytes(20)))  # the other way is open
        async with asyncio.timeout(10):
            while not numbers or numbers[-1] < sent - 1:
                for datagram in frames.take(await reader.read(1 << 16)):
                    assert datagram == datagram[:4] * 250
                    numbers.append(int.from_bytes(datagram[:4], "big"))
                if len(numbers) == sent - taker.counters["tcp_backlog"] and numbers[-1] < sent - 1:
                    port.send(sent.to_bytes(4, "big") * 250, address)  # there is room again
                    sent += 1
        assert numbers == sorted(numbers) and len(numbers) == sent - taker.counters["tcp_backlog"]
        writer.transport.abort()
        await port.close()

    with asyncio.Runner(loop_factory=loop) as runner:
        runner.run(run())


@pytest.mark.skipif(not hasattr(socket, "TCP_NOTSENT_LOWAT"), reason="the system does not limit what it keeps unsent")
async def test_the_system_keeps_little_besides(server: MediaServer) -> None:
    """Seconds of picture that nobody wants any more would wait there."""
    with socket.socket() as client:
        client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 16)
        client.connect(("127.0.0.1", server.port))
        tcp_port = server._mux._tcp
        await until(lambda: len(tcp_port) == 1)
        (address,) = tcp_port._connections
        sent = 0
        while not server.counters.get("tcp_backlog"):
            tcp_port.send(bytes(1000), address)
            sent += 1000
            await asyncio.sleep(0)
        assert sent < tcp.BACKLOG + 4 * tcp._UNSENT


async def test_a_viewer_who_does_not_read_costs_the_others_nothing(people: Participants, server: MediaServer) -> None:
    async with watched(people):
        deaf, subscription = await people.viewer(1, tcp=True)
        people.room.show(subscription.id, {"t0": "c0"}, "c0")
        await until(lambda: deaf.slots["0"].packets)
        asyncio.get_running_loop().remove_reader(deaf._connection._way._socket.fileno())
        peer = list(server._mux._by_ufrag.values())[-1]
        for _ in range(20_000):
            peer.send(bytes(1000))
        assert server.counters["tcp_backlog"] > 0


async def test_a_connection_that_does_not_read_is_ended_all_the_same(
    people: Participants, server: MediaServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tcp, "_GOODBYE_SECONDS", 0.05)
    deaf, subscription = await people.viewer(1, tcp=True)
    asyncio.get_running_loop().remove_reader(deaf._connection._way._socket.fileno())
    (peer,) = server._mux._by_ufrag.values()
    for _ in range(20_000):
        peer.send(bytes(1000))
    people.room.unsubscribe(subscription.id)
    await until(lambda: len(server._mux._tcp) == 0)


# -- the port ---------------------------------------------------------------------------------------------------------


async def test_a_busy_tcp_port_has_the_error_of_a_busy_port_and_keeps_nothing(clock: PushedClock) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(ProctorError, match="port_busy") as refused:
            await MediaServer(host="127.0.0.1", port=port, announce=[], clock=clock).start()
        assert sentence(refused.value, "en") == f"TCP port {port} is in use. Choose another with --media-port."
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as udp:
            udp.bind(("127.0.0.1", port))


async def test_any_port_is_one_that_is_free_for_both(monkeypatch: pytest.MonkeyPatch, clock: PushedClock) -> None:
    tried: list[int] = []

    def busy(host: str, port: int) -> socket.socket:
        tried.append(port)
        if len(tried) < 4:
            raise OSError(errno.EADDRINUSE, "busy")
        return tcp.bound(host, port)

    monkeypatch.setattr(mux_module, "bound", busy)
    mux = Mux(clock)
    await mux.open("127.0.0.1", 0)
    assert len(tried) >= 4 and mux.port == tried[-1]  # another program may have had the fourth
    await mux.close()


async def test_closing_frees_the_port_at_once_with_a_participant_on_it(
    people: Participants, server: MediaServer, clock: PushedClock
) -> None:
    await people.publisher("c0", tcp=True)
    await server.close()
    again = MediaServer(host="127.0.0.1", port=server.port, announce=[], clock=clock)
    await again.start()
    await again.close()
