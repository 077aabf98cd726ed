"""Where a server listens for picture and sound, and what it announces, by what the operator says."""

from __future__ import annotations

import pytest

from proctor import commands
from proctor.__main__ import _parser


@pytest.mark.parametrize(
    ("said", "media_host", "announced"),
    [
        ([], "127.0.0.1", ["127.0.0.1"]),
        (["--host", "::1"], "::1", ["::1"]),
        (["--announce", "::1"], "::1", ["::1"]),
        (["--announce", "::1", "--announce", "127.0.0.1"], "::", ["::1", "127.0.0.1"]),
        (["--host", "0.0.0.0"], "0.0.0.0", ["10.0.0.7"]),
        (["--host", "0.0.0.0", "--announce", "192.0.2.1"], "0.0.0.0", ["192.0.2.1"]),
        (["--host", "0.0.0.0", "--announce", "192.0.2.1", "--announce", "2001:db8::1"], "::",
         ["192.0.2.1", "2001:db8::1"]),
        (["--host", "::"], "::", ["10.0.0.7"]),
    ],
)  # fmt: skip
def test_picture_and_sound_are_taken_where_they_are_announced(
    monkeypatch: pytest.MonkeyPatch, said: list[str], media_host: str, announced: list[str]
) -> None:
    monkeypatch.setattr(commands, "_own_address", lambda: "10.0.0.7")
    ways = commands._ways_in(_parser().parse_args(["serve", *said]))
    assert (ways["media_host"], ways["announce"]) == (media_host, announced)
