"""Worker processes: deaf to Ctrl-C, replaced when they die."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Iterator
from concurrent.futures import wait
from concurrent.futures.process import BrokenProcessPool

import pytest

from proctor.workers import Workers


@pytest.fixture(scope="module")
def workers() -> Iterator[Workers]:
    workers = Workers(1)
    workers.warm()
    yield workers
    workers.shutdown()


def slow_square(number: int) -> int:
    time.sleep(0.3)
    return number * number


def test_a_job_survives_ctrl_c(workers: Workers) -> None:
    worker = workers.submit(os.getpid).result(20)
    job = workers.submit(slow_square, 7)
    os.kill(worker, signal.SIGINT)
    assert job.result(20) == 49
    assert workers.submit(os.getpid).result(20) == worker


def test_a_job_whose_worker_dies_is_done_by_the_next_one(workers: Workers) -> None:
    worker = workers.submit(os.getpid).result(20)
    jobs = [workers.submit(slow_square, number) for number in range(3)]
    os.kill(worker, signal.SIGKILL)
    wait(jobs, 20)
    assert [job.result(0) for job in jobs] == [0, 1, 4]
    assert workers.submit(os.getpid).result(20) != worker


def test_a_job_that_kills_its_worker_every_time_fails_and_the_pool_goes_on(workers: Workers) -> None:
    with pytest.raises(BrokenProcessPool):
        workers.submit(os._exit, 3).result(20)
    assert workers.submit(slow_square, 3).result(20) == 9


def test_an_error_of_a_job_is_the_job_s_own(workers: Workers) -> None:
    with pytest.raises(ZeroDivisionError):
        workers.submit(divmod, 1, 0).result(20)
