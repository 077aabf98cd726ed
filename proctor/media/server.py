"""The media server: one port, many rooms.

    publisher --SRTP--> Mux -> Peer -> Publisher -> Stream --+--> Slot -> Peer -> Mux --SRTP--> viewer
                                                             +--> Sink (the recorder)

Packets that somebody watches run through this line inside one callback of the event loop, without a queue; those
that are only recorded wait at the peer until feedback is due, some 0.3 s at most (peer.py). What is due by time
(feedback, reports, keyframe requests, stalls, consent) is done by one task, ten times a second. Signalling is the
caller's: this file takes and gives SDP and knows participants only by the names the caller gives them.

A connection that was silent for `CONSENT_SECONDS`, not even checking connectivity, is closed (RFC 7675).
"""

from __future__ import annotations

import asyncio
import logging
import random
import secrets
from collections.abc import Callable, Coroutine, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from proctor.clock import Clock, ServerClock
from proctor.errors import ProctorError
from proctor.media import sdp
from proctor.media.mux import Mux
from proctor.media.native import Certificate
from proctor.media.publisher import Publisher, Sink
from proctor.media.rtcp import NTP_EPOCH
from proctor.media.slot import Slot
from proctor.media.turn import GOOD_FOR, Relays
from proctor.media.viewer import Viewer, offered_slots

__all__ = ["MediaRoom", "MediaServer", "Sink", "Subscription"]

logger = logging.getLogger(__name__)

TICK = 0.1
CONSENT_SECONDS = 30.0
_AT_ONCE = 8  # publishers, of which one step of a tick takes care
MAX_TILES = 60
MAX_PUBLISHERS = 128  # a room: 50 candidates with a camera and a screen each, and some to spare
MAX_SUBSCRIPTIONS = 64
NO_RELAYS = Relays()


@dataclass(frozen=True, slots=True)
class Subscription:
    """What a viewer's page needs: the offer, and which m= section is which slot."""

    id: str
    offer_sdp: str
    slots: list[dict[str, str]]


class MediaServer:
    def __init__(
        self,
        *,
        host: str,
        port: int,
        announce: Sequence[str],
        clock: Clock | None = None,
        relays: Relays = NO_RELAYS,
    ) -> None:
        """`host` and `port` are bound, over UDP and TCP (0 picks a port); `announce` are the addresses that clients
        are told, and `relays` what they may reach those by."""
        self._host = host
        self._wanted_port = port
        self._announce = tuple(announce)
        self._relays = relays
        self._clock = clock or ServerClock()
        self._certificate = Certificate()
        self._mux = Mux(self._clock)
        self._rooms: dict[str, MediaRoom] = {}
        self._ticking: asyncio.Task[None] | None = None

    @property
    def port(self) -> int:
        """The port in use, 0 before the start."""
        return self._mux.port

    @property
    def counters(self) -> dict[str, int]:
        """What was dropped, and why, since the start."""
        return dict(self._mux.counters)

    @property
    def receive_buffer_bytes(self) -> int:
        """What the system granted; below 1 MiB a full room can lose packets in a burst."""
        return self._mux.receive_buffer_bytes

    async def start(self) -> None:
        """Open the port. Raises ProctorError("port_busy") or ("address_unavailable")."""
        await self._mux.open(self._host, self._wanted_port)
        self._ticking = asyncio.create_task(self._tick_for_ever())

    async def close(self) -> None:
        """End every connection and give up the port."""
        if self._ticking is not None:
            self._ticking.cancel()
            await asyncio.gather(self._ticking, return_exceptions=True)
            self._ticking = None
        rooms, self._rooms = list(self._rooms.values()), {}
        for room in rooms:
            await room.close()
        await self._mux.close()

    def room(self, room_id: str) -> MediaRoom:
        """The room of that name, created on first use."""
        room = self._rooms.get(room_id)
        if room is None:
            room = self._rooms[room_id] = MediaRoom(
                self._mux, self._certificate, self._announce, self._relays, self._clock
            )
        return room

    async def _tick_for_ever(self) -> None:
        while True:
            await asyncio.sleep(TICK)
            try:
                self._mux.tick(self._clock.monotonic())
            except Exception:
                logger.exception("the port's tick failed")
            for room in list(self._rooms.values()):
                try:
                    for _ in room.ticking(self._clock.monotonic()):
                        await asyncio.sleep(0)  # packets first, however much is due at once
                except Exception:
                    logger.exception("a room's tick failed")
                await asyncio.sleep(0)


