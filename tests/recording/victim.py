"""A process that records one camera in real time and is killed by the test. Prints the arrival of what it
fed."""

from __future__ import annotations

import asyncio
import sys
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from multiprocessing import get_context
from pathlib import Path

from proctor.clock import ServerClock
from proctor.recording.service import RecordingService
from tests.recording import support as s


async def main(root: Path) -> None:
    packets = s.video_packets(s.pictures(640, 360, 15, 10.0), start=0.0)
    packets += s.audio_packets(s.sound(10.0, always=True), start=0.0)
    packets.sort(key=lambda packet: packet.arrival)
    clock = ServerClock()
    pool = ProcessPoolExecutor(1, mp_context=get_context("spawn"))
    service = RecordingService(root=root, key=s.KEY, clock=clock, pool=pool, on_event=lambda *_: None)
    await service.start()
    sink = service.recorder("room", "anna", request_keyframe=lambda layer: None)
    begin = clock.monotonic()
    for packet in packets:
        await asyncio.sleep(max(0.0, begin + packet.arrival - clock.monotonic()))
        s.feed(sink, [replace(packet, arrival=clock.monotonic())])
        print(clock.now().isoformat(), flush=True)


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1])))
