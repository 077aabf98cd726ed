"""What a room knows of its candidates' pages beside its log: when each was heard of last, and whose files are read.

A page that is there is heard of every second, yet its socket is given up only seconds after it fell silent. So a
deadline cannot tell at once whom it found connected (X31), nor what a file holds whose last byte has just come. Nobody
is judged before that is known. None of it is on the log: what follows from it is.
"""

from __future__ import annotations

import contextlib
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime

from proctor.clock import Clock
from proctor.exam.decisions import answers
from proctor.exam.decisions.holding import NOTICED
from proctor.exam.room import Room
from proctor.exam.sitting import SILENCE, Sitting

SILENCE_SECONDS = SILENCE.total_seconds()


@dataclass(frozen=True)
class _Moment:
    epoch: int
    at: datetime
    monotonic: float


class Heard:
    """Of one room. `wake` is called when somebody who was waited for is not any more."""

    def __init__(self, clock: Clock, wake: Callable[[], None]) -> None:
        self._clock = clock
        self._wake = wake
        self._last: dict[str, _Moment] = {}
        self._taking_in: Counter[str] = Counter()
        self.waited_for: frozenset[str] = frozenset()
        self.until: datetime | None = None  # when silence alone decides about the next of them

    def hear(self, known: Sitting, epoch: int) -> None:
        """A message of the page of `epoch` came in."""
        if known.connected_epoch == epoch:
            self._last[known.candidate] = _Moment(epoch, self._clock.now(), self._clock.monotonic())
            self.settled(known.candidate)

    def silent_since(self, known: Sitting, epoch: int) -> datetime | None:
        """When the page of `epoch` was heard of last, if it is connected and has been silent since."""
        last = self._last.get(known.candidate)
        if known.connected_epoch != epoch or last is None or last.epoch != epoch:
            return None
        return last.at if self._clock.monotonic() - last.monotonic > SILENCE_SECONDS else None

    @contextlib.contextmanager
    def taking_in(self, candidate: str) -> Iterator[None]:
        """A file of the candidate's is whole, and is being read."""
        self._taking_in[candidate] += 1
        try:
            yield
        finally:
            self._taking_in[candidate] -= 1
            self.settled(candidate)

    def settled(self, candidate: str) -> None:
        """More is known of this candidate than before."""
        if candidate in self.waited_for:
            self._wake()

    def look(self, room: Room, now: datetime) -> frozenset[str]:
        """Of whom it is not known at `now` how the own deadline found them.

        Nobody waits for a page that this server has not heard of at all, nor for one that has saved nothing.
        """
        silent = {}
        over = answers.to_be_judged(room, now)
        for known in over:
            last, deadline = self._last.get(known.candidate), room.deadline(known)
            heard = last is not None and last.epoch == known.connected_epoch and last.at <= deadline
            if known.has_saved and known.connected and heard and now < deadline + NOTICED:
                silent[known.candidate] = deadline + NOTICED
        self.until = min(silent.values(), default=None)
        read = {known.candidate for known in over if self._taking_in[known.candidate]}
        self.waited_for = frozenset(silent.keys() | read)
        return self.waited_for
