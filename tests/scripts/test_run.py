"""`scripts/run`: what a person sees who starts the demonstration, looks around, and presses Ctrl-C."""

from __future__ import annotations

import asyncio
import json
import os
import random
import re
import shutil
import socket
import sqlite3
import ssl
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from proctor.exam.permissions import Role
from proctor.lan import qr_code
from tests.scripts.demonstration import ROLES, RUN, demo, links, signed_in
from tests.support.command import TOP, Stopwatch, free_port, started
from tests.support.house import CHECKS


async def test_the_demonstration_offers_every_role_twelve_candidates_and_a_finished_exam(installed, places) -> None:
    async with demo(installed, places) as (command, url):
        tokens = await links(command)
        async with await signed_in(url, "training_office", tokens["training_office"]) as office:
            others = ROLES - {Role.TRAINING_OFFICE}
            pages = {role: await signed_in(url, role, tokens[role], office) for role in others}
            for role, page in pages.items():  # all sessions in one browser
                assert (await page.get("/api/me"))["role"] == role
            rooms = (await pages["inspector"].get("/api/me"))["rooms"]
            finished = next(room for room in rooms if room["phase"] == "ended")
            live = next(room for room in rooms if room["phase"] == "entry")

            recorded = (await pages["inspector"].get(f"/api/rooms/{finished['room']}/recordings"))["sittings"]
            assert len(recorded) == 3
            assert all(sitting["segments"] >= 3 for sitting in recorded)

            invigilator = pages["invigilator"]
            welcome = await invigilator.join(live["room"])
            assert welcome["room"]["phase"] == "entry"
            await invigilator.hear(
                "vitals",
                lambda vitals: sum(each["media"] == "connected" for each in vitals["candidates"].values()) == 12,
                seconds=90,
            )
            state = await invigilator.get(f"/api/rooms/{live['room']}/state")
            waiting = [known["candidate"] for known in state["sittings"] if known["state"] == "waiting"]
            assert len(waiting) == 12
            await invigilator.tell("admit", candidates=waiting, checks=CHECKS)
            await invigilator.hear("vitals", lambda vitals: vitals["recording"]["writing"] == 12, seconds=30)
            await invigilator.leave()
        command.interrupt()
        assert await command.ended() == 0
        assert "Traceback" not in command.said
        assert "Unclosed" not in command.said


async def test_ctrl_c_at_any_second_leaves_no_process_no_traceback_and_good_data(installed, places, tmp_path) -> None:
    moments = random.Random(20261122)
    for round_number in range(4):
        port = free_port()
        async with started([RUN, "--port", str(port), *places], installed) as command:
            await asyncio.sleep(moments.uniform(0.1, 3.5))
            command.interrupt()
            if round_number % 2:
                await asyncio.sleep(moments.uniform(0.0, 0.3))
                command.interrupt()
            try:
                code = await command.ended(seconds=6)
            except TimeoutError:  # it came while the interpreter starts; a person presses again
                command.interrupt()
                code = await command.ended(seconds=6)
            assert code in (0, -2, 130), command.said
            assert "Traceback" not in command.said
            assert "Unclosed" not in command.said
        assert not list(tmp_path.glob("*.making")), "an unfinished demonstration stayed behind"
    async with demo(installed, places) as (command, _):
        command.interrupt()
        assert await command.ended() == 0
    database = sqlite3.connect(tmp_path / "data/proctor.db", timeout=0)
    database.execute("BEGIN EXCLUSIVE")
    assert database.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    database.close()


