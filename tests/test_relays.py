"""Where the operator has a TURN server, pages are told how to reach it."""

from __future__ import annotations

import argparse
from datetime import timedelta
from pathlib import Path

import pytest

from proctor import commands
from proctor.__main__ import _parser, main
from proctor.errors import ProctorError
from proctor.media.turn import GOOD_FOR, password
from proctor.practice import LASTS
from proctor.rehearsal.page import Page, code
from tests.support.clock import SteppedClock
from tests.support.house import Server, candidate_page, invigilator_page, plan_exam, running

TURN = ["turn:exam.example:3478", "turns:exam.example:5349?transport=tcp"]


async def test_who_sends_or_sees_pictures_is_told_of_the_relays_and_nobody_else(
    tmp_path: Path, clock: SteppedClock
) -> None:
    async with running(tmp_path, clock, turn=TURN, turn_secret="shared") as server:
        exam = await plan_exam(server)
        clock.jump_to(exam.starts_at - timedelta(minutes=20))
        ends = int((clock.now() + GOOD_FOR).timestamp())
        async with await invigilator_page(server) as invigilator, await candidate_page(server, exam, "001") as page:
            for who in (invigilator, page):
                await who.join(exam.room)
                (told,) = (await who.tell("ice_servers"))["ice_servers"]
                assert told["urls"] == TURN
                assert told["username"].startswith(f"{ends}:")
                assert told["credential"] == password("shared", told["username"])
            assert told["username"] == f"{ends}:{exam.candidates['001']}"

            clock.advance(hours=1)  # each connection has the whole time before it
            (later,) = (await page.tell("ice_servers"))["ice_servers"]
            assert later["username"].startswith(f"{ends + 3600}:")
        async with Page(server.url, "") as stranger:
            (told,) = (await stranger.post("/api/practice"))["ice_servers"]
            ends = int((clock.now() + LASTS).timestamp())
            assert told["username"].startswith(f"{ends}:practice-"), "a quota for each"


async def test_without_one_they_are_told_of_none(server: Server, clock: SteppedClock) -> None:
    exam = await plan_exam(server)
    clock.jump_to(exam.starts_at - timedelta(minutes=20))
    async with await invigilator_page(server) as invigilator:
        await invigilator.join(exam.room)
        assert await invigilator.tell("ice_servers") == {"ice_servers": []}
        assert code(await invigilator.tell("ice_servers", of="c_1")) == "bad_request"


def arguments(*more: str) -> argparse.Namespace:
    return _parser().parse_args(["serve", *more])


def test_the_secret_is_read_from_a_file_and_missed_when_it_is_not_there(tmp_path: Path) -> None:
    secret = tmp_path / "turn.secret"
    secret.write_text("shared\n")
    given = arguments("--turn", TURN[0], "--turn", TURN[1], "--turn-secret", str(secret))
    config = commands._config(given, **commands._ways_in(given))
    assert (config.turn, config.turn_secret) == (TURN, "shared")
    assert "shared" not in repr(config)
    secret.write_text("\n")
    for more in (["--turn-secret", str(secret)], ["--turn-secret", str(tmp_path / "none")], []):
        with pytest.raises(ProctorError, match="no_turn_secret"):
            commands._ways_in(arguments("--turn", TURN[0], *more))
    assert commands._ways_in(arguments())["turn_secret"] == ""


def test_an_address_that_is_none_of_a_turn_server_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as refused:
        main(["serve", "--turn", "exam.example:3478"])
    assert refused.value.code == 2
    assert "turns:host:5349?transport=tcp" in capsys.readouterr().err
