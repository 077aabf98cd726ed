"""What is sealed as one message, as papers and further files are: opened piece by piece, or not at all."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path

import pytest

from proctor.errors import ProctorError
from proctor.keys import NONCE_BYTES, PIECE_BYTES, TAG_BYTES, open_sealed, seal_into, unseal

KEY = b"k" * 32


def sealed(path: Path, size: int) -> bytes:
    content = hashlib.shake_128(b"paper").digest(size)
    with path.open("wb") as file:
        seal_into(file, KEY, content, "paper e_1")
    return content


@pytest.mark.parametrize("size", [0, 1, PIECE_BYTES - 1, PIECE_BYTES, PIECE_BYTES + 1, 3 * PIECE_BYTES + 7])
def test_a_large_file_is_opened_to_what_was_sealed(tmp_path: Path, size: int) -> None:
    content = sealed(tmp_path / "f", size)
    assert open_sealed(tmp_path / "f", KEY, "paper e_1") == content
    assert unseal(KEY, (tmp_path / "f").read_bytes(), "paper e_1") == content


def flipped(at: int) -> Callable[[bytes], bytes]:
    def spoil(stored: bytes) -> bytes:
        changed = bytearray(stored)
        changed[at] ^= 1
        return bytes(changed)

    return spoil


@pytest.mark.parametrize("spoil", [
    flipped(0),
    flipped(NONCE_BYTES),
    flipped(NONCE_BYTES + PIECE_BYTES),
    flipped(-TAG_BYTES - 1),
    flipped(-1),
    lambda stored: stored[:-1],
    lambda stored: stored[: NONCE_BYTES + TAG_BYTES],
    lambda stored: stored[: NONCE_BYTES + TAG_BYTES - 1],
    lambda stored: b"",
    lambda stored: stored + b"x",
])  # fmt: skip
def test_a_large_file_that_is_not_what_was_sealed_is_damaged(tmp_path: Path, spoil: Callable[[bytes], bytes]) -> None:
    sealed(tmp_path / "f", 2 * PIECE_BYTES)
    (tmp_path / "f").write_bytes(spoil((tmp_path / "f").read_bytes()))
    with pytest.raises(ProctorError, match="damaged"):
        open_sealed(tmp_path / "f", KEY, "paper e_1")


@pytest.mark.parametrize(("key", "bound_to"), [(b"o" * 32, "paper e_1"), (KEY, "paper e_2")])
def test_another_key_or_place_opens_nothing(tmp_path: Path, key: bytes, bound_to: str) -> None:
    sealed(tmp_path / "f", 100)
    with pytest.raises(ProctorError, match="damaged"):
        open_sealed(tmp_path / "f", key, bound_to)
