"""Whatever strangers send to the port: nothing falls over, it is counted, and the others lose nothing."""

import contextlib
import random
import socket
import struct

import pytest
from aioice import stun as reference

from proctor.media.datagrams import address_of, host_and_port
from proctor.media.native import Inbox
from tests.media.support import until, whole


@pytest.fixture
def stranger(server):
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.bind(("127.0.0.1", 0))
        sock.setblocking(False)
        sock.connect(("127.0.0.1", server.port))
        yield sock


def binding_request(username: str, password: bytes, *, nominate: bool = True) -> bytes:
    message = reference.Message(reference.Method.BINDING, reference.Class.REQUEST)
    message.attributes.update({"USERNAME": username, "PRIORITY": 1})
    if nominate:
        message.attributes["USE-CANDIDATE"] = None
    message.add_message_integrity(password)
    return bytes(message)


@contextlib.asynccontextmanager
async def watched(people):
    """A publisher, c0, whom somebody watches; what is done within costs that picture and sound nothing."""
    publisher = await people.publisher("c0")
    viewer, subscription = await people.viewer(1)
    people.room.show(subscription.id, {"t0": "c0"}, "c0")
    slots = viewer.slots.values()
    await until(lambda: all(slot.packets for slot in slots))
    yield publisher
    seen = [slot.packets for slot in slots]
    await until(lambda: all(slot.packets > before + 5 for slot, before in zip(slots, seen, strict=True)))
    assert all(whole(slot) for slot in slots)
    assert people.states == [("c0", "connected")]


async def test_garbage_is_counted_and_costs_the_others_nothing(people, server, stranger):
    async with watched(people):
        send_garbage(server, stranger)
        await until(lambda: server.counters.get("stun_unknown_user"))
    for name in ("stun_malformed", "stun_unknown_user", "rtp_unknown_source", "oversize", "unexpected"):
        assert server.counters[name] > 0, name
    with pytest.raises(BlockingIOError):
        stranger.recv(2048)  # nobody answered


def send_garbage(server, stranger):
    chance = random.Random(4)
    request = binding_request("nobody:x", b"p" * 32)
    known = next(iter(server._mux._by_ufrag))
    pile = [chance.randbytes(chance.randrange(1, 1400)) for _ in range(300)]
    pile += [b"", request[:30], request[:-8], bytes(3000), bytes(2048)]
    pile += [binding_request(f"{known}:x", b"wrong" * 5), request]
    pile += [struct.pack("!BBHII", 0x80, 96, n, n, 12345) + bytes(100) for n in range(20)]
    pile += [bytes([22, 254, 253]) + bytes(60)] * 20  # DTLS without an ICE check
    for data in pile:
        stranger.send(data)


async def test_a_check_with_the_wrong_password_moves_nothing(people, server, stranger):
    async with watched(people):
        mux = server._mux
        ufrag, peer = next(iter(mux._by_ufrag.items()))
        address = peer._address
        stranger.send(binding_request(f"{ufrag}:{peer.remote_ufrag}", b"guess" * 5))
        stranger.send(binding_request(f"{ufrag}:other", peer.password_bytes))
        await until(lambda: server.counters.get("stun_bad_integrity") and server.counters.get("stun_unknown_user"))
    assert peer._address == address and address_of(stranger.getsockname()) not in mux._by_address


async def test_a_forged_packet_from_elsewhere_is_not_taken_for_the_publisher(people, server, stranger):
    async with watched(people) as publisher:
        await until(lambda: publisher.sent > 20)
        ssrc = next(iter(server._mux._by_ssrc))
        for number in range(400):
            stranger.send(struct.pack("!BBHI4s", 0x80, 96, number, 0, ssrc) + bytes(60))
        await until(lambda: server.counters.get("rtp_unknown_source_limited"))
    assert 0 < server.counters["srtp_rejected"] <= 250
    assert address_of(stranger.getsockname()) not in server._mux._by_address


