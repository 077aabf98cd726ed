"""The socket, read and written many datagrams at a time (media/datagrams.py), and the way that any system can."""

from __future__ import annotations

import ctypes
import errno
import socket
import time
from collections.abc import Callable, Iterator

import pytest

from proctor.media import datagrams
from proctor.media.datagrams import (
    BATCH,
    SENT_TOGETHER,
    BatchSocket,
    PlainSocket,
    address_of,
    host_and_port,
)
from proctor.media.native import MAX_DATAGRAM

Port = BatchSocket | PlainSocket
Found = list[tuple[bytes, tuple[str, int], float]]
GAP = 0.02  # seconds between two datagrams, and until they are looked at
HOSTS = {socket.AF_INET: "127.0.0.1", socket.AF_INET6: "::1"}


@pytest.fixture(params=[socket.AF_INET, socket.AF_INET6], ids=["IPv4", "IPv6"])
def family(request: pytest.FixtureRequest) -> socket.AddressFamily:
    family: socket.AddressFamily = request.param
    return family


def bound(family: socket.AddressFamily) -> socket.socket:
    sock = socket.socket(family, socket.SOCK_DGRAM)
    sock.setblocking(False)
    sock.bind((HOSTS[family], 0))
    return sock


@pytest.fixture(params=[BatchSocket, PlainSocket])
def port(request: pytest.FixtureRequest, family: socket.AddressFamily) -> Iterator[tuple[Port, socket.socket]]:
    sock = bound(family)
    port = request.param(sock)
    yield port, sock
    port.close()


@pytest.fixture
def other(family: socket.AddressFamily) -> Iterator[socket.socket]:
    with bound(family) as sock:
        yield sock


def taken(port: Port, now: float) -> Found:
    found = port.receive(lambda: now)
    return [(inbox.view[0:size], host_and_port(address)[:2], at) for inbox, size, address, at in found]


def heard(sock: socket.socket) -> list[bytes]:
    found = []
    while True:
        try:
            found.append(sock.recv(4096))
        except BlockingIOError:
            return found


def test_on_this_system_many_datagrams_go_in_one_call() -> None:
    sock, port = datagrams.open_socket("127.0.0.1", 0, 1 << 20)
    assert isinstance(port, BatchSocket)
    port.close()
    assert sock.fileno() == -1


@pytest.mark.parametrize("refused", ["SO_TIMESTAMPNS", "recvmmsg", "sendmmsg"])
def test_where_the_system_refuses_that_they_go_one_by_one(monkeypatch: pytest.MonkeyPatch, refused: str) -> None:
    """As a sandbox does (seccomp)."""

    def refuse(*given: object) -> int:
        ctypes.set_errno(errno.EPERM)
        return -1

    if refused == "SO_TIMESTAMPNS":
        monkeypatch.setattr(datagrams, "_SO_TIMESTAMPNS", 9999)
    else:
        monkeypatch.setattr(datagrams._LIBC, refused, refuse)
    _, port = datagrams.open_socket("127.0.0.1", 0, 1 << 20)
    assert isinstance(port, PlainSocket)
    port.close()


def test_what_comes_is_taken_whole_with_its_sender(port: tuple[Port, socket.socket], other: socket.socket) -> None:
    mine, sock = port
    assert taken(mine, 100.0) == []
    sent = [b"", b"\x80", bytes(range(256)) * 8, b"after"]
    for data in sent:
        other.sendto(data, sock.getsockname())
    assert len(sent[2]) == MAX_DATAGRAM
    found = taken(mine, 101.0)
    assert [data for data, _, _ in found] == sent
    assert {place for _, place, _ in found} == {other.getsockname()[:2]}
    assert taken(mine, 102.0) == []


def test_what_is_too_long_is_told_by_its_size(port: tuple[Port, socket.socket], other: socket.socket) -> None:
    mine, sock = port
    for size in (MAX_DATAGRAM + 1, 5000, 3):
        other.sendto(bytes(size), sock.getsockname())
    assert [size for _, size, _, _ in mine.receive(lambda: 1.0)] == [MAX_DATAGRAM + 1, MAX_DATAGRAM + 1, 3]


def test_of_many_a_batch_is_taken_and_then_the_others(port: tuple[Port, socket.socket], other: socket.socket) -> None:
    mine, sock = port
    for number in range(BATCH + 10):
        other.sendto(number.to_bytes(2, "big"), sock.getsockname())
    numbers = [int.from_bytes(data, "big") for data, _, _ in taken(mine, 1.0)]
    assert numbers == list(range(BATCH))
    numbers = [int.from_bytes(data, "big") for data, _, _ in taken(mine, 1.0)]
    assert numbers == list(range(BATCH, BATCH + 10))


def test_each_is_sent_to_its_own_address_in_order(
    port: tuple[Port, socket.socket], family: socket.AddressFamily
) -> None:
    mine, _ = port
    with bound(family) as one, bound(family) as two:
        for number in range(SENT_TOGETHER):
            assert not mine.full
            to = one if number % 3 else two
            mine.put(bytes([number]) * (number * 20 + 1), address_of(to.getsockname()))
        assert mine.full
        assert heard(one) == heard(two) == []
        assert mine.flush() == 0 and not mine.full
        sent = [bytes([n]) * (n * 20 + 1) for n in range(SENT_TOGETHER)]
        lists = [[data for n, data in enumerate(sent) if bool(n % 3) is first] for first in (True, False)]
        assert [heard(one), heard(two)] == lists
        assert mine.flush() == 0
        assert heard(one) == [], "once"