IN_THE_WAY = [
    *((["serve", "--host", host], "TLS", "only speaks TLS")
      for host in ("0.0.0.0", "::", "192.0.2.7", "exam.example.org")),
    (["serve", "--host", "203.0.113.7", "--tls-cert", "none.crt"], "chứng thư", "certificate"),
    (["serve", "--port", "70000"], "cổng là một số", "a port is a number"),
    (["serve", "--data", "/dev/null/data"], "Không ghi được vào", "Cannot write to"),
    (["serve", "--recordings", "/dev/null/recordings"], "Không ghi được vào", "Cannot write to"),
    (["demo", "--data", "/dev/null/data"], "Không ghi được vào", "Cannot write to"),
    (["demo", "--recordings", "/dev/null/recordings"], "Không ghi được vào", "Cannot write to"),
    (["demo", "--lan", "--lan-address", "127.0.0.1", "--master-key", "/dev/null/master.key"],
     "Không ghi được vào", "Cannot write to"),
    (["serve", "--master-key", "/dev/null/master.key"], "Không ghi được vào", "Cannot write to"),
    *(([*command, "--data", "/dev/null/data", "--master-key", "/dev/null/data/master.key"],
       "phải nằm ngoài thư mục dữ liệu", "outside the data directory")
      for command in (["serve"], ["demo", "--lan", "--lan-address", "127.0.0.1"])),
    (["demo", "--lan", "--lan-address", "somewhere"], "Chưa đúng", "Not right"),
]  # fmt: skip
ONE_BY_ONE = """
import json, sys
from proctor.__main__ import main
for arguments in json.loads(sys.argv[1]):
    try:
        code = main(arguments)
    except SystemExit as left:
        code = left.code
    print(f"<ended {code}>", flush=True)
"""


async def test_what_is_in_the_way_is_said_in_one_sentence(places) -> None:
    """All in one process, since its start would be most of what each costs."""
    commands = [
        [command, "--port", str(free_port()), *places, *options] for (command, *options), _, _ in IN_THE_WAY
    ]
    async with started([sys.executable, "-c", ONE_BY_ONE, json.dumps(commands)]) as given:
        assert await given.ended(60) == 0
    said = re.findall(r"(.*?)<ended (\w+)>", given.said, re.DOTALL)
    assert len(said) == len(IN_THE_WAY), given.said
    for (arguments, vi, en), (sentences, code) in zip(IN_THE_WAY, said, strict=True):
        assert code == "2", (arguments, sentences)
        assert vi in sentences, (arguments, sentences)
        assert en in sentences, (arguments, sentences)
        assert "Traceback" not in sentences, (arguments, sentences)


@pytest.mark.skipif(
    subprocess.run(["unshare", "-n", "true"], check=False, capture_output=True).returncode != 0,
    reason="needs the right to make a machine without a network",
)
async def test_a_machine_without_a_network_is_told_so(places) -> None:
    async with started(["unshare", "-n", sys.executable, "-m", "proctor", "demo", "--lan", *places]) as command:
        assert await command.ended() == 2
        assert "This machine is on no network" in command.said


