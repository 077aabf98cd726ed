"""What a bad network leaves of a recording and of what a viewer sees (rehearsal/link.py)."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from proctor.media.server import MediaServer
from proctor.recording.depacketise import Vp8Depacketiser
from proctor.rehearsal.client import SyntheticPublisher
from proctor.rehearsal.link import Conditions, Link
from tests.media.support import until


class Recording:
    """The pictures of the large layer, put together as the recorder does."""

    def __init__(self) -> None:
        self.frames = 0
        self.depacketiser = Vp8Depacketiser()

    def rtp(
        self, kind: str, layer: str, seq: int, timestamp: int, marker: bool, payload: bytes, arrival: float
    ) -> None:
        if layer == "h":
            self.frames += len(self.depacketiser.push(seq, timestamp, marker, payload, arrival))

    def sender_report(self, *told: Any) -> None: ...

    def closed(self) -> None: ...


async def recorded(server: MediaServer, bad: Conditions, seconds: float) -> tuple[int, int]:
    """How many pictures of the large layer were recorded, of how many sent while the link was `bad` for so long."""
    calm = Conditions(delay=bad.delay)
    room, recording = server.room("r"), Recording()
    async with Link(("127.0.0.1", server.port), calm) as link:
        publisher = SyntheticPublisher(0)
        answer = await room.publish("c", publisher.offer(), sink=recording, on_state=lambda *told: None)
        await publisher.accept(answer.replace(f" {server.port} typ", f" {link.port} typ"))
        publisher.start()
        (track,) = [track for track in publisher._tracks if track.name == "h"]
        try:
            await until(lambda: recording.frames >= 3)
            before = track.picture, recording.frames
            link.change(bad)
            await asyncio.sleep(seconds)  # the time that is measured
            link.change(calm)
            sent, standing = track.picture - before[0], track.picture
            # What is under way, and what is asked for again, has come by the time that as many more have.
            await until(lambda: track.picture - standing >= 30)
            publisher.camera_on = False
            await until(lambda: not any(stream.losses for stream in room._publishers["c"].streams.values()))
            sent = track.picture - before[0]
            await asyncio.sleep(2 * bad.delay + 0.3)  # what is under way
            room.open_deferred("c")
            return recording.frames - before[1], sent
        finally:
            await publisher.stop()


async def test_a_link_that_loses_delays_and_repeats_costs_the_recording_nothing(server: MediaServer) -> None:
    bad = Conditions(loss=0.1, delay=0.03, jitter=0.02, duplicate=0.05)
    got, sent = await recorded(server, bad, 3.0)
    assert sent >= 60 and got >= sent - 1, (got, sent)  # the one that was on its way when it began counts for either
    assert server.counters["rtx_repaired"] >= 5


@pytest.mark.long
@pytest.mark.parametrize(("loss", "share"), [(0.01, 0.999), (0.05, 0.995), (0.10, 0.98)])
async def test_at_a_fifth_of_a_second_and_such_losses_so_much_is_recorded(
    server: MediaServer, loss: float, share: float
) -> None:
    got, sent = await recorded(server, Conditions(loss=loss, delay=0.1), 60.0)
    assert got >= share * sent - 2, (got, sent)