async def test_a_forged_packet_from_the_publishers_own_address_is_not_taken_either(people, server):
    async with watched(people):
        mux = server._mux
        ssrc, place = next(iter(mux._by_ssrc)), next(iter(mux._by_ufrag.values()))._address
        inbox = Inbox()
        for number in range(100):
            forged = struct.pack("!BBHI4s", 0x80, 96, number, 0, ssrc) + bytes(60)
            mux.receive(inbox, inbox.put(forged), place, mux._now())
    assert server.counters["srtp_rejected"] == 100


async def test_a_flood_of_checks_from_one_source_is_cut_before_parsing(people, server, stranger):
    async with watched(people):
        for _ in range(400):
            stranger.send(b"\x00\x01\x00\x00" + bytes(16))
        await until(lambda: server.counters.get("stun_limited", 0) >= 200)
    assert server.counters["stun_malformed"] <= 150


async def test_media_before_the_handshake_is_dropped(people, server, stranger):
    subscription = await people.room.subscribe("viewer", tiles=0)
    ufrag, peer = next(iter(server._mux._by_ufrag.items()))
    stranger.send(binding_request(f"{ufrag}:x", peer.password_bytes))
    await until(lambda: server._mux._by_address)
    stranger.send(struct.pack("!BBHII", 0x80, 96, 1, 0, 9) + bytes(60))
    stranger.send(bytes([22, 254, 253]) + bytes(60))
    await until(lambda: server.counters.get("rtp_before_dtls") and server.counters.get("dtls_dropped"))
    people.room.unsubscribe(subscription.id)


async def test_a_peer_keeps_eight_addresses_and_the_nominated_one(people, server):
    await people.room.subscribe("viewer", tiles=0)
    ufrag, peer = next(iter(server._mux._by_ufrag.items()))
    sources = [socket.socket(socket.AF_INET, socket.SOCK_DGRAM) for _ in range(12)]
    try:
        for place, source in enumerate(sources):
            message = reference.Message(reference.Method.BINDING, reference.Class.REQUEST)
            message.attributes["USERNAME"] = f"{ufrag}:x"
            if place == 0:
                message.attributes["USE-CANDIDATE"] = None
            message.add_message_integrity(peer.password_bytes)
            source.sendto(bytes(message), ("127.0.0.1", server.port))
        await until(lambda: address_of(("127.0.0.1", sources[-1].getsockname()[1])) in server._mux._by_address)
        assert len(server._mux._by_address) == len(peer._addresses) == 8
        assert host_and_port(peer._address)[1] == sources[0].getsockname()[1]
        assert peer._address in server._mux._by_address
    finally:
        for source in sources:
            source.close()


async def test_a_ninth_ssrc_is_refused_before_decryption(people, server):
    publisher = await people.publisher("c0")
    await until(lambda: publisher.sent > 10)
    outbound = publisher._connection.outbound
    for number in range(12):
        packet = struct.pack("!BBHII", 0x80, 55, 1, 0, 1000 + number) + b"payload"
        outbound.view[0 : len(packet)] = packet
        publisher._connection.send(outbound.protect(len(packet)))
    await until(lambda: server.counters.get("ssrc_limit") == 7)  # three are in use, five more fit
    sent = publisher.sent
    await until(lambda: publisher.sent > sent + 20)
    assert people.room.health()["c0"]["loss"] == 0


async def test_a_candidate_cannot_take_the_address_at_which_another_is_heard(people, server):
    """A check may carry any source address, and X's is rightly signed; Y is heard there, so it stays Y's."""
    await people.publisher("x")
    await people.publisher("y")
    mux = server._mux
    x, y = mux._by_ufrag.values()
    before, place = y._address, x._address
    spoofed = binding_request(f"{x.ufrag}:{x.remote_ufrag}", x.password_bytes)
    inbox = Inbox()
    mux.receive(inbox, inbox.put(spoofed), before, mux._now())
    assert server.counters["stun_address_held"] == 1
    assert (mux._by_address[before], y._address, x._address) == (y, before, place)
    mux.receive(inbox, inbox.put(spoofed), before, mux._now() + 11)  # after a silence the port may be another's
    assert mux._by_address[before] is x
