from hypothesis import given
from hypothesis import strategies as st

from proctor.media.rtp import Packet
from proctor.media.stream import Stream


def stream(kind: str = "video", asked: list | None = None) -> Stream:
    made = Stream(kind, "h", (asked if asked is not None else []).append, lambda: None, lambda: None)
    made.ssrc = 7
    return made


def packet(sequence: int, payload: bytes = b"x", timestamp: int = 0) -> Packet:
    return Packet(96, False, sequence & 0xFFFF, timestamp, 7, {}, payload)


def numbered(into: Stream, sequences: list[tuple[int, bytes]]) -> list[int]:
    out = []
    for sequence, payload in sequences:
        one = packet(sequence, payload)
        if into.receive(one, 0.0):
            out.append(one.index)
    return [index - out[0] for index in out]


def test_padding_leaves_no_hole_behind():
    assert numbered(stream(), [(1, b"a"), (2, b""), (3, b""), (4, b"b"), (5, b"c")]) == [0, 1, 2]


def test_a_lost_packet_leaves_its_hole():
    assert numbered(stream(), [(1, b"a"), (2, b""), (4, b"b")]) == [0, 2]


def test_a_late_packet_finds_its_own_number_around_the_padding():
    assert numbered(stream(), [(1, b"a"), (3, b"c"), (4, b""), (2, b"b"), (5, b"d")]) == [0, 2, 1, 3]


def test_numbers_run_on_through_the_wrap():
    assert numbered(stream(), [(65534, b"a"), (65535, b"b"), (0, b"c"), (1, b"d")]) == [0, 1, 2, 3]


@given(st.integers(0, 65535), st.lists(st.booleans(), max_size=400))
def test_whatever_is_padding_the_rest_is_numbered_without_holes(first, padding):
    sequences = [(first, b"x")] + [(first + 1 + at, b"" if pad else b"x") for at, pad in enumerate(padding)]
    indices = numbered(stream(), sequences)
    assert indices == list(range(len(indices)))


def test_loss_is_reported_for_the_interval():
    one = stream()
    for sequence in (1, 2, 4):
        one.receive(packet(sequence), 0.0)
    report = one.report(1.0)
    assert (report.fraction_lost, report.cumulative_lost) == (64, 1)
    for sequence in (5, 6):
        one.receive(packet(sequence), 1.0)
    report = one.report(2.0)
    assert (report.fraction_lost, report.cumulative_lost, report.highest & 0xFFFF) == (0, 1, 6)


def test_a_report_names_the_last_sender_report_and_its_age():
    one = stream()
    one.receive(packet(1), 0.0)
    one.sender_report(0x1234_5678_9ABC_DEF0, 0, 10.0, 0.0)
    report = one.report(10.5)
    assert (report.last_sr, report.delay) == (0x5678_9ABC, 32768)


def test_sender_reports_give_the_time_of_capture():
    one = stream()
    one.sender_report(1000 << 32, 90_000, 20.0, offset=-980.0)
    assert one.captured_at(90_000 + 45_000, 20.6) == 20.5
    assert one.captured_at(0, 19.1) == 19.0
    assert one.timestamp_at(20.5) == 90_000 + 45_000
    assert one.captured_at(90_000 + 90_000 * 3600, 20.0) == 20.0, "an absurd timestamp is not believed"


def test_keyframes_are_asked_for_twice_a_second_at_most_and_until_one_comes():
    asked: list[int] = []
    one = stream(asked=asked)
    one.receive(packet(1), 0.0)
    for step in range(100):  # everybody asks all the time, for one second
        one.request_keyframe(step / 100)
    assert asked == [7, 7]
    for step in range(100, 200):
        one.ask_if_due(step / 100)
    assert asked == [7, 7, 7, 7]
    one.awaits_keyframe = False
    one.ask_if_due(10.0)
    assert len(asked) == 4


def test_a_silent_layer_is_not_asked():
    asked: list[int] = []
    one = stream(asked=asked)
    one.receive(packet(1), 0.0)
    one.request_keyframe(5.0)
    assert asked == []
