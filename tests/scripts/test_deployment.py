"""What an operator installs: systemd unit and compose file say what they should, by the tools that read them."""

from __future__ import annotations

import os
import re
import shutil
import ssl
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import aiohttp
import pytest
import yaml

from proctor.__main__ import _parser
from proctor.lan import context as local_tls
from proctor.rehearsal.client import SyntheticPublisher
from proctor.rehearsal.page import Page
from proctor.server import STOP_SECONDS
from tests.support.command import TOP, free_port, started
from tests.support.house import PASSWORD, plan_exam_as, reach_lobby

UNIT = TOP / "scripts/proctor.service"
COMPOSE = TOP / "docker-compose.yml"
TURN = TOP / "scripts/turnserver.conf"
SETTINGS = {
    "PROCTOR_ADDRESS": "192.0.2.1", "PROCTOR_KEYS": "/srv/keys", "PROCTOR_TLS": "/srv/tls",
    "PROCTOR_NAME": "exam.example", "PROCTOR_TURN": "/srv/turn",
}  # fmt: skip


def needs(program: str) -> pytest.MarkDecorator:
    return pytest.mark.skipif(shutil.which(program) is None, reason=f"there is no {program} here")


def service() -> dict[str, list[str]]:
    """The settings of the unit's service, each with all its values."""
    text = UNIT.read_text().replace("\\\n", " ")
    found: dict[str, list[str]] = {}
    for name, value in re.findall(r"^(\w+)=(.*)$", text, re.MULTILINE):
        found.setdefault(name, []).append(re.sub(r" +", " ", value))
    return found


def served(command: str) -> Any:
    """The arguments that a command line gives to `proctor serve`."""
    words = command.split()
    return _parser().parse_args(words[words.index("serve") :])


@needs("systemd-analyze")
def test_systemd_finds_nothing_wrong_with_the_unit_and_little_exposed(tmp_path: Path) -> None:
    here = tmp_path / "proctor.service"
    program = tmp_path / "proctor"
    program.write_text("#!/bin/sh\n")
    program.chmod(0o755)
    here.write_text(UNIT.read_text().replace("/opt/proctor/.venv/bin/proctor", str(program)))
    verified = subprocess.run(["systemd-analyze", "verify", here], check=False, capture_output=True, text=True)
    assert (verified.returncode, verified.stdout + verified.stderr) == (0, "")
    here.write_text(here.read_text().replace("KillMode=mixed", "KillMode=mixde"))
    verified = subprocess.run(["systemd-analyze", "verify", here], check=False, capture_output=True, text=True)
    assert "mixde" in verified.stdout + verified.stderr, "verify would not have told"
    judged = ["systemd-analyze", "security", "--offline=yes", "--threshold=25", UNIT]
    assert subprocess.run(judged, check=False, capture_output=True).returncode == 0  # 2.5 of 10


def test_the_unit_is_hardened_and_stops_as_the_server_does() -> None:
    unit = service()
    for name, value in {
        "NoNewPrivileges": "yes", "ProtectSystem": "strict", "Restart": "on-failure", "KillSignal": "SIGTERM",
        "KillMode": "mixed", "User": "proctor", "UMask": "0077",
    }.items():  # fmt: skip
        assert unit[name] == [value], name
    assert int(unit["TimeoutStopSec"][0]) > STOP_SECONDS + 5
    assert int(unit["LimitNOFILE"][0]) >= 4096
    (command,) = unit["ExecStart"]
    given = served(command)
    writable = [Path(path) for path in unit["ReadWritePaths"][0].split()]
    for path in (given.data, given.recordings, given.master_key):
        assert any(path.is_relative_to(folder) for folder in writable), path
    assert not given.master_key.is_relative_to(given.data)
    assert given.media_port, "a firewall needs to know the port"
    assert given.media_port != given.port, "both are TCP ports too"
    assert given.port >= 1024 or "CAP_NET_BIND_SERVICE" in unit["AmbientCapabilities"]
    handed = {value.split(":")[0] for value in unit["LoadCredential"]}
    assert {given.tls_cert.name, given.tls_key.name} == handed


def test_the_compose_file_starts_a_server_that_can_be_reached() -> None:
    compose = yaml.safe_load(COMPOSE.read_text())
    assert set(compose) == {"services", "volumes"}
    assert set(compose["services"]) == {"proctor", "coturn"}, "only what there is today"
    proctor = compose["services"]["proctor"]
    given = served(filled_in(proctor["command"]).rstrip('"'))
    assert f"443:{given.port}" in proctor["ports"]
    for way in ("udp", "tcp"):  # browsers are told the port that is bound
        assert f"{given.media_port}:{given.media_port}/{way}" in proctor["ports"]
    assert given.announce == [SETTINGS["PROCTOR_ADDRESS"]]
    mounted = dict(volume.rsplit(":ro", 1)[0].rsplit(":", 1)[::-1] for volume in proctor["volumes"])
    assert mounted[str(given.data)] == "data"
    assert mounted[str(given.recordings)] == "recordings"
    assert str(given.master_key.parent) in mounted
    assert str(given.tls_cert.parent) in mounted
    assert set(compose["volumes"]) == {"data", "recordings"}
    assert int(proctor["stop_grace_period"].rstrip("s")) > STOP_SECONDS + 5
    assert proctor["ulimits"]["nofile"] >= 4096


