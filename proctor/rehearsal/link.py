"""A network between two sockets of this machine: it loses, delays, reorders, repeats and throttles datagrams.

    async with Link(server, Conditions(loss=0.05, delay=0.1)) as link:
        ...  # whoever sends to link.port reaches the server, which sees each of them at an address of its own

What happens to a datagram is drawn from a generator with a seed, so that runs differ by nothing but time. Both ways are
alike unless `back` says otherwise. It waits in the event loop: with a busy one delays grow.
"""

from __future__ import annotations

import asyncio
import contextlib
import random
import socket
from collections import Counter
from dataclasses import dataclass
from types import TracebackType
from typing import Self

_BATCH = 64  # datagrams taken before others have a turn
_MOST = 2048  # bytes of a datagram
_BUFFER = 4 << 20


@dataclass(frozen=True, slots=True)
class Conditions:
    """Of one way. Shares are of one, times in seconds, `rate` in bits a second; what would wait longer than `queue` for
    its turn at that rate is lost."""

    loss: float = 0.0
    delay: float = 0.0
    jitter: float = 0.0  # up to so much more, each for itself: what was sent later may come first
    duplicate: float = 0.0
    rate: float | None = None
    queue: float = 0.3


class _Way:
    """One direction of the link."""

    def __init__(self, conditions: Conditions, chance: random.Random) -> None:
        self.conditions = conditions
        self.counters: Counter[str] = Counter()
        self._chance = chance
        self._free_at = 0.0  # when the line has sent what it has

    def delays(self, size: int, now: float) -> list[float]:
        """Seconds after which a datagram arrives, once for each of its copies; empty for one that is lost."""
        has, chance = self.conditions, self._chance
        self.counters["sent"] += 1
        if chance.random() < has.loss:
            self.counters["lost"] += 1
            return []
        waits = 0.0
        if has.rate is not None:
            waits = max(0.0, self._free_at - now)
            if waits > has.queue:
                self.counters["lost"] += 1
                return []
            self._free_at = now + waits + size * 8 / has.rate
            waits = self._free_at - now
        copies = 2 if chance.random() < has.duplicate else 1
        return [waits + has.delay + chance.random() * has.jitter for _ in range(copies)]


class Link:
    """An open link to `target`; `port` is its near end, on the same host."""

    def __init__(
        self, target: tuple[str, int], conditions: Conditions, *, back: Conditions | None = None, seed: int = 1
    ) -> None:
        chance = random.Random(seed)
        self.port = 0
        self.there = _Way(conditions, chance)
        self.back = _Way(back or conditions, chance)
        self._target = target
        self._near = self._socket()
        self._far: dict[tuple[str, int], socket.socket] = {}

    async def __aenter__(self) -> Self:
        self._near.bind((self._target[0], 0))
        self.port = self._near.getsockname()[1]
        asyncio.get_running_loop().add_reader(self._near, self._from_near)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for sock in (self._near, *self._far.values()):
            asyncio.get_running_loop().remove_reader(sock)
            sock.close()

    def change(self, conditions: Conditions, back: Conditions | None = None) -> None:
        """From the next datagram on."""
        self.there.conditions, self.back.conditions = conditions, back or conditions

    def _socket(self) -> socket.socket:
        sock = socket.socket(socket.AF_INET6 if ":" in self._target[0] else socket.AF_INET, socket.SOCK_DGRAM)
        sock.setblocking(False)
        for option in (socket.SO_RCVBUF, socket.SO_SNDBUF):
            sock.setsockopt(socket.SOL_SOCKET, option, _BUFFER)
        return sock

    def _from_near(self) -> None:
        for _ in range(_BATCH):
            try:
                data, place = self._near.recvfrom(_MOST)
            except OSError:
                return
            far = self._far.get(place[:2])
            if far is None:
                far = self._far[place[:2]] = self._socket()
                far.connect(self._target)
                asyncio.get_running_loop().add_reader(far, self._from_far, far, place)
            self._pass_on(self.there, data, far, None)

    def _from_far(self, far: socket.socket, place: tuple[str, int]) -> None:
        for _ in range(_BATCH):
            try:
                data = far.recv(_MOST)
            except OSError:
                return
            self._pass_on(self.back, data, self._near, place)

    def _pass_on(self, way: _Way, data: bytes, through: socket.socket, to: tuple[str, int] | None) -> None:
        loop = asyncio.get_running_loop()
        for delay in way.delays(len(data), loop.time()):
            if delay > 0:
                loop.call_later(delay, self._send, data, through, to)
            else:
                self._send(data, through, to)

    @staticmethod
    def _send(data: bytes, through: socket.socket, to: tuple[str, int] | None) -> None:
        with contextlib.suppress(OSError):  # closed meanwhile, or full: a network loses too
            if to is None:
                through.send(data)
            else:
                through.sendto(data, to)
