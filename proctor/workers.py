"""The worker processes: whatever would hold the interpreter's lock beside packets runs there.

An ordinary process pool with six habits of a server's:

* Ctrl-C in a terminal reaches every process of the group. Workers start with SIGINT blocked and finish their job; the
  server tells them when to end.
* A worker whose server was killed ends by itself instead of waiting for work for ever.
* A worker that dies (out of memory) costs its job one more try, and the next one finds a new worker.
* Workers give way: where processor time is short, packets go before archives.
* Workers look for garbage cycles seldom: a job makes thousands of small records that live until its end, and the search
  through them cost a third of finalising a segment (measured).
* `warm` starts the workers before there is anything to forward.
"""

from __future__ import annotations

import contextlib
import gc
import multiprocessing
import os
import signal
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from typing import Any

_TRIES = 2


class Workers(Executor):
    """`processes` workers. A job that ends two of them in a row fails with BrokenProcessPool."""

    def __init__(self, processes: int) -> None:
        self._processes = processes
        self._lock = threading.Lock()
        self._pool = self._new_pool()

    def submit(self, call: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        outcome: Future[Any] = Future()
        self._try(outcome, _TRIES, call, args, kwargs)
        return outcome

    def warm(self) -> None:
        """Start every worker now."""
        for _ in range(self._processes):
            self.submit(os.getpid)

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        self._pool.shutdown(wait, cancel_futures=cancel_futures)

    def _try(
        self, outcome: Future[Any], tries: int, call: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]
    ) -> None:
        def done(job: Future[Any]) -> None:
            if job.cancelled():
                outcome.cancel()
            elif isinstance(error := job.exception(), BrokenProcessPool) and tries > 1:
                try:
                    self._try(outcome, tries - 1, call, args, kwargs)
                except RuntimeError as closing:
                    outcome.set_exception(closing)
            elif not outcome.set_running_or_notify_cancel():
                return  # whoever asked does not wait any more
            elif error is not None:
                outcome.set_exception(error)
            else:
                outcome.set_result(job.result())

        with self._lock, _without_interrupts():
            try:
                job = self._pool.submit(call, *args, **kwargs)
            except BrokenProcessPool:
                self._pool.shutdown(wait=False)
                self._pool = self._new_pool()
                job = self._pool.submit(call, *args, **kwargs)
        job.add_done_callback(done)

    def _new_pool(self) -> ProcessPoolExecutor:
        # spawn: a fork would carry the event loop's descriptors and the threads' locks into the workers
        spawn = multiprocessing.get_context("spawn")
        return ProcessPoolExecutor(self._processes, mp_context=spawn, initializer=_begin)


@contextlib.contextmanager
def _without_interrupts() -> Iterator[None]:
    """Processes and threads that are started inside have SIGINT blocked from their first instruction."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


_NICENESS = 10
_RECORDS = 100_000  # more than a job makes of containers, net of those it gives up


def _begin() -> None:
    """In a worker, first."""
    os.nice(_NICENESS)
    gc.set_threshold(_RECORDS)
    _end_with_the_server()


def _end_with_the_server() -> None:
    """The pool's queue has a writing end here too and never tells that the server is gone."""
    parent = multiprocessing.parent_process()
    assert parent is not None

    def watch() -> None:
        parent.join()
        os._exit(1)

    threading.Thread(target=watch, name="parent", daemon=True).start()
