"""A room with synthetic participants, time that can be pushed forward, and waiting for what must come."""

import asyncio
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from itertools import pairwise

from proctor.media.server import MediaRoom, Subscription
from proctor.rehearsal.client import SlotRecord, SyntheticPublisher, SyntheticViewer


class PushedClock:
    """The monotonic clock plus what a test has pushed it by."""

    def __init__(self) -> None:
        self.pushed = 0.0

    def monotonic(self) -> float:
        return time.monotonic() + self.pushed

    def at_monotonic(self, monotonic: float) -> datetime:
        return datetime(2026, 6, 1, tzinfo=UTC) + timedelta(seconds=monotonic)

    def now(self) -> datetime:
        return self.at_monotonic(self.monotonic())

    async def sleep_until(self, moment: datetime) -> None:
        raise NotImplementedError


class RecordingSink:
    """Keeps what a recorder would be given."""

    def __init__(self) -> None:
        self.packets: list[tuple] = []
        self.reports: list[tuple] = []
        self.closings = 0

    def rtp(self, kind, layer, seq, timestamp, marker, payload, arrival) -> None:
        self.packets.append((kind, layer, seq, timestamp, marker, payload, arrival))

    def sender_report(self, kind, layer, ntp, rtp_timestamp, arrival) -> None:
        self.reports.append((kind, layer, ntp, rtp_timestamp, arrival))

    def closed(self) -> None:
        self.closings += 1

    def holes(self, kind: str, layer: str) -> int:
        numbers = [packet[2] for packet in self.packets if packet[:2] == (kind, layer)]
        return sum((after - before) & 0xFFFF != 1 for before, after in pairwise(numbers))


async def until(condition: Callable[[], object], seconds: float = 8.0) -> None:
    """Wait until `condition` holds; fails the test otherwise."""
    async with asyncio.timeout(seconds):
        while not condition():
            await asyncio.sleep(0.01)


class Participants:
    """Publishers and viewers of one room, stopped together."""

    def __init__(self, room: MediaRoom) -> None:
        self.room = room
        self.states: list[tuple[str, str]] = []
        self._clients: list[SyntheticPublisher | SyntheticViewer] = []

    async def publisher(self, name: str, person: int = 0, *, sink=None, **options) -> SyntheticPublisher:
        client = SyntheticPublisher(person, **options)
        self._clients.append(client)
        answer = await self.room.publish(
            name, client.offer(), sink=sink, on_state=lambda *state: self.states.append(state)
        )
        await client.accept(answer)
        client.start()
        return client

    async def viewer(self, tiles: int, on_packet=None, **options) -> tuple[SyntheticViewer, Subscription]:
        client = SyntheticViewer(on_packet, **options)
        self._clients.append(client)
        subscription = await self.room.subscribe("viewer", tiles=tiles)
        await self.room.accept(subscription.id, client.answer(subscription.offer_sdp))
        await client.connect()
        return client, subscription

    async def stop(self) -> None:
        for client in self._clients:
            await client.stop()


def whole(slot: SlotRecord) -> bool:
    """Whether everything in the slot followed on what came before."""
    return not (slot.holes or slot.late or slot.picture_jumps or slot.backward_timestamps)
