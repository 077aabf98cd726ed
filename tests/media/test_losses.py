"""What is missing of a picture: when it is asked for again, what comes of it, and what that costs nobody else."""

from __future__ import annotations

from typing import Any

import pytest

from proctor.media import rtcp
from proctor.media.losses import ASKED_AFTER, GIVEN_UP_AFTER, MOST, Losses
from proctor.media.rtp import Packet
from proctor.media.stream import Stream
from tests.media.support import RecordingSink, until


def asked(losses: Losses, until_: float, step: float = 0.02) -> list[tuple[float, list[int]]]:
    """When which numbers are asked about, looked at every `step` seconds from 0 on."""
    found = []
    for look in range(round(until_ / step) + 1):
        numbers, _ = losses.due(look * step)
        if numbers:
            found.append((round(look * step, 2), numbers))
    return found


def test_a_hole_is_asked_about_at_once_and_at_growing_intervals_and_then_given_up() -> None:
    losses = Losses()
    assert losses.found(5, 7, 0.0)
    assert asked(losses, GIVEN_UP_AFTER - 0.02) == [(round(after, 2), [5, 6]) for after in ASKED_AFTER]
    assert len(losses) == 2 and losses.given_up == 0
    assert losses.due(GIVEN_UP_AFTER) == ([], True)
    assert (len(losses), losses.given_up, losses.due(100.0)) == (0, 2, ([], False))


def test_what_came_is_asked_about_no_more() -> None:
    losses = Losses()
    losses.found(5, 8, 0.0)
    assert losses.due(0.01) == ([], False), "packets may have overtaken one another"
    assert losses.due(0.02) == ([5, 6, 7], False)
    assert losses.came(6) and not losses.came(6) and not losses.came(9)
    assert losses.due(0.1) == ([5, 7], False)
    assert losses.came(5) and losses.came(7)
    assert (losses.recovered, len(losses), losses.due(5.0)) == (3, 0, ([], False))


def test_a_hole_found_later_has_its_own_times() -> None:
    losses = Losses()
    losses.found(5, 6, 0.0)
    assert losses.due(0.02) == ([5], False)
    losses.found(9, 10, 0.06)
    assert losses.due(0.08) == ([9], False)
    assert losses.due(0.1) == ([5], False)
    assert losses.due(0.16) == ([9], False)
    assert losses.came(9)
    losses.found(11, 12, 1.48)
    assert losses.due(1.5) == ([11], True), "and 5 is given up"


def test_what_is_awaited_is_bounded_and_a_long_hole_is_not_asked_about() -> None:
    losses = Losses()
    assert losses.found(0, MOST, 0.0)
    assert not losses.found(1000, 1001, 0.0)
    assert (len(losses), losses.given_up, losses.due(0.0)) == (0, MOST + 1, ([], False))
    assert losses.found(1002, 1003, 0.0)


@pytest.mark.parametrize("numbers", [[1], [65534, 65535, 0, 1], list(range(40)), [3, 20, 21, 37, 38]])
def test_a_message_names_all_that_are_asked_for(numbers: list[int]) -> None:
    (message,) = rtcp.parse(rtcp.nack(1, 7, numbers)) or []
    assert isinstance(message, rtcp.Nack)
    assert (message.media_ssrc, list(message.sequences)) == (7, numbers)


def test_a_message_names_seventeen_in_four_bytes() -> None:
    assert len(rtcp.nack(1, 7, range(17))) == 16 and len(rtcp.nack(1, 7, range(18))) == 20


@pytest.mark.parametrize("simulcast", [True, False])
async def test_what_the_network_loses_comes_again_for_who_watches_and_for_the_recording(
    people: Any, server: Any, simulcast: bool
) -> None:
    sink = RecordingSink()
    publisher = await people.publisher("c0", sink=sink, simulcast=simulcast)
    viewer, subscription = await people.viewer(1)
    people.room.show(subscription.id, {"t0": "c0"}, "c0")
    seen = [slot for slot in viewer.slots.values() if slot.kind == "video"]
    await until(lambda: all(slot.packets for slot in seen))
    publisher.loses_every = 7
    await until(lambda: server.counters.get("rtx_repaired", 0) >= 20)
    publisher.loses_every = 0
    await until(lambda: not any(stream.losses for stream in people.room._publishers["c0"].streams.values()))
    layers = {layer for kind, layer, *_ in sink.packets if kind == "video"}
    assert layers == ({"h", "l"} if simulcast else {"h"})
    for layer in layers:
        numbers = [number for _, one, number, *_ in sink.packets if one == layer]
        unwrapped = {number if number >= numbers[0] else number + 65536 for number in numbers}
        assert len(unwrapped) == len(numbers), "none twice"
        assert unwrapped == set(range(min(unwrapped), max(unwrapped) + 1)), "none missing"
    await until(lambda: all(slot.holes == slot.late for slot in seen))  # each hole is filled
    assert sum(slot.late for slot in seen) >= 3
    assert publisher.sent_again >= server.counters["rtx_repaired"]
    assert people.room.health()["c0"]["loss"] > 0.05, "told as the network was"


