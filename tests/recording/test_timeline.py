"""RTP time becomes server time through the sender's reports; sound and picture end on one line."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from proctor.recording.timeline import SLEW_SECONDS, Stream, Unwrapper, align

SENDER_CLOCK = 3_900_000_000.0  # NTP seconds when the server's monotonic clock shows 0


def stream(
    rate: int, base: int, path: float, seconds: float = 10, reports: int = 3, wrong: float = 0.0
) -> Stream:
    """Ten frames a second, captured from monotonic second 100, each `path` seconds under way."""
    at = [100 + index / 10 for index in range(int(seconds * 10))]
    return Stream(
        rate,
        [(base + round((one - 100) * rate), one + path) for one in at],
        [
            (round((SENDER_CLOCK + one + wrong) * 2**32), base + round((one - 100) * rate))
            for one in at[:reports]
        ],
    )


def captured(offset: float, rate: int, base: int) -> float:
    """Where the alignment puts what was captured at second 100."""
    return offset + base / rate


def test_reports_put_streams_of_different_paths_on_one_line() -> None:
    found = align({"video": stream(90_000, 7, 0.250), "audio": stream(48_000, 900_000, 0.040)})
    video = captured(found.offsets["video"], 90_000, 7)
    audio = captured(found.offsets["audio"], 48_000, 900_000)
    assert abs(video - audio) < 0.001
    assert audio == pytest.approx(100.040, abs=0.001)  # by the quicker path


def test_without_reports_each_stream_hangs_on_its_quickest_packet() -> None:
    found = align(
        {"video": stream(90_000, 7, 0.250, reports=0), "audio": stream(48_000, 9, 0.040, reports=0)}
    )
    assert found.transit is None
    assert captured(found.offsets["video"], 90_000, 7) == pytest.approx(100.250, abs=0.001)
    assert captured(found.offsets["audio"], 48_000, 9) == pytest.approx(100.040, abs=0.001)


@pytest.mark.parametrize("wrong", [-3600.0, 3.0, 86_400.0])
def test_reports_that_contradict_arrival_are_not_believed(wrong: float) -> None:
    found = align({"video": stream(90_000, 7, 0.030, wrong=wrong), "audio": stream(48_000, 9, 0.040)})
    assert found.transit is None
    assert captured(found.offsets["video"], 90_000, 7) == pytest.approx(100.030, abs=0.001)


def test_one_wild_report_among_many_changes_nothing() -> None:
    video = stream(90_000, 7, 0.1, reports=9)
    wild = Stream(video.rate, video.stamps, [*video.reports, (video.reports[0][0] + (50 << 32), 7)])
    found = align({"video": wild, "audio": stream(48_000, 9, 0.1)})
    assert captured(found.offsets["video"], 90_000, 7) == pytest.approx(100.1, abs=0.001)


@pytest.mark.parametrize(
    ("path", "moved"),
    [(0.050, 0.0), (0.055, 0.005), (0.250, SLEW_SECONDS), (0.010, -SLEW_SECONDS), (3.05, 3.0)],
)
def test_the_line_moves_slowly_from_segment_to_segment_unless_the_clock_was_set(
    path: float, moved: float
) -> None:
    before = align({"audio": stream(48_000, 9, 0.050)})
    after = align({"audio": stream(48_000, 9, path)}, before.transit)
    assert after.transit is not None and before.transit is not None
    assert after.transit - before.transit == pytest.approx(moved, abs=0.001)


def test_nothing_gives_nothing() -> None:
    assert align({"video": Stream(90_000, [], [(1, 1)])}).offsets == {}


@given(st.integers(0, 2**32 - 1), st.lists(st.integers(-(2**31) + 1, 2**31 - 1), max_size=30))
def test_unwrapped_timestamps_follow_the_real_ones_across_wraps(start: int, steps: list[int]) -> None:
    clock = Unwrapper(90_000)
    real, arrival = start, 0.0
    assert clock.extend(start, arrival) == (start, False)
    for step in steps:
        real += step
        arrival += step / 90_000
        assert clock.extend(real & 0xFFFFFFFF, arrival) == (real, False)


@pytest.mark.parametrize(
    ("seconds", "jumped"), [(0.0, False), (4.9, False), (5.1, True), (-5.1, True), (3600, True)]
)
def test_a_timestamp_that_runs_from_its_packet_by_five_seconds_has_jumped(
    seconds: float, jumped: bool
) -> None:
    clock = Unwrapper(48_000)
    clock.extend(1000, 20.0)
    assert clock.extend((1000 + round((1 + seconds) * 48_000)) & 0xFFFFFFFF, 21.0)[1] is jumped
