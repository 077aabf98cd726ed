"""One actor per room: decide, append, apply, acknowledge.

Everyone who wants something of a room hands the actor a decision, a function of the room's state and the time. The
actor takes those that wait as one batch, lets each decide on the state that the ones before it would leave, appends
all their events in one commit, and only then makes the new state the room's and acknowledges. A refused decision
takes none of its neighbours with it; a failed commit refuses the batch and leaves the state as it was. What is asked
is judged and dated by when it was asked: a disk that is slow makes nobody late. It is taken in that order, but that an
act which holds the room (`alone`) goes before those that wait: an entry may be that much older than the one before it.

A commit that is reported as failed may have reached the disk all the same. So the actor reads the end of its log before
it goes on: its own entries there count as appended; entries of another owner mean that the room is not its any more.

The actor knows nothing of exams: state, fold and coding of events are handed in.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Generic, Protocol, TypeVar

import structlog
from sqlalchemy.exc import SQLAlchemyError

from proctor.clock import Clock
from proctor.errors import ProctorError
from proctor.ledger import chain
from proctor.ledger.chain import Entry
from proctor.ledger.writer import Append, Writer
from proctor.regulation.refusal import Refusal

log = structlog.get_logger(__name__)

S = TypeVar("S")
E = TypeVar("E")
E_co = TypeVar("E_co", covariant=True)
E_contra = TypeVar("E_contra", contravariant=True)


class Fold(Protocol[S, E]):
    """How events make state, and bytes."""

    def apply(self, state: S | None, event: E, at: datetime) -> S: ...

    def encode(self, event: E) -> tuple[str, bytes]: ...

    def decode(self, kind: str, payload: bytes) -> E: ...

    def erased(self, state: S) -> S:
        """The state after an entry whose payload was erased: it tells nothing, yet it has its number."""


class Decided(Protocol[E_co]):
    """What a decision returns: events to append, and the answer to the one who asked."""

    @property
    def events(self) -> Sequence[E_co]: ...

    @property
    def answer(self) -> Any: ...


@dataclass(frozen=True)
class Acknowledgement(Generic[S]):
    """A decision that is durable: its answer, the state after it, and the head of the log that contains it."""

    answer: Any
    state: S
    seq: int
    head: bytes


class ActAlone(Protocol[S, E_contra]):
    """Takes a decision while nobody else's is taken; see `RoomActor.alone`."""

    def __call__(
        self, actor: str, decide: Callable[[S, datetime], Decided[E_contra]], append: Append | None = None, /
    ) -> Awaitable[Acknowledgement[S]]: ...


@dataclass(frozen=True)
class Applied(Generic[S, E]):
    """A batch that became the room's state, for those who show it."""

    before: S
    after: S
    entries: Sequence[tuple[Entry, E]]


@dataclass
class _Request(Generic[S, E]):
    actor: str
    decide: Callable[[S, datetime], Decided[E]]
    asked_at: datetime
    done: asyncio.Future[Acknowledgement[S]]