def filled_in(text: str) -> str:
    """What Compose makes of it with `SETTINGS`."""
    return re.sub(r"\$\{(\w+)(:\?[^}]*)?\}", lambda found: SETTINGS[found[1]], text).replace("$$", "$")


def test_the_compose_file_starts_a_relay_that_pages_are_told_of_and_that_reaches_the_server_alone() -> None:
    services = yaml.safe_load(filled_in(COMPOSE.read_text()))["services"]
    coturn, given = services["coturn"], served(services["proctor"]["command"].rstrip('"'))
    shipped = dict(line.partition("=")[::2] for line in TURN.read_text().splitlines() if not line.startswith("#"))
    plain, tls = shipped["listening-port"], shipped["tls-listening-port"]
    name = SETTINGS["PROCTOR_NAME"]
    assert set(given.turn) == {
        f"turn:{name}:{plain}", f"turn:{name}:{plain}?transport=tcp", f"turns:{name}:{tls}?transport=tcp",
    }  # fmt: skip
    assert "use-auth-secret" in shipped and "denied-peer-ip" in shipped
    assert [word for word in coturn["command"].split() if word.startswith("--allowed-peer-ip")] == [
        f"--allowed-peer-ip={address}" for address in given.announce
    ]
    inside = {volume.split(":")[1]: volume.split(":")[0] for volume in coturn["volumes"]}
    ours = {volume.split(":")[1]: volume.split(":")[0] for volume in services["proctor"]["volumes"]}
    assert (TOP / inside["/srv/turnserver.conf"]).resolve() == TURN
    assert inside[str(given.turn_secret.parent)] == ours[str(given.turn_secret.parent)]
    assert str(given.turn_secret) in coturn["command"]
    assert str(given.master_key.parent) not in inside, "it never sees the keys"


async def test_a_server_with_a_certificate_from_outside_takes_pages_and_their_sockets(
    tmp_path: Path, places: list[str]
) -> None:
    _, authority = local_tls(tmp_path / "tls", "127.0.0.1")
    port = free_port()
    proctor = [sys.executable, "-m", "proctor"]
    account = ["user", "add", "office", "--full-name", "Phòng Đào tạo", "--role", "training_office", *places]
    async with started(["bash", "-c", 'echo "$0" | "$@"', PASSWORD, *proctor, *account]) as added:
        assert await added.ended() == 0, added.said
    certificate = [
        "--tls-cert", str(tmp_path / "tls/lan-127.0.0.1.crt"), "--tls-key", str(tmp_path / "tls/lan-127.0.0.1.key")
    ]  # fmt: skip
    serving = [*proctor, "serve", "--host", "0.0.0.0", "--announce", "127.0.0.1", "--port", str(port), *places]
    async with started([*serving, *certificate]) as server:
        url = f"https://localhost:{port}"
        await server.serves(f"{url}/api/time", trusted=ssl.create_default_context(cafile=str(authority)))
        office = Page(url, "training_office", str(authority))
        assert "error" not in await office.sign_in("office", PASSWORD)
        exam = await plan_exam_as(office, starts_at=datetime.now(UTC) + timedelta(minutes=10))
        async with (
            Page(url, "invigilator", str(authority)) as invigilator,
            Page(url, "candidate", str(authority)) as candidate,
        ):
            assert "error" not in await invigilator.sign_in("invigilator", PASSWORD)
            await invigilator.join(exam.room)
            await candidate.post("/api/sign-in/candidate", {"number": "001", "code": exam.codes["001"]})
            await reach_lobby(candidate, exam.room)
            publisher = SyntheticPublisher(0)
            answer = await candidate.tell("publish", epoch=candidate.epoch, sdp=publisher.offer())
            await publisher.accept(answer["sdp"])
            publisher.start()
            mine = exam.candidates["001"]
            await invigilator.hear(
                "vitals", lambda vitals: vitals["candidates"][mine]["media"] == "connected", seconds=20
            )
            await publisher.stop()
        async with aiohttp.ClientSession() as http:
            with pytest.raises(aiohttp.ClientError):  # nothing is answered in the clear
                await http.get(f"http://localhost:{port}/api/time")
        server.terminate()
        assert await server.ended() == 0
        assert "Traceback" not in server.said


@needs("docker-compose")
def test_compose_itself_takes_the_file_and_names_a_setting_that_is_missing() -> None:
    read = ["docker-compose", "-f", COMPOSE, "config"]
    taken = subprocess.run(read, env={**os.environ, **SETTINGS}, check=False, capture_output=True, text=True)
    assert taken.returncode == 0, taken.stderr
    assert yaml.safe_load(taken.stdout)["services"]["proctor"]["ports"]
    for name, words in re.findall(r"\$\{(\w+):\?([^}]*)\}", COMPOSE.read_text()):
        rest = {other: value for other, value in SETTINGS.items() if other != name}
        refused = subprocess.run(read, env={**os.environ, **rest}, check=False, capture_output=True, text=True)
        assert refused.returncode == 1
        assert words in refused.stderr
