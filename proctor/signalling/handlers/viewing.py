"""Messages of those who look at the room: the clock, and which pictures go where."""

from __future__ import annotations

from typing import Any

from proctor import views
from proctor.errors import ProctorError
from proctor.signalling import messages as m
from proctor.signalling.exchange import ASKING
from proctor.signalling.seat import Seat


async def ping_clock(seat: Seat, message: m.PingClock) -> dict[str, Any]:
    return {"server_time": views.moment(seat.now())}


async def ice_servers(seat: Seat, message: m.IceServers) -> dict[str, Any]:
    return {"ice_servers": seat.live.media.connections.ice_servers(seat.subject)}


async def subscribe(seat: Seat, message: m.Subscribe) -> dict[str, Any]:
    def showing(slot: str, person: str, timestamp: int) -> None:
        word = {"subscription": subscription.id, "slot": slot, "candidate": person, "rtp_timestamp": timestamp}
        seat.tell("showing", word)

    def thinned(level: str) -> None:
        seat.tell("thinned", {"subscription": subscription.id, "level": level})

    subscription = await seat.live.media.connections.subscribe(
        seat.subject, tiles=message.tiles, on_showing=showing, on_level=thinned
    )
    seat.subscriptions.add(subscription.id)
    return {"subscription": subscription.id, "sdp": subscription.offer_sdp, "slots": subscription.slots}


async def accept(seat: Seat, message: m.Accept) -> None:
    _own(seat, message.subscription)
    await seat.live.media.connections.accept(message.subscription, message.sdp)


async def show(seat: Seat, message: m.Show) -> None:
    _own(seat, message.subscription)
    for candidate in {*message.tiles.values(), message.focus} - {None}:
        seat.live.state.sitting(str(candidate).removesuffix(ASKING))
    seat.live.media.connections.show(message.subscription, message.tiles, message.focus)


def _own(seat: Seat, subscription: str) -> None:
    if subscription not in seat.subscriptions:
        raise ProctorError("not_found", what="subscription")