async def test_a_busy_port_is_said_and_nothing_is_made(installed, places, tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        async with started([RUN, "--port", str(port), *places], installed) as command:
            assert await command.ended() == 2
            assert f"Cổng TCP {port} đang được dùng" in command.said
            assert f"TCP port {port} is in use" in command.said
            assert "Traceback" not in command.said
    assert not (tmp_path / "data").exists()


async def test_two_servers_do_not_share_one_folder_of_data_and_a_killed_one_leaves_no_process(
    installed, places
) -> None:
    async with demo(installed, places) as (command, _):
        async with started([sys.executable, "-m", "proctor", "serve", "--port", str(free_port()), *places]) as second:
            assert await second.ended() == 2
            assert "Another server is running on the data" in second.said
        account = ["user", "add", "lan", "--full-name", "Lan", "--role", "invigilator", *places]
        async with started(["bash", "-c", 'echo "a long enough password" | "$@"', "-", sys.executable, "-m", "proctor",
                            *account]) as added:  # fmt: skip
            assert await added.ended() == 0, added.said  # accounts can be made beside a running server
            assert "lan: invigilator" in added.said
        await links(command)  # workers and synthetic candidates are there
        command.kill()
        await command.ended()


async def test_an_older_python_is_named(tmp_path: Path) -> None:
    old = tmp_path / "python3"
    old.write_text("#!/bin/sh\nexit 1\n")  # what a Python before 3.11 answers to the question for its version
    old.chmod(0o755)
    environment = {"PROCTOR_PYTHON": str(old), "PROCTOR_VENV": str(tmp_path / "venv")}
    async with started([RUN], environment) as command:
        assert await command.ended() == 2
        assert "Cần Python 3.11 trở lên" in command.said
        assert "Python 3.11 or newer is needed" in command.said


async def test_a_python_without_venv_is_named(tmp_path: Path) -> None:
    (tmp_path / "ensurepip.py").write_text("raise ImportError('not packaged with this Python')\n")
    environment = {
        "PROCTOR_PYTHON": sys.executable, "PROCTOR_VENV": str(tmp_path / "venv"), "PYTHONPATH": str(tmp_path),
    }  # fmt: skip
    async with started([RUN], environment) as command:
        assert await command.ended() == 2
        assert "thiếu mô-đun venv" in command.said
        assert "lacks the venv module" in command.said


async def test_a_repository_that_cannot_be_written_is_named() -> None:
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        top = Path(folder) / "proctor"
        (top / "scripts").mkdir(parents=True)
        for name in ("environment", "run"):
            shutil.copy(TOP / "scripts" / name, top / "scripts" / name)
        shutil.copy(TOP / "pyproject.toml", top)
        more = {"user": 65534, "group": 65534, "extra_groups": []} if os.getuid() == 0 else {}
        top.chmod(0o555)
        try:
            async with started([top / "scripts/run"], {"PATH": "/usr/bin:/bin"}, cwd=top, **more) as command:
                assert await command.ended() == 2
                assert f"Không ghi được vào {top}" in command.said
                assert f"Cannot write to {top}" in command.said
        finally:
            top.chmod(0o755)


async def test_the_local_network_is_served_over_https_by_an_authority_that_a_phone_can_install(
    installed, places, tmp_path: Path
) -> None:
    port = free_port()
    url = f"https://127.0.0.1:{port}"
    authority = tmp_path / "keys/ca.crt"
    arguments = [RUN, "--lan", "--lan-address", "127.0.0.1", "--port", str(port), *places]
    async with started(arguments, installed) as command:
        await command.says(re.escape(qr_code(url)))
        trusted = ssl.create_default_context(cafile=str(authority))
        await command.serves(url + "/", trusted=trusted)
        offered = await command.serves(url + "/ca.crt", trusted=trusted)
        assert offered == authority.read_bytes()
        tokens = await links(command)
        async with await signed_in(url, "invigilator", tokens["invigilator"], authority=str(authority)) as page:
            cookies = {cookie.key: cookie for cookie in page.http.cookie_jar}
            assert cookies["proctor_invigilator"]["secure"]
            room = next(room for room in (await page.get("/api/me"))["rooms"] if room["phase"] == "entry")
            joined = await page.post(f"/api/rooms/{room['room']}/join")
            assert joined["room_url"] == url
            assert joined["media"]["host"] == "127.0.0.1"
            await page.join(room["room"])
            await page.hear(  # the synthetic candidates come over HTTPS too
                "vitals", lambda vitals: any(each["media"] == "connected" for each in vitals["candidates"].values()),
                seconds=30,
            )  # fmt: skip
        command.interrupt()
        assert await command.ended() == 0
        assert "Traceback" not in command.said


@pytest.mark.long
async def test_a_bare_clone_installs_itself_and_serves(places, tmp_path: Path) -> None:
    top = tmp_path / "clone"
    shutil.copytree(TOP, top, ignore=shutil.ignore_patterns(".git", ".venv", ".proctor", "recordings", "*.egg-info"))
    port = free_port()
    watch = Stopwatch()
    async with started([top / "scripts/run", "--port", str(port), *places], cwd=top) as command:
        await command.serves(f"http://localhost:{port}/", seconds=300)
        print(f"first start: {watch.seconds:.1f} s")
        command.interrupt()
        assert await command.ended() == 0
        assert (top / ".venv/.installed").exists()
