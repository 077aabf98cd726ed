"""The practice room, open to everybody at any time (A24.1.2): picture and sound go to the media server and come back.

It finds before the exam day what breaks on it: a firewall that blocks our port, a network that is too slow. Nobody
signs in, so everything is bounded: how many at once, how many from one address, how often, and for how long. Nothing is
recorded, no room hears of it, and nobody sees anyone but oneself.

A practice is known by a secret name that its page was told. It ends when the page says so, after `LASTS`, or when it
sent nothing for `IDLE_SECONDS` and somebody else wants the place.
"""

from __future__ import annotations

import asyncio
import secrets
from collections import Counter
from datetime import datetime, timedelta
from typing import Any

from proctor.clock import Clock
from proctor.errors import ProctorError
from proctor.media.server import MediaRoom, Subscription
from proctor.token_bucket import Buckets, TokenBucket

LASTS = timedelta(minutes=5)
IDLE_SECONDS = 40.0  # longer than the media server waits for a silent connection
MOST = 100  # about a quarter of a core
MOST_AT_ADDRESS = 50  # a whole exam room behind one address
_BEGUN_PER_SECOND, _BEGUN_AT_ONCE = 0.2, 60.0
_ASKED_PER_SECOND, _ASKED_AT_ONCE = 2.0, 20.0


class _Running:
    """One practice under way."""

    def __init__(self, address: str, ends_at: datetime, now: float) -> None:
        self.address = address
        self.ends_at = ends_at
        self.idle_since: float | None = now  # None while picture or sound comes
        self.bucket = TokenBucket(_ASKED_PER_SECOND, _ASKED_AT_ONCE, now)
        self.subscription = ""
        self.timer: asyncio.Task[None] | None = None


class Practice:
    """All who practise, in one media room of their own."""

    def __init__(self, media: MediaRoom, clock: Clock) -> None:
        self._media = media
        self._clock = clock
        self._running: dict[str, _Running] = {}
        self._begun = Buckets(_BEGUN_PER_SECOND, _BEGUN_AT_ONCE, keep=10_000)

    async def close(self) -> None:
        """End every practice."""
        timers = [running.timer for running in self._running.values() if running.timer is not None]
        for name in list(self._running):
            self.end(name)
        await asyncio.gather(*timers, return_exceptions=True)

    def begin(self, address: str) -> dict[str, Any]:
        """A place for a page at `address`. Raises ProctorError `too_fast`, `practice_full`."""
        now = self._clock.monotonic()
        if not self._begun.take(address, now):
            raise ProctorError("too_fast")
        for name, running in list(self._running.items()):
            if running.idle_since is not None and now - running.idle_since > IDLE_SECONDS:
                self.end(name)
        here = Counter(running.address for running in self._running.values())[address]
        if len(self._running) >= MOST or here >= MOST_AT_ADDRESS:
            raise ProctorError("practice_full")
        name = secrets.token_urlsafe(16)
        running = self._running[name] = _Running(address, self._clock.now() + LASTS, now)
        running.timer = asyncio.create_task(self._end_in_time(name, running.ends_at))
        return {
            "practice": name, "seconds": int(LASTS.total_seconds()),
            "ice_servers": self._media.ice_servers(f"practice-{secrets.token_hex(8)}", LASTS),  # a quota for each
        }  # fmt: skip

    async def publish(self, name: str, sdp: str) -> str:
        """Take picture and sound, which nobody records; the answer's description. Raises ProctorError `not_found`,
        `too_fast`, `bad_sdp`, `media_full`."""
        self._asked(name)
        return await self._media.publish(name, sdp, sink=None, on_state=self._media_changed)

    async def subscribe(self, name: str) -> Subscription:
        """Offer the page what it sends, and nothing else. Raises ProctorError `not_found`, `too_fast`, `media_full`."""
        running = self._asked(name)
        self._media.unsubscribe(running.subscription)
        offered = await self._media.subscribe(name, tiles=0)
        running.subscription = offered.id
        return offered

    async def accept(self, name: str, sdp: str) -> None:
        """Take the page's answer and show it to itself. Raises ProctorError `not_found`, `too_fast`, `bad_sdp`."""
        running = self._asked(name)
        await self._media.accept(running.subscription, sdp)
        self._media.show(running.subscription, {}, name)

    def figures(self, name: str) -> dict[str, Any]:
        """What arrives here. Raises ProctorError `not_found`, `too_fast`."""
        running = self._asked(name)
        left = (running.ends_at - self._clock.now()).total_seconds()
        found = self._media.health().get(name)
        if found is None:
            return {"media": "none", "kbps": {}, "loss": 0.0, "level": 0.0, "seconds": round(left)}
        return {
            "media": found["state"], "kbps": found["kbps"], "loss": round(found["loss"], 3),
            "level": round(found["audio_level"], 3), "seconds": round(left),
        }  # fmt: skip

    def end(self, name: str) -> None:
        """End a practice, if there is one."""
        running = self._running.pop(name, None)
        if running is None:
            return
        self._media.unsubscribe(running.subscription)
        self._media.unpublish(name)
        if running.timer is not None and running.timer is not asyncio.current_task():
            running.timer.cancel()

    def _asked(self, name: str) -> _Running:
        running = self._running.get(name)
        if running is None:
            raise ProctorError("not_found", what="practice")
        if not running.bucket.take(self._clock.monotonic()):
            raise ProctorError("too_fast")
        return running

    def _media_changed(self, name: str, state: str) -> None:
        running = self._running.get(name)
        if running is not None:
            running.idle_since = None if state in ("connected", "resumed") else self._clock.monotonic()

    async def _end_in_time(self, name: str, ends_at: datetime) -> None:
        await self._clock.sleep_until(ends_at)
        self.end(name)