async def test_a_probe_that_repeats_what_came_is_dropped(people: Any, server: Any) -> None:
    sink = RecordingSink()
    publisher = await people.publisher("c0", sink=sink)
    await until(lambda: publisher.packets_sent()["h"] > 40)
    track = next(track for track in publisher._tracks if track.name == "h")
    for back in range(1, 21):
        publisher._send_again(track, (track.sequence - back) & 0xFFFF)
    sent = publisher.packets_sent()["h"]
    await until(lambda: sum(layer == "h" for _, layer, *_ in sink.packets) > sent + 10)
    numbers = [number for _, layer, number, *_ in sink.packets if layer == "h"]
    assert publisher.sent_again == 20 and len(set(numbers)) == len(numbers)
    assert server.counters.get("rtx_repaired", 0) == 0


async def test_where_nothing_comes_again_a_keyframe_is_asked_for(people: Any, server: Any) -> None:
    publisher = await people.publisher("c0", simulcast=False, sink=RecordingSink())
    await until(lambda: publisher.packets_sent()["h"] > 10)
    publisher._tracks[-1].kept = [None] * 256
    publisher._tracks[-1].sequence += 3
    before = publisher.keyframe_requests
    await until(lambda: publisher.keyframe_requests > before)
    assert server.counters["nack_sent"] == 3 * len(ASKED_AFTER)


def test_of_a_hole_that_was_found_late_one_request_stands_for_those_that_are_past() -> None:
    losses = Losses()
    losses.found(5, 6, 0.0)  # opened with others, 0.35 s after it came
    assert losses.due(0.35) == ([5], False)
    assert losses.due(0.69) == ([], False)
    assert losses.due(0.7) == ([5], False)


def hole(stream: Any, after: float) -> list[int]:
    """A hole of two packets that shows `after` so many seconds; what is missing then."""
    for sequence, arrival in ((10, 50.0), (13, 50.0 + after)):
        stream.receive(Packet(96, True, sequence, 0, 7, b"", b"x"), arrival)
    return stream.losses.due(50.0 + after + ASKED_AFTER[0])[0]


def test_what_the_sender_cannot_have_any_more_is_not_asked_for_but_a_keyframe() -> None:
    for after, missing, keyframes in ((0.5, [0x1000B, 0x1000C], 0), (1.5, [], 1)):
        requests: list[int] = []
        stream = Stream("video", "h", requests.append, lambda: None, lambda: None)
        stream.ssrc = 7
        assert (hole(stream, after)[: len(missing)], len(requests)) == (missing, keyframes)
    requests = []
    stream = Stream("video", "h", requests.append, lambda: None, lambda: None)
    stream.ssrc = 7
    for sequence in (10, 10 + MOST + 2):
        stream.receive(Packet(96, True, sequence, 0, 7, b"", b"x"), 50.0)
    assert (len(stream.losses), len(requests)) == (0, 1)


async def test_a_layer_that_nobody_takes_is_not_asked_for(people: Any, server: Any) -> None:
    publisher = await people.publisher("c0", sink=RecordingSink())
    _, subscription = await people.viewer(1)
    room = people.room._publishers["c0"]
    await until(lambda: publisher.packets_sent()["l"] > 20 and room.streams["h"].live(server._clock.monotonic()))
    small = next(track for track in publisher._tracks if track.name == "l")
    small.sequence += 3
    sent = publisher.packets_sent()["l"]
    await until(lambda: publisher.packets_sent()["l"] > sent + 4)
    people.room.open_deferred("c0")
    await until(lambda: room.streams["l"].losses.given_up == 3)
    assert server.counters.get("nack_sent", 0) == 0
    people.room.show(subscription.id, {"t0": "c0"}, None)
    await until(lambda: room.streams["l"].slots)
    small.sequence += 3
    await until(lambda: server.counters.get("nack_sent", 0) >= 3)


async def test_a_fault_in_what_is_due_after_a_look_leaves_the_port_open(
    people: Any, server: Any, caplog: pytest.LogCaptureFixture
) -> None:
    def faulty(now: float) -> None:
        raise RuntimeError("a fault of ours")

    publisher = await people.publisher("c0", sink=RecordingSink())
    server._mux.afterwards.add(faulty)
    await until(lambda: server.counters.get("failed") == 1)
    packets = people.room.health()["c0"]["packets"]
    await until(lambda: people.room.health()["c0"]["packets"] > packets + 20)
    assert publisher.sent and "what was due after a look failed" in caplog.text
