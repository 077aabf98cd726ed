"""Sealed files hold what was written, in any range, and show every alteration."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from proctor.errors import ProctorError
from proctor.sealed import CHUNK_BYTES, FrameWriter, SealedFile, SealedWriter, read_frames
from tests.recording.support import KEY

CONTEXT = b"recording/room/anna/s1"


def sealed(path: Path, data: bytes, step: int = 10_000) -> None:
    with SealedWriter(path, KEY, CONTEXT) as writer:
        for at in range(0, len(data), step):
            writer.write(data[at : at + step])
        stored = writer.commit()
    assert (stored.size, stored.sha256) == (
        path.stat().st_size,
        hashlib.sha256(path.read_bytes()).hexdigest(),
    )


def pattern(size: int) -> bytes:
    return hashlib.shake_128(b"pattern").digest(size)


@pytest.mark.parametrize(
    "size", [0, 1, CHUNK_BYTES - 1, CHUNK_BYTES, CHUNK_BYTES + 1, 2 * CHUNK_BYTES, 3 * CHUNK_BYTES + 7]
)
def test_a_sealed_file_gives_back_what_was_written(tmp_path: Path, size: int) -> None:
    data = pattern(size)
    sealed(tmp_path / "f", data)
    with SealedFile(tmp_path / "f", KEY, CONTEXT) as file:
        assert file.size == size
        assert file.read() == data


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(start=st.integers(0, 3 * CHUNK_BYTES + 50), length=st.integers(0, 3 * CHUNK_BYTES))
def test_any_range_is_the_slice_of_the_whole(tmp_path: Path, start: int, length: int) -> None:
    data = pattern(2 * CHUNK_BYTES + 1234)
    if not (tmp_path / "f").exists():
        sealed(tmp_path / "f", data)
    with SealedFile(tmp_path / "f", KEY, CONTEXT) as file:
        assert file.read(start, start + length) == data[start : start + length]


@settings(max_examples=80, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(where=st.floats(0, 1, exclude_max=True), bit=st.integers(0, 7))
def test_every_flipped_bit_is_found(tmp_path: Path, where: float, bit: int) -> None:
    path = tmp_path / "f"
    sealed(path, pattern(CHUNK_BYTES + 500))
    altered = bytearray(path.read_bytes())
    altered[int(where * len(altered))] ^= 1 << bit
    path.write_bytes(altered)
    with pytest.raises(ProctorError) as found, SealedFile(path, KEY, CONTEXT) as file:
        file.read()
    assert found.value.code == "damaged"


@pytest.mark.parametrize("cut", [1, 17, 500 + 16, 500 + 17, CHUNK_BYTES])
def test_a_cut_tail_is_found_on_opening(tmp_path: Path, cut: int) -> None:
    path = tmp_path / "f"
    sealed(path, pattern(CHUNK_BYTES + 500))
    path.write_bytes(path.read_bytes()[:-cut])
    with pytest.raises(ProctorError, match="damaged"):
        SealedFile(path, KEY, CONTEXT)


def test_swapped_chunks_are_found(tmp_path: Path) -> None:
    path = tmp_path / "f"
    sealed(path, pattern(3 * CHUNK_BYTES))
    raw, size = path.read_bytes(), CHUNK_BYTES + 16
    path.write_bytes(raw[:24] + raw[24 + size : 24 + 2 * size] + raw[24 : 24 + size] + raw[24 + 2 * size :])
    with SealedFile(path, KEY, CONTEXT) as file, pytest.raises(ProctorError, match="damaged"):
        file.read(0, 10)


@pytest.mark.parametrize(("key", "context"), [(bytes(32), CONTEXT), (KEY, b"recording/room/binh/s1")])
def test_another_key_or_another_candidates_place_opens_nothing(
    tmp_path: Path, key: bytes, context: bytes
) -> None:
    sealed(tmp_path / "f", b"data")
    with pytest.raises(ProctorError, match="damaged"):
        SealedFile(tmp_path / "f", key, context)


def test_a_writer_left_without_commit_leaves_nothing(tmp_path: Path) -> None:
    with pytest.raises(RuntimeError), SealedWriter(tmp_path / "f", KEY, CONTEXT) as writer:
        writer.write(b"half")
        raise RuntimeError
    assert list(tmp_path.iterdir()) == []


# Frames


def framed(count: int = 5) -> tuple[list[bytes], list[bytes]]:
    """(payloads, pieces as they stand in the file: header, then frames)."""
    writer = FrameWriter(KEY, CONTEXT)
    payloads = [pattern(100 + index) for index in range(count)]
    return payloads, [writer.header, *(writer.seal(payload) for payload in payloads)]


def test_frames_come_back_in_order(tmp_path: Path) -> None:
    payloads, pieces = framed()
    (tmp_path / "f").write_bytes(b"".join(pieces))
    assert list(read_frames(tmp_path / "f", KEY, CONTEXT)) == payloads


def test_wherever_the_file_is_torn_every_whole_frame_before_is_read(tmp_path: Path) -> None:
    payloads, pieces = framed()
    whole = b"".join(pieces)
    for length in range(0, len(whole) + 1, 7):
        (tmp_path / "f").write_bytes(whole[:length])
        got = list(read_frames(tmp_path / "f", KEY, CONTEXT))
        complete = sum(sum(map(len, pieces[: n + 2])) <= length for n in range(len(payloads)))
        assert got == payloads[:complete]


def test_zeros_after_a_power_cut_are_a_torn_tail(tmp_path: Path) -> None:
    payloads, pieces = framed()
    (tmp_path / "f").write_bytes(b"".join(pieces) + bytes(5000))
    assert list(read_frames(tmp_path / "f", KEY, CONTEXT)) == payloads


@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(where=st.floats(0, 1, exclude_max=True), bit=st.integers(0, 7))
def test_every_flipped_bit_in_frames_is_found_and_what_came_before_is_kept(
    tmp_path: Path, where: float, bit: int
) -> None:
    payloads, pieces = framed()
    altered = bytearray(b"".join(pieces))
    altered[int(where * len(altered))] ^= 1 << bit
    (tmp_path / "f").write_bytes(altered)
    got = []
    with pytest.raises(ProctorError) as found:
        for payload in read_frames(tmp_path / "f", KEY, CONTEXT):
            got.append(payload)
    assert found.value.code == "damaged"
    assert got == payloads[: len(got)] and len(got) < len(payloads)


@pytest.mark.parametrize("order", [[0, 2, 1, 3, 4, 5], [0, 1, 3, 4, 5], [0, 1, 1, 2, 3, 4, 5]])
def test_reordered_missing_and_repeated_frames_are_found(tmp_path: Path, order: list[int]) -> None:
    _, pieces = framed()
    (tmp_path / "f").write_bytes(b"".join(pieces[index] for index in order))
    with pytest.raises(ProctorError, match="damaged"):
        list(read_frames(tmp_path / "f", KEY, CONTEXT))


def test_a_frame_of_another_file_is_found(tmp_path: Path) -> None:
    _, pieces = framed()
    _, others = framed()
    pieces[2] = others[2]
    (tmp_path / "f").write_bytes(b"".join(pieces))
    with pytest.raises(ProctorError, match="damaged"):
        list(read_frames(tmp_path / "f", KEY, CONTEXT))