class RoomActor(Generic[S, E]):
    """The owner of one room's log and state."""

    def __init__(
        self,
        room: str,
        *,
        fold: Fold[S, E],
        writer: Writer,
        clock: Clock,
        epoch: int,
        on_applied: Callable[[Applied[S, E]], None],
        over: Callable[[S], Refusal | None] = lambda state: None,
    ) -> None:
        """`over` tells of a state after which nothing follows why everything is refused by now."""
        self.room = room
        self.epoch = epoch
        self._fold = fold
        self._writer = writer
        self._clock = clock
        self._on_applied = on_applied
        self._over = over
        self._state: S | None = None
        self._seq = 0
        self._head = chain.GENESIS
        self._waiting: asyncio.Queue[_Request[S, E]] = asyncio.Queue(maxsize=1_000)
        self._task: asyncio.Task[None] | None = None
        self._deciding = asyncio.Lock()  # held by whoever decides: the queue, or somebody `alone`
        self._taking = asyncio.Lock()  # a batch ends before the next one, whatever became of who asked for it
        self._takes: set[asyncio.Task[None]] = set()
        self._unsettled: tuple[list[tuple[Entry, E]], S] | None = None  # a batch whose fate is not known yet
        self._lost = False  # another owner writes the log

    @property
    def state(self) -> S:
        """The room as the log has it."""
        assert self._state is not None, "the log has no first entry yet"
        return self._state

    @property
    def head(self) -> tuple[int, bytes]:
        """Number and hash of the last entry."""
        return self._seq, self._head

    def replay(self, stored: Iterable[Entry]) -> None:
        """Fold a stored log, verifying its chain.

        Raises ProctorError `chain_broken`.
        """
        folded: tuple[S, int, bytes] = fold_stored(self._fold, self.room, stored)
        self.restore(*folded)

    def restore(self, state: S, seq: int, head: bytes) -> None:
        """Go on from a log that was folded elsewhere."""
        self._state, self._seq, self._head = state, seq, head

    def start(self) -> None:
        """Begin to take decisions."""
        self._task = asyncio.create_task(self._run(), name=f"room {self.room}")

    async def close(self) -> None:
        """Finish what waits, then stop."""
        if self._task is None:
            return
        task, self._task = self._task, None
        await self._waiting.join()
        await asyncio.gather(*self._takes)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)

    async def begin(self, actor: str, event: E) -> None:
        """Append the first entry of a new log."""
        assert self._seq == 0
        kind, payload = self._fold.encode(event)
        entry = chain.link(
            self._head, room=self.room, seq=1, epoch=self.epoch, at=self._clock.now(), kind=kind, actor=actor,
            payload=payload,
        )  # fmt: skip
        await self._writer.append([entry])
        self._state = self._fold.apply(None, event, entry.at)
        self._seq, self._head = entry.seq, entry.hash

    async def act(
        self, actor: str, decide: Callable[[S, datetime], Decided[E]], *, asked_at: datetime | None = None
    ) -> Acknowledgement[S]:
        """Take a decision in the name of `actor`, asked now or at `asked_at`; return when its events are durable and
        applied.

        Raises the Refusal of the decision. An answer that is itself a Refusal is raised after its events are durable.
        Raises ProctorError `closing`, and `not_owner` once another server writes this room's log.
        """
        if self._lost:
            raise ProctorError("not_owner", room=self.room)
        if self._task is None or self._waiting.full():
            raise ProctorError("closing")
        asked_at = asked_at or self._clock.now()
        request = _Request(actor, decide, asked_at, asyncio.get_running_loop().create_future())
        self._waiting.put_nowait(request)
        return await asyncio.shield(request.done)

    @contextlib.asynccontextmanager
    async def alone(self) -> AsyncIterator[ActAlone[S, E]]:
        """Within it, nobody else's decision is taken, so that what was seen of `state` still holds when the block acts.

        It acts by what it is given here, which is `act` without the queue; `act` itself would wait for its own end. A
        third argument is what it appends by, in the place of the writer (`joint.Joint`). It should be short: everybody
        in the room waits.

        Raises ProctorError `closing`, `not_owner`, sqlalchemy.exc.SQLAlchemyError while the log cannot be read.
        """
        async with self._deciding:
            async with self._taking:
                await self._settle()
            yield self._act_at_once

    async def _act_at_once(
        self, actor: str, decide: Callable[[S, datetime], Decided[E]], append: Append | None = None
    ) -> Acknowledgement[S]:
        if self._task is None:
            raise ProctorError("closing")
        request = _Request(actor, decide, self._clock.now(), asyncio.get_running_loop().create_future())
        take = asyncio.create_task(self._answer_all([request], append))
        self._takes.add(take)  # goes on if who asked has gone
        take.add_done_callback(self._takes.discard)
        return await asyncio.shield(request.done)

    async def _run(self) -> None:
        while True:
            batch = [await self._waiting.get()]
            async with self._deciding:
                while not self._waiting.empty():
                    batch.append(self._waiting.get_nowait())
                try:
                    await self._answer_all(batch)
                finally:
                    for _ in batch:
                        self._waiting.task_done()

    async def _answer_all(self, batch: list[_Request[S, E]], append: Append | None = None) -> None:
        try:
            async with self._taking:
                await self._take(batch, append or self._writer.append)
        except Exception:
            log.exception("a batch failed", room=self.room)
        finally:
            for request in batch:
                if not request.done.done():
                    request.done.set_exception(ProctorError("closing"))

    async def _take(self, batch: list[_Request[S, E]], append: Append) -> None:
        try:
            await self._settle()
        except Exception as error:
            for request in batch:
                _fail(request, error)
            return
        before = working = self.state
        head, seq = self._head, self._seq
        appended: list[tuple[Entry, E]] = []
        answers: list[tuple[_Request[S, E], Any]] = []
        for request in batch:
            try:
                if (over := self._over(working)) is not None:
                    raise over
                decided = request.decide(working, request.asked_at)
                linked, after = self._link(working, seq, head, request.actor, decided.events, request.asked_at)
            except Exception as error:
                _fail(request, error)
                continue
            if linked:
                working, seq, head = after, linked[-1][0].seq, linked[-1][0].hash
                appended += linked
            answers.append((request, decided.answer))
        if appended:
            try:
                await append([entry for entry, _ in appended])
            except Exception as error:
                self._unsettled = (appended, working)
                if not await self._settled_after(error, answers):
                    return
            else:
                self._become(before, working, appended)
        for request, answer in answers:
            if isinstance(answer, Refusal):
                _fail(request, answer)
            elif not request.done.done():
                request.done.set_result(Acknowledgement(answer, working, seq, head))

    def _become(self, before: S, after: S, appended: list[tuple[Entry, E]]) -> None:
        """`appended` is durable: make the state after it the room's."""
        last = appended[-1][0]
        self._state, self._seq, self._head = after, last.seq, last.hash
        try:
            self._on_applied(Applied(before, after, appended))
        except Exception:  # whoever shows the room may fail; the room goes on
            log.exception("following up failed", room=self.room)

    async def _settled_after(self, error: Exception, answers: list[tuple[_Request[S, E], Any]]) -> bool:
        """Whether the batch that failed with `error` is on the log after all; if not, its requests are refused."""
        try:
            if await self._settle():
                return True
        except ProctorError as lost:
            error = lost
        except Exception:  # the log cannot be read now; the next batch looks again
            log.exception("the end of the log cannot be read", room=self.room)
        for request, _ in answers:
            _fail(request, error)
        return False

    async def _settle(self) -> bool:
        """Find out what became of an append whose outcome is unknown; whether it is on the log.

        Raises ProctorError `not_owner`, and sqlalchemy.exc.SQLAlchemyError while the log cannot be read.
        """
        if self._lost:
            raise ProctorError("not_owner", room=self.room)
        if self._unsettled is None:
            return False
        appended, after = self._unsettled
        stored = await self._writer.stored_after(self.room, self._seq)
        self._unsettled = None
        if not stored:
            return False
        if [entry.hash for entry in stored] == [entry.hash for entry, _ in appended]:
            self._become(self.state, after, appended)
            return True
        self._lost = True
        log.error("another owner writes the log of this room", room=self.room, ours=self.epoch, theirs=stored[-1].epoch)
        raise ProctorError("not_owner", room=self.room)

    def _link(
        self, state: S, seq: int, head: bytes, actor: str, events: Sequence[E], now: datetime
    ) -> tuple[list[tuple[Entry, E]], S]:
        """The entries of `events` after (`seq`, `head`), and the state after them."""
        linked: list[tuple[Entry, E]] = []
        for number, event in enumerate(events, start=seq + 1):
            kind, payload = self._fold.encode(event)
            entry = chain.link(
                head, room=self.room, seq=number, epoch=self.epoch, at=now, kind=kind, actor=actor, payload=payload
            )
            head = entry.hash
            state = self._fold.apply(state, event, now)
            linked.append((entry, event))
        return linked, state


def fold_stored(fold: Fold[S, E], room: str, stored: Iterable[Entry]) -> tuple[S, int, bytes]:
    """The state that a stored log folds to, with number and hash of its last entry.

    Raises ProctorError `chain_broken` at the first entry that does not fit or cannot be folded.
    """
    state: S | None = None
    seq, head = 0, chain.GENESIS
    try:
        for entry in chain.verify(stored):
            if entry.payload is not None:
                state = fold.apply(state, fold.decode(entry.kind, entry.payload), entry.at)
            elif state is not None:
                state = fold.erased(state)
            else:
                raise ProctorError("chain_broken", room=room, seq=entry.seq)  # without its plan there is no room
            seq, head = entry.seq, entry.hash
    except (ProctorError, SQLAlchemyError):
        raise
    except Exception as error:  # an altered row can be anything: no JSON, no moment, an event nobody knows
        raise ProctorError("chain_broken", room=room, seq=seq + 1) from error
    if state is None:
        raise ProctorError("chain_broken", room=room, seq=1)
    return state, seq, head


def _fail(request: _Request[S, E], error: Exception) -> None:
    if not request.done.done():
        request.done.set_exception(error)