def test_an_address_that_the_network_refuses_costs_the_others_nothing(
    port: tuple[Port, socket.socket], family: socket.AddressFamily, other: socket.socket
) -> None:
    mine, _ = port
    nowhere = address_of((HOSTS[family], 0))
    for number, address in enumerate([nowhere, address_of(other.getsockname()), nowhere, nowhere] * 2):
        mine.put(bytes([number]), address)
    assert mine.flush() == 6
    assert heard(other) == [b"\x01", b"\x05"]


@pytest.fixture
def stamped(family: socket.AddressFamily) -> Iterator[tuple[BatchSocket, Callable[[], None]]]:
    """A socket, and what sends to it."""
    sock = bound(family)
    port = BatchSocket(sock)
    with bound(family) as other:
        yield port, lambda: other.sendto(b"x", sock.getsockname())
    port.close()


def while_the_wall_clock_runs(measured: Callable[[], None]) -> None:
    """What a test measures by the stamps of the kernel is measured again where somebody set the wall clock meanwhile,
    as a virtual machine's host does."""
    for _ in range(5):
        before = time.time() - time.monotonic()
        try:
            return measured()
        except AssertionError:
            if abs(time.time() - time.monotonic() - before) < 0.0005:
                raise
    pytest.fail("the wall clock was set each time")


def test_the_time_of_arrival_is_told_however_late_it_is_looked_at(
    stamped: tuple[BatchSocket, Callable[[], None]],
) -> None:
    port, send = stamped

    def measured() -> None:
        assert list(port.receive(time.monotonic)) == []
        began = time.monotonic()
        send()
        between = time.monotonic()
        time.sleep(GAP)
        send()
        ended = time.monotonic()
        time.sleep(GAP)
        first, second = [at for *_, at in port.receive(time.monotonic)]
        slack = 0.002  # the two clocks are read one after the other
        assert began - slack <= first <= between + slack
        assert between + GAP - slack <= second <= ended + slack

    while_the_wall_clock_runs(measured)


def test_a_process_that_is_put_aside_between_the_clocks_dates_nothing_by_that(
    stamped: tuple[BatchSocket, Callable[[], None]],
) -> None:
    port, send = stamped

    def measured() -> None:
        assert list(port.receive(time.monotonic)) == []
        began = time.monotonic()
        send()
        between = time.monotonic()
        time.sleep(GAP)
        read = 0

        def clock() -> float:
            nonlocal read
            read += 1
            if read <= 2:
                time.sleep(GAP / 2)
            return time.monotonic()

        (arrival,) = [at for *_, at in port.receive(clock)]
        assert read > 2
        assert began - 0.002 <= arrival <= between + 0.002

    while_the_wall_clock_runs(measured)


def test_of_more_than_a_batch_all_are_told_when_they_came(
    stamped: tuple[BatchSocket, Callable[[], None]],
) -> None:
    port, send = stamped

    def measured() -> None:
        assert list(port.receive(time.monotonic)) == []
        for _ in range(BATCH + 10):
            send()
        ended = time.monotonic()
        time.sleep(GAP)
        first = [at for *_, at in port.receive(time.monotonic)]
        second = [at for *_, at in port.receive(time.monotonic)]
        assert (len(first), len(second)) == (BATCH, 10)
        assert max(first + second) <= ended + 0.002

    while_the_wall_clock_runs(measured)


@pytest.mark.parametrize("step", [-3600.0, -0.1, 3600.0])
def test_what_came_before_the_wall_clock_was_set_is_dated_by_what_it_showed_then(
    stamped: tuple[BatchSocket, Callable[[], None]], monkeypatch: pytest.MonkeyPatch, step: float
) -> None:
    port, send = stamped

    def measured() -> None:
        assert list(port.receive(time.monotonic)) == []
        began = time.monotonic()
        for _ in range(BATCH + 10):
            send()
        ended = time.monotonic()
        with monkeypatch.context() as patch:
            real = time.time
            patch.setattr(datagrams.time, "time", lambda: real() + step)
            found = [at for _ in range(2) for *_, at in port.receive(time.monotonic)]
        assert len(found) == BATCH + 10
        assert began - 0.002 <= min(found) <= max(found) <= ended + 0.002

    while_the_wall_clock_runs(measured)


@pytest.mark.parametrize("step", [-3600.0, 3600.0])
def test_no_arrival_is_moved_out_of_the_time_since_the_last_look(
    stamped: tuple[BatchSocket, Callable[[], None]], monkeypatch: pytest.MonkeyPatch, step: float
) -> None:
    """Even where the wall clock is set once more before the next."""
    port, send = stamped
    real = time.time
    assert list(port.receive(lambda: 500.0)) == []
    send()
    monkeypatch.setattr(datagrams.time, "time", lambda: real() + step)
    assert len(list(port.receive(lambda: 500.02))) == 1
    send()
    monkeypatch.setattr(datagrams.time, "time", real)
    (arrival,) = [at for *_, at in port.receive(lambda: 500.04)]
    assert 500.02 <= arrival <= 500.04


def test_addresses_are_what_the_system_calls_them() -> None:
    for place in (("127.0.0.1", 9), ("10.1.2.3", 65535), ("::1", 80), ("2001:db8::7", 5000)):
        assert host_and_port(address_of(place)) == place
    assert address_of(("fe80::1%lo", 7, 0, 3)) != address_of(("fe80::1%lo", 7, 0, 4))
