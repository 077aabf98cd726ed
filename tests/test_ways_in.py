"""Where a server listens for picture and sound, and what it announces, by what the operator says."""

from __future__ import annotations

import asyncio
import json
import socket
import sys

import pytest

from proctor import commands
from proctor.__main__ import _parser, main
from tests.media.test_discovery import Server
from tests.support.command import started


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


async def test_the_public_address_is_found_and_announced_before_the_own() -> None:
    transport, server = await asyncio.get_running_loop().create_datagram_endpoint(
        Server, local_addr=("127.0.0.1", 0)
    )
    given = _parser().parse_args(
        ["serve", "--stun", f"127.0.0.1:{server.port}", "--announce", "192.0.2.1", "--announce", "203.0.113.7"]
    )
    config = commands._config(given, **commands._ways_in(given))
    assert (await commands._announcing_what_is_found(given, config)).announce == ["203.0.113.7", "192.0.2.1"]
    transport.close()


async def test_the_doctor_says_that_it_was_not_found(tmp_path) -> None:
    with socket.socket(type=socket.SOCK_DGRAM) as nobody:
        nobody.bind(("127.0.0.1", 0))
        asked = f"127.0.0.1:{nobody.getsockname()[1]}"
        places = ["--data", str(tmp_path / "data"), "--recordings", str(tmp_path / "recordings")]
        command = [sys.executable, "-m", "proctor", "doctor", "--json", "--stun", asked, *places]
        async with started(command) as doctor:
            assert await doctor.ended() == 1
            found = {check["name"]: check for check in json.loads(doctor.said)["checks"]}
    assert found["announced_address"]["level"] == "failure"
    assert found["announced_address"]["details"]["server"] == "127.0.0.1"


@pytest.mark.parametrize(
    ("said", "asked"),
    [
        ("stun.example", ("stun.example", 3478)),
        ("stun.example:19302", ("stun.example", 19302)),
        ("192.0.2.1:3479", ("192.0.2.1", 3479)),
        ("2001:db8::1", ("2001:db8::1", 3478)),
        ("[2001:db8::1]", ("2001:db8::1", 3478)),
    ],
)
def test_a_stun_server_is_named_with_its_port_or_without(said: str, asked: tuple[str, int]) -> None:
    assert _parser().parse_args(["serve", "--stun", said]).stun == asked


@pytest.mark.parametrize("said", [":3478", "stun.example:", "stun.example:99999", "stun.example:http", ""])
def test_what_names_no_stun_server_is_refused(said: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["serve", "--stun", said])
    assert "HOST[:PORT]" in capsys.readouterr().err
