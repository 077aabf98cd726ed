"""A house whose media rooms are reached by three routes of its own, without signing in, to measure what picture and
sound cost where the whole server is there (scripts/bench_media).

    POST /{room}/pub           an offer; {id, sdp}: the publisher's name and the answer. It is recorded
    POST /{room}/sub           {id, sdp}: a subscription with a tile for each publisher, and its offer
    POST /{room}/sub/{id}      the answer; ?focus= names the publisher that is large and heard

python -m tests.support.media_house HOST FOLDER [everything]. With the last word, tiles have the larger layer and sound.
"""

from __future__ import annotations

import asyncio
import gc
import signal
import sys
from pathlib import Path

import uvloop
from aiohttp import web

from proctor.app import House
from proctor.config import Config
from proctor.media import sdp, server
from proctor.media.publisher import Publisher
from proctor.media.slot import Slot
from proctor.media.viewer import Viewer, offered_slots

PORT = 8090


class Everything(Viewer):
    """Gets the larger layer in every tile, which no page of ours asks for."""

    def fill(self, slot: Slot, publisher: Publisher | None) -> None:
        if publisher is not None and slot.offered.kind == "video":
            slot.follow(publisher.focus_streams())
        else:
            super().fill(slot, publisher)


def offered_with_sound(tiles: int) -> list[sdp.OfferedSlot]:
    """As `offered_slots`, but with a sound for each tile."""
    found = []
    for slot in offered_slots(tiles):
        found.append(slot)
        if slot.name != "focus":
            found.append(sdp.OfferedSlot(slot.name, "audio", f"{slot.mid}s", slot.ssrc ^ 1))
    return found


async def serve(host: str, folder: Path, *, everything: bool) -> None:
    """A house whose media rooms are reached by three routes, without signing in."""
    if everything:
        server.Viewer, server.offered_slots = Everything, offered_with_sound
    config = Config(
        data=folder / "data", recordings=folder / "recordings", master_key=folder / "key", media_host=host,
        announce=[host],
    )  # fmt: skip
    house = await House.open(config)
    publishers: dict[str, list[str]] = {}

    async def publish(request: web.Request) -> web.Response:
        name = request.match_info["room"]
        room, there = house.media.room(name), publishers.setdefault(name, [])
        publisher = f"c{len(there)}"
        there.append(publisher)
        sink = house.recording.recorder(
            name, publisher, request_keyframe=lambda layer: room.request_keyframe(publisher, layer)
        )
        answer = await room.publish(publisher, await request.text(), sink=sink, on_state=lambda name, state: None)
        return web.json_response({"id": publisher, "sdp": answer})

    async def subscribe(request: web.Request) -> web.Response:
        name = request.match_info["room"]
        subscription = await house.media.room(name).subscribe("watcher", tiles=len(publishers[name]))
        return web.json_response({"id": subscription.id, "sdp": subscription.offer_sdp})

    async def accept(request: web.Request) -> web.Response:
        name, subscription = request.match_info["room"], request.match_info["id"]
        room = house.media.room(name)
        await room.accept(subscription, await request.text())
        tiles = {f"t{place}": publisher for place, publisher in enumerate(publishers[name])}
        room.show(subscription, tiles, request.query.get("focus"))
        return web.Response()

    app = web.Application()
    app.add_routes([web.post("/{room}/pub", publish), web.post("/{room}/sub", subscribe)])
    app.add_routes([web.post("/{room}/sub/{id}", accept)])
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, host, PORT).start()
    gc.collect()
    gc.freeze()  # as proctor/server.py
    stopped = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stopped.set)
    await stopped.wait()
    await runner.cleanup()
    await house.close()


if __name__ == "__main__":
    uvloop.run(serve(sys.argv[1], Path(sys.argv[2]), everything=sys.argv[3:] == ["everything"]))