class MediaRoom:
    """Who publishes, who watches, and what is shown to whom."""

    def __init__(
        self, mux: Mux, certificate: Certificate, announce: tuple[str, ...], relays: Relays, clock: Clock
    ) -> None:
        self._mux = mux
        self._certificate = certificate
        self._announce = announce
        self._relays = relays
        self._clock = clock
        self._publishers: dict[str, Publisher] = {}
        self._viewers: dict[str, Viewer] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._ntp_zero = clock.at_monotonic(0.0).timestamp() + NTP_EPOCH

    def ice_servers(self, name: str, good_for: timedelta = GOOD_FOR) -> list[dict[str, Any]]:
        """What the page of `name` gives its next connection; see `Relays.for_page`."""
        return self._relays.for_page(name, self._clock.now(), good_for)

    # --- publish ---

    async def publish(
        self, publisher: str, offer_sdp: str, *, sink: Sink | None, on_state: Callable[[str, str], None]
    ) -> str:
        """Answer a publisher's offer; media starts when its connection stands.

        `on_state(publisher, state)` tells "connected", "stalled" (2 s without a picture), "resumed" and
        "closed". A second publish under the same name replaces the first, whose `sink` is closed but whose
        end is not told; slots go on following the name. Raises ProctorError("bad_sdp") or ("media_full")
        and changes nothing then.
        """
        offer = sdp.parse_publisher_offer(offer_sdp)
        if publisher not in self._publishers and len(self._publishers) >= MAX_PUBLISHERS:
            raise ProctorError("media_full")
        previous = self._publishers.get(publisher)
        if previous is not None:
            self._discard_publisher(previous)
        entry = self._publishers[publisher] = Publisher(
            publisher,
            offer,
            mux=self._mux,
            certificate=self._certificate,
            sink=sink,
            on_state=on_state,
            now=self._clock.monotonic(),
        )
        self._route_all(publisher)
        self._spawn(self._connect_publisher(entry, offer.transport.setup == "passive"))
        return self._answer(entry, offer)

    def restart(self, publisher: str, offer_sdp: str) -> str:
        """Answer an offer that restarts the ICE of a publisher's connection, as after a change of networks. Keys,
        streams, sink and slots go on. Raises ProctorError("bad_sdp"), or ("not_found") where no connection stands that
        the offer continues; then it is to be published anew."""
        offer = sdp.parse_publisher_offer(offer_sdp)
        entry = self._publishers.get(publisher)
        if entry is None or entry.peer.outbound is None or not offer.continues(entry.offer):
            raise ProctorError("not_found", what="connection")
        entry.peer.restart(offer.transport)
        return self._answer(entry, offer)

    def _answer(self, entry: Publisher, offer: sdp.PublisherOffer) -> str:
        client = entry.offer.transport.setup == "passive"
        local = entry.peer.local_transport(self._announce, "active" if client else "passive")
        return sdp.answer_to_publisher(offer, local, session=random.getrandbits(48))

    def unpublish(self, publisher: str) -> None:
        """End a publisher's connection, if there is one."""
        entry = self._publishers.get(publisher)
        if entry is not None:
            self._close_publisher(entry)

    def request_keyframe(self, publisher: str, layer: str) -> None:
        """Ask for a keyframe: one PLI per layer in 500 ms however many ask, repeated until a keyframe comes.

        Nothing happens if the publisher is gone. Raises ProctorError("bad_request") on an unknown layer.
        """
        if layer not in sdp.LAYERS:
            raise ProctorError("bad_request", field="layer")
        entry = self._publishers.get(publisher)
        stream = entry.layer(layer) if entry is not None else None
        if entry is not None and stream is not None:
            entry.peer.open_deferred()  # a keyframe that waits was sent before anybody asked
            stream.request_keyframe(self._clock.monotonic())

    def open_deferred(self, publisher: str) -> None:
        """Hand on to the sink what came so far, if somebody of that name publishes."""
        entry = self._publishers.get(publisher)
        if entry is not None:
            entry.peer.open_deferred()

    def health(self) -> dict[str, dict[str, Any]]:
        """Per publisher: state, age (s), kbps by stream, loss (fraction), sound (None: not known yet), audio_level
        (0 to 1), packets."""
        now = self._clock.monotonic()
        return {name: entry.health(now) for name, entry in self._publishers.items()}

    # --- subscribe ---

    async def subscribe(
        self,
        viewer: str,
        *,
        tiles: int,
        on_showing: Callable[[str, str, int], None] = lambda *showing: None,
        on_level: Callable[[str], None] = lambda level: None,
    ) -> Subscription:
        """Offer `viewer` a pool of `tiles` small pictures and one focus; `on_showing` and `on_level` as in `Viewer`.

        Raises "bad_request" or "media_full".
        """
        if not 0 <= tiles <= MAX_TILES:
            raise ProctorError("bad_request", field="tiles")
        if len(self._viewers) >= MAX_SUBSCRIPTIONS:
            raise ProctorError("media_full")
        entry = Viewer(
            viewer,
            offered_slots(tiles),
            mux=self._mux,
            certificate=self._certificate,
            ntp=self._ntp,
            clock=self._clock.monotonic,
            on_showing=on_showing,
            on_level=on_level,
        )
        subscription_id = secrets.token_hex(8)
        self._viewers[subscription_id] = entry
        local = entry.peer.local_transport(self._announce, "actpass")
        offer = sdp.offer_to_subscriber(entry.offered, local, cname="proctor", session=random.getrandbits(48))
        slots = [{"slot": slot.name, "mid": slot.mid, "kind": slot.kind} for slot in entry.offered]
        return Subscription(subscription_id, offer, slots)

    async def accept(self, subscription_id: str, answer_sdp: str) -> None:
        """Take the viewer's answer, once. Raises ProctorError("not_found") or ("bad_sdp")."""
        entry = self._viewer(subscription_id)
        if entry.state != "offered":
            raise ProctorError("bad_sdp", why="this subscription has been answered")
        answer = sdp.parse_answer(answer_sdp, entry.offered)
        entry.accept(answer)
        for slot in entry.slots:
            self._route(entry, slot)
        self._spawn(self._connect_viewer(subscription_id, entry, answer))

    def show(self, subscription_id: str, slots: Mapping[str, str | None], focus: str | None) -> None:
        """Put publishers into tiles (layer "l") and one into focus (layer "h" and sound).

        A slot that `slots` does not name keeps what it shows; None empties it. A publisher that is not here
        yet appears when it comes. Raises ProctorError("not_found") on an unknown subscription or slot.
        """
        entry = self._viewer(subscription_id)
        for name in slots:
            if name not in entry.wanted or name == "focus":
                raise ProctorError("not_found", what=f"slot {name}")
        entry.wanted.update(slots)
        entry.wanted["focus"] = focus
        for slot in entry.slots:
            self._route(entry, slot)

    def unsubscribe(self, subscription_id: str) -> None:
        """End a viewer's connection, if there is one."""
        entry = self._viewers.pop(subscription_id, None)
        if entry is not None:
            entry.end()
            self._spawn(entry.peer.close())

    # --- the life of the room ---

    def tick(self, now: float) -> None:
        """Do what is due at `now` (monotonic seconds)."""
        for _ in self.ticking(now):
            pass

    def ticking(self, now: float) -> Iterator[None]:
        """The same in steps of a few publishers, for whoever has to do something in between: each may have packets to
        open, and after a pause of the process all of them have at once."""
        for count, publisher in enumerate(list(self._publishers.values()), 1):
            if self._publishers.get(publisher.name) is not publisher:
                continue  # gone meanwhile
            if self._expired(publisher.peer.last_heard, publisher.created_at, publisher.state, now):
                self._close_publisher(publisher)
            else:
                publisher.tick(now)
            if count % _AT_ONCE == 0:
                yield
        for subscription_id, viewer in list(self._viewers.items()):
            if self._expired(viewer.peer.last_heard, viewer.created_at, viewer.state, now):
                self.unsubscribe(subscription_id)
            else:
                self._fill_anew(viewer, viewer.tick(now))

    def empty(self) -> None:
        """End every connection."""
        for subscription_id in list(self._viewers):
            self.unsubscribe(subscription_id)
        for publisher in list(self._publishers.values()):
            self._close_publisher(publisher)

    async def close(self) -> None:
        """End every connection and wait until that is done."""
        self.empty()
        while self._tasks:
            # Since Python 3.12 `gather` of what is done already lets nothing else run, not even what clears the set.
            await asyncio.wait(self._tasks)

    @staticmethod
    def _expired(last_heard: float, created_at: float, state: str, now: float) -> bool:
        if state in ("connected", "stalled"):
            return now - last_heard > CONSENT_SECONDS
        return now - created_at > CONSENT_SECONDS

    def _ntp(self, monotonic: float) -> int:
        return int((self._ntp_zero + monotonic) * 2**32)

    def _viewer(self, subscription_id: str) -> Viewer:
        entry = self._viewers.get(subscription_id)
        if entry is None:
            raise ProctorError("not_found", what="subscription")
        return entry

    # --- who sees whom ---

    def _route_all(self, publisher: str) -> None:
        """`publisher` came, went or was replaced: route the slots that want it."""
        for viewer in self._viewers.values():
            for slot in viewer.slots:
                if viewer.wanted[slot.offered.name] == publisher:
                    self._route(viewer, slot)

    def _route(self, viewer: Viewer, slot: Slot) -> None:
        name = viewer.wanted[slot.offered.name]
        viewer.fill(slot, self._publishers.get(name) if name is not None else None)
        now = self._clock.monotonic()
        stream = slot.missing_keyframe(now) if viewer.state == "connected" else None
        if stream is not None:
            stream.request_keyframe(now)

    def _fill_anew(self, viewer: Viewer, changed: bool) -> None:
        """The network of `viewer` carries more, or less, than before, or did shortly ago."""
        for slot in viewer.due_slots(changed):
            self._route(viewer, slot)
        if not changed:
            return
        try:
            viewer.on_level(viewer.level.name.lower())
        except Exception:
            logger.exception("the level callback of a viewer failed")

    # --- connections ---

    def _spawn(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _connect_publisher(self, entry: Publisher, client: bool) -> None:
        if not await entry.peer.connect(entry.offer.transport, client=client):
            self._close_publisher(entry)
        elif entry.peer.dtls is not None:
            entry.peer.dtls.on_closed = lambda: self._close_publisher(entry)
            entry.connected(self._clock.monotonic())

    async def _connect_viewer(self, subscription_id: str, entry: Viewer, answer: sdp.SubscriberAnswer) -> None:
        if not await entry.peer.connect(answer.transport, client=answer.transport.setup == "passive"):
            self.unsubscribe(subscription_id)
        elif entry.peer.dtls is not None:
            entry.peer.dtls.on_closed = lambda: self.unsubscribe(subscription_id)
            entry.connected()

    def _close_publisher(self, entry: Publisher) -> None:
        if self._publishers.get(entry.name) is entry:
            del self._publishers[entry.name]
            self._discard_publisher(entry)
            self._route_all(entry.name)
            entry.enter("closed")

    def _discard_publisher(self, entry: Publisher) -> None:
        entry.end()
        self._spawn(entry.peer.close())
