"""A flood of bad packets from one address: what it costs the others, and that it is cut before it is parsed."""

from __future__ import annotations

import asyncio
import sys

import pytest

from proctor.media.server import MediaServer
from tests.media.support import Participants, until

RATE, SECONDS = 50_000, 10  # packets a second, of 100 bytes
PEOPLE = 5
BAD = {
    "checks of nobody": b"\x00\x01\x00\x50\x21\x12\xa4\x42" + bytes(92),
    "media of nobody": b"\x80\x60" + bytes(98),
    "neither": b"\xc8" * 100,
}
FLOOD = """
import socket, sys, time
port, rate, seconds, data = int(sys.argv[1]), int(sys.argv[2]), float(sys.argv[3]), bytes.fromhex(sys.argv[4])
with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as flooding:
    flooding.bind(("127.0.0.2", 0))
    flooding.connect(("127.0.0.1", port))
    begun, sent = time.monotonic(), 0
    while (passed := time.monotonic() - begun) < seconds:
        for _ in range(int(passed * rate) - sent):
            flooding.send(data)
            sent += 1
        time.sleep(0.0005)
print(sent)
"""


@pytest.mark.long
@pytest.mark.measured
@pytest.mark.parametrize("data", BAD.values(), ids=BAD)
async def test_fifty_thousand_bad_packets_a_second_cost_the_others_less_than_a_hundredth(
    people: Participants, server: MediaServer, data: bytes
) -> None:
    publishers = [await people.publisher(f"c{number}") for number in range(PEOPLE)]
    viewer, subscription = await people.viewer(PEOPLE)
    people.room.show(subscription.id, {f"t{number}": f"c{number}" for number in range(PEOPLE)}, "c0")
    slots = viewer.slots.values()
    await until(lambda: all(slot.packets for slot in slots))
    streams = [stream for entry in people.room._publishers.values() for stream in entry.streams.values()]

    def lost() -> int:
        """Packets that did not come the first time."""
        return sum(stream.losses.recovered + stream.losses.given_up + len(stream.losses) for stream in streams)

    sent, before = sum(publisher.sent for publisher in publishers), lost()
    flood = await asyncio.create_subprocess_exec(
        sys.executable, "-c", FLOOD, str(server.port), str(RATE), str(SECONDS), data.hex(),
        stdout=asyncio.subprocess.PIPE,
    )  # fmt: skip
    told, _ = await flood.communicate()
    flooded = int(told)
    assert flooded > 0.9 * RATE * SECONDS, "this machine cannot flood so fast"
    sent = sum(publisher.sent for publisher in publishers) - sent
    print(f"{flooded} bad packets; {lost() - before} of {sent} lost")
    assert sent > 1000 and lost() - before < sent / 100
    assert sum(slot.holes - slot.late for slot in slots) < sent / 100
    assert server.counters.get("stun_malformed", 0) < 100 * SECONDS, "parsed at most so many of one address"
