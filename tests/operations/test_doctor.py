"""`proctor doctor`: what it says of a sound installation, of each thing that is wrong, and beside a running server."""

from __future__ import annotations

import contextlib
import ctypes
import json
import os
import resource
import shutil
import socket
import sqlite3
import ssl
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from proctor.app import opened_store, owned
from proctor.config import Config
from proctor.lan import context as local_tls
from proctor.ledger import chain, tables
from proctor.media.mux import WANTED_BUFFER
from proctor.operations import machine, network, records
from proctor.operations.certificate import certificate
from proctor.operations.finding import Finding, Level
from proctor.operations.own_server import OwnServer, running_server
from proctor.operations.storage import disk
from proctor.rehearsal.page import Page
from proctor.store.engine import sync_engine
from tests.support.clock import SteppedClock
from tests.support.command import free_port, started
from tests.support.house import PASSWORD, config_in, plan_exam, running

NOW = datetime(2026, 11, 24, tzinfo=UTC)
OK, WARNING, FAILURE = Level
NAMES = {
    "libraries", "clock", "open_files", "http_port", "media_port", "media_port_tcp", "announced_address",
    "receive_buffer", "tls_certificate", "disk", "database", "master_key", "event_logs",
}  # fmt: skip


async def doctor(*arguments: str) -> tuple[int, str]:
    async with started([sys.executable, "-m", "proctor", "doctor", *arguments]) as command:
        return await command.ended(), command.said


def places(config: Config) -> list[str]:
    return ["--data", str(config.data), "--recordings", str(config.recordings), "--master-key", str(config.master_key)]


def complete(finding: Finding) -> Finding:
    """Every finding speaks both languages, and what is not well says what to do."""
    assert finding.vi
    assert finding.en
    assert finding.vi != finding.en
    assert bool(finding.do_vi) == bool(finding.do_en) == (finding.level is not OK)
    return finding


# -- the command ------------------------------------------------------------------------------------------------------


async def test_before_the_first_start_it_finds_nothing_wrong_and_makes_nothing(tmp_path: Path) -> None:
    config = config_in(tmp_path)
    code, said = await doctor("--port", str(free_port()), "--json", *places(config))
    document = json.loads(said)
    assert {check["name"] for check in document["checks"]} == NAMES
    assert code == 0, [check for check in document["checks"] if check["level"] == "failure"]
    assert document["server_running"] is False
    assert not list(tmp_path.iterdir())


async def test_beside_a_running_server_its_own_ports_are_well(tmp_path: Path) -> None:
    """And that server speaks TLS with a certificate from outside, to pages as browsers open them."""
    config = config_in(tmp_path)
    _, authority = local_tls(tmp_path / "tls", "127.0.0.1")
    port, media = free_port(), free_port()
    serving = [
        "--port", str(port), "--media-port", str(media), *places(config),
        "--tls-cert", str(tmp_path / "tls/lan-127.0.0.1.crt"), "--tls-key", str(tmp_path / "tls/lan-127.0.0.1.key"),
    ]  # fmt: skip
    account = ["user", "add", "coithi", "--full-name", "Cán bộ", "--role", "invigilator", *places(config)]
    add = ["bash", "-c", 'echo "$0" | "$@"', PASSWORD, sys.executable, "-m", "proctor", *account]
    async with started(add) as added:
        assert await added.ended() == 0, added.said
    async with started([sys.executable, "-m", "proctor", "serve", *serving]) as server:
        trusted = ssl.create_default_context(cafile=str(authority))
        await server.serves(f"https://localhost:{port}/api/time", trusted=trusted)
        async with Page(f"https://localhost:{port}", "invigilator", str(authority)) as page:
            assert "error" not in await page.sign_in("coithi", PASSWORD)

        code, said = await doctor("--json", *serving)
        document = json.loads(said)
        found = {check["name"]: check for check in document["checks"]}
        assert code == 0, said
        assert document["server_running"] is True
        for name in ("http_port", "media_port", "media_port_tcp"):
            assert found[name]["details"]["held_by"] == "our server", name
        assert "127.0.0.1" in found["tls_certificate"]["details"]["names"]
        assert found["event_logs"]["details"]["logs"] == 1
        assert found["master_key"]["level"] == found["database"]["level"] == "ok"

        elsewhere = places(config_in(tmp_path / "elsewhere"))
        code, said = await doctor("--port", str(port), *elsewhere)
        assert code == 1
        assert f"TCP {port} đang được một chương trình khác dùng" in said
        assert f"TCP {port} is in use by another program" in said
        server.terminate()
        assert await server.ended() == 0


async def test_what_fails_makes_exit_code_1_and_what_only_warns_does_not(tmp_path: Path) -> None:
    config = config_in(tmp_path)
    code, said = await doctor("--port", "0", *places(config))
    assert code == 0
    assert "warn  http_port" in said
    code, said = await doctor("--host", "0.0.0.0", "--port", str(free_port()), *places(config))
    assert code == 1
    assert "FAIL  tls_certificate" in said
    assert "Add --tls-cert and --tls-key." in said
    code, said = await doctor("--candidates", "0", *places(config))
    assert code == 2
    assert "Traceback" not in said


# -- the ways in ------------------------------------------------------------------------------------------------------


@contextlib.contextmanager
def without_rights() -> Iterator[None]:
    os.seteuid(65534)
    try:
        yield
    finally:
        os.seteuid(0)


@pytest.mark.parametrize(("kind", "style"), [("tcp", socket.SOCK_STREAM), ("udp", socket.SOCK_DGRAM)])
def test_a_port_is_free_or_anothers_or_the_choice_of_the_system(kind: str, style: socket.SocketKind) -> None:
    with socket.socket(socket.AF_INET, style) as taken:
        taken.bind(("127.0.0.1", 0))
        if kind == "tcp":
            taken.listen()
        number = taken.getsockname()[1]
        assert complete(network.port("p", kind, "--port", "127.0.0.1", number, None)).details["held_by"] == "another"
    assert complete(network.port("p", kind, "--port", "127.0.0.1", number, None)).level is OK
    assert complete(network.port("p", kind, "--port", "127.0.0.1", 0, None)).level is WARNING
    nowhere = complete(network.port("p", kind, "--port", "203.0.113.7", number, None))
    assert nowhere.level is FAILURE
    assert "203.0.113.7" in nowhere.en


def test_over_tcp_the_media_port_is_anothers_than_that_of_the_pages(tmp_path: Path) -> None:
    number = free_port()
    well = network.media_port_over_tcp(config_in(tmp_path, port=8080, media_port=number), None)
    assert complete(well).level is OK
    same = network.media_port_over_tcp(config_in(tmp_path, port=number, media_port=number), None)
    assert complete(same).level is FAILURE
    assert "--media-port" in same.do_en
    chosen = network.media_port_over_tcp(config_in(tmp_path, port=0, media_port=0), None)
    assert complete(chosen).level is WARNING


@pytest.mark.skipif(
    os.getuid() != 0 or int(Path("/proc/sys/net/ipv4/ip_unprivileged_port_start").read_text()) <= 443,
    reason="needs rights to give away, and ports that need them",
)
def test_a_low_port_without_the_right_to_it_names_the_right() -> None:
    with without_rights():
        found = complete(network.port("p", "tcp", "--port", "127.0.0.1", 443, None))
        assert found.level is FAILURE
        assert "CAP_NET_BIND_SERVICE" in found.do_en
    with socket.create_server(("127.0.0.1", 443)) as serving, without_rights():  # the right is not what is missing
        running = OwnServer(None, frozenset())
        assert complete(network.port("p", "tcp", "--port", "127.0.0.1", 443, running)).details["held_by"] == "unknown"
        mine = OwnServer(1, frozenset({str(os.fstat(serving.fileno()).st_ino)}))
        assert complete(network.port("p", "tcp", "--port", "127.0.0.1", 443, mine)).details["held_by"] == "our server"


@pytest.mark.parametrize(
    ("addresses", "beyond", "level", "says"),
    [
        (["127.0.0.1"], False, OK, "an address of this machine"),
        (["127.0.0.1"], True, FAILURE, "Only this machine"),
        (["exam.example"], True, FAILURE, "not an IP address"),
        (["203.0.113.7"], True, WARNING, "does not have the address 203.0.113.7"),
        (["127.0.0.1", "203.0.113.7"], True, WARNING, "does not have the address 203.0.113.7"),
        (["0.0.0.0"], True, FAILURE, "Only this machine"),
    ],
)
def test_an_announced_address_is_this_machines_and_can_be_reached(
    addresses: list[str], beyond: bool, level: Level, says: str
) -> None:
    found = complete(network.announced(addresses, beyond=beyond))
    assert found.level is level
    assert says in found.en


def test_the_receive_buffer_is_read_back_and_the_line_to_set_is_named() -> None:
    found = complete(network.receive_buffer(50))
    most = int(Path("/proc/sys/net/core/rmem_max").read_text())
    assert found.details["granted_bytes"] == min(most, WANTED_BUFFER)
    assert (found.level is OK) == (most >= WANTED_BUFFER)
    if found.level is not OK:
        assert f"net.core.rmem_max = {WANTED_BUFFER}" in found.do_en
    assert network.receive_buffer(100).details["seconds"] == pytest.approx(found.details["seconds"] / 2, abs=0.01)


# -- the certificate --------------------------------------------------------------------------------------------------


def issue(folder: Path, *names: str, days: float = 90, since: float = -1) -> tuple[Path, Path]:
    """A certificate for `names`, good from `since` days to `days` days after NOW, and its key."""
    folder.mkdir(exist_ok=True)
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "exam.example")])
    made = (
        x509.CertificateBuilder().subject_name(subject).issuer_name(subject).public_key(key.public_key())
        .serial_number(1).not_valid_before(NOW + timedelta(days=since)).not_valid_after(NOW + timedelta(days=days))
    )  # fmt: skip
    if names:
        made = made.add_extension(x509.SubjectAlternativeName([x509.DNSName(name) for name in names]), critical=False)
    cert, key_path = folder / "tls.crt", folder / "tls.key"
    cert.write_bytes(made.sign(key, hashes.SHA256()).public_bytes(Encoding.PEM))
    key_path.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    return cert, key_path


@pytest.mark.parametrize(
    ("names", "lasting", "public_url", "level", "says"),
    [
        (["exam.example"], {}, "https://exam.example", OK, "valid until 2027-02-22, for exam.example"),
        (["exam.example"], {}, "https://EXAM.example:8443/x", OK, "valid until"),
        (["*.example"], {}, "https://exam.example", OK, "valid until"),
        (["*.example"], {}, "https://a.exam.example", FAILURE, "does not carry the name a.exam.example"),
        ([], {}, "https://exam.example", FAILURE, "does not carry the name"),  # the common name does not count
        (["exam.example"], {}, "", OK, "valid until"),
        (["exam.example"], {"days": 13}, "", WARNING, "ends soon"),
        (["exam.example"], {"days": 15}, "", OK, "valid until"),
        (["exam.example"], {"days": 0}, "", FAILURE, "not valid today"),
        (["exam.example"], {"since": 1}, "", FAILURE, "not valid today"),
    ],
)  # fmt: skip
def test_a_certificate_is_judged_by_its_time_and_its_names(
    tmp_path: Path, names: list[str], lasting: dict[str, float], public_url: str, level: Level, says: str
) -> None:
    found = complete(certificate(*issue(tmp_path, *names, **lasting), public_url, NOW, beyond=True))
    assert found.level is level
    assert says in found.en


def test_a_certificate_that_a_server_cannot_use_is_told_apart(tmp_path: Path) -> None:
    cert, key = issue(tmp_path / "one", "exam.example")
    _, other = issue(tmp_path / "two", "exam.example")
    garbage = tmp_path / "garbage"
    garbage.write_text("no certificate")
    for given, says in (
        ((None, None), "There is no certificate"),
        ((tmp_path / "nothing", key), "cannot be read"),
        ((garbage, key), "cannot be read"),
        ((cert, other), "does not fit it"),
        ((cert, tmp_path / "nothing"), "does not fit it"),
        ((cert, None), "does not fit it"),
    ):
        found = complete(certificate(*given, "", NOW, beyond=True))
        assert found.level is FAILURE
        assert says in found.en
    assert certificate(None, None, "", NOW, beyond=False).level is OK


# -- the machine ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("state", "seconds", "level"), [(0, 0.004, OK), (0, 16.0, WARNING), (5, 0.004, WARNING), (-1, 0.0, WARNING)]
)
def test_a_clock_that_nobody_keeps_is_warned_of(state: int, seconds: float, level: Level) -> None:
    assert complete(machine.clock_that_says(state, seconds)).level is level


def test_the_clocks_state_is_read_where_the_kernel_writes_it() -> None:
    told = machine._Timex()
    state = ctypes.CDLL(None).adjtimex(ctypes.byref(told))
    unsynchronised = 0x40  # STA_UNSYNC
    assert 0 <= state <= 5
    assert told.maxerror >= 0
    if told.status & unsynchronised:
        assert complete(machine.clock()).level is WARNING


def test_open_files_are_counted_against_the_candidates() -> None:
    limit = resource.getrlimit(resource.RLIMIT_NOFILE)
    try:
        resource.setrlimit(resource.RLIMIT_NOFILE, (740, limit[1]))
        assert complete(machine.open_files(45, None)).level is OK
        assert complete(machine.open_files(46, None)).level is FAILURE
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, limit)


def test_the_libraries_here_are_those_that_the_project_names() -> None:
    assert complete(machine.libraries()).level is OK


@pytest.mark.parametrize(
    ("requirement", "fits"),
    [
        ("aiohttp<4,>=3.14", True), ("aiohttp>=99", False), ("aiohttp<3", False), ("aiohttp==3.0.0", False),
        ("no-such-library>=1", False), ("no-such-library>=1; extra == 'dev'", True),
        ("sqlalchemy[asyncio]<3,>=2.1", True),
    ],
)  # fmt: skip
def test_a_library_is_held_against_its_bounds(requirement: str, fits: bool) -> None:
    assert (machine._misfit(requirement) is None) is fits


# -- what is stored ---------------------------------------------------------------------------------------------------


def test_disk_hours_come_from_what_recordings_here_have_cost(tmp_path: Path) -> None:
    config = config_in(tmp_path)
    free = shutil.disk_usage(tmp_path).free
    assumed = complete(disk(config, 50))
    assert assumed.details["rate"] == "assumed"
    assert assumed.details["hours"] == pytest.approx((free - config.free_bytes) / (56_250 * 50 * 3600), rel=0.05)
    assert assumed.details["shared_volume"]
    assert "share a volume" in assumed.en
    folder = config.recordings / "r_1/c_1"
    folder.mkdir(parents=True)
    for number in range(3):
        facts = {"stored_bytes": 600_000, "duration_ms": 30_000}
        (folder / f"s{number}.json").write_text(json.dumps(facts))
    (folder / "s9.json").write_text("torn")
    measured = complete(disk(config, 10))
    assert measured.details["bytes_per_candidate_second"] == 20_000
    assert measured.details["rate"] == "measured"
    full = complete(disk(replace(config, free_bytes=1 << 60), 50))
    assert full.level is FAILURE
    assert full.details["hours"] == 0


@pytest.fixture
def house(tmp_path: Path) -> Config:
    config = config_in(tmp_path)
    with opened_store(config):
        pass
    return config


def judged(config: Config, check: Callable[..., Finding], *more: object) -> Finding:
    engine = records.existing_database(config)
    try:
        return complete(check(*more, engine))
    finally:
        if engine is not None:
            engine.dispose()


def changed(config: Config, statement: str) -> Config:
    with contextlib.closing(sqlite3.connect(config.data / "proctor.db")) as connection:
        connection.execute(statement)
        connection.commit()
    return config


def as_garbage(config: Config) -> Config:
    (config.data / "proctor.db").write_bytes(b"no database" * 1000)
    return config


@pytest.mark.parametrize(
    ("change", "level", "says"),
    [
        (lambda config: config, OK, "synchronous=FULL"),
        (lambda config: changed(config, "DELETE FROM alembic_version"), WARNING, "The next start brings the database"),
        (lambda config: changed(config, "UPDATE alembic_version SET version_num = '9999'"), FAILURE, "newer"),
        (as_garbage, FAILURE, "cannot be opened"),
    ],
)
def test_the_database_is_opened_and_its_revision_compared(
    house: Config, change: Callable[[Config], Config], level: Level, says: str
) -> None:
    found = judged(change(house), records.database)
    assert found.level is level
    assert says in found.en


async def test_a_database_that_cannot_be_reached_does_not_give_away_its_password(tmp_path: Path) -> None:
    config = config_in(tmp_path)
    url = "postgresql://u:secret@127.0.0.1:1/d"
    code, said = await doctor("--port", "0", "--json", "--database", url, *places(config))
    assert code == 1
    found = {check["name"]: check["level"] for check in json.loads(said)["checks"]}
    assert found["database"] == found["event_logs"] == "failure"
    assert set(found) == NAMES
    assert "secret" not in said


def key_open_to_all(config: Config) -> Config:
    config.master_key.chmod(0o644)
    return config


def key_lost(config: Config) -> Config:
    config.master_key.unlink()
    return config


def key_torn(config: Config) -> Config:
    os.truncate(config.master_key, 10)
    return config


def key_of_another(config: Config) -> Config:
    other = config_in(config.data.parent / "other")
    with opened_store(other):
        pass
    return replace(config, master_key=other.master_key)


def data_keys_damaged(config: Config) -> Config:
    with contextlib.closing(sqlite3.connect(config.data / "proctor.db")) as connection:
        connection.execute("UPDATE data_key SET wrapped_key = x'00'")
        connection.commit()
    return config


def key_inside(config: Config) -> Config:
    return replace(config, master_key=config.data / "master.key")


@pytest.mark.parametrize(
    ("change", "level", "says"),
    [
        (lambda config: config, OK, "mode 0600, and fits the data"),
        (key_open_to_all, FAILURE, "Others on this machine"), (key_lost, FAILURE, "is missing"),
        (key_torn, FAILURE, "is damaged"), (key_of_another, FAILURE, "is not the one of this data"),
        (data_keys_damaged, FAILURE, "does not open them"), (key_inside, FAILURE, "lies inside the data"),
    ],
)  # fmt: skip
def test_the_master_key_is_there_its_owners_alone_and_the_right_one(
    house: Config, change: Callable[[Config], Config], level: Level, says: str
) -> None:
    config = change(house)
    found = judged(config, lambda engine: records.master_key(config, engine))
    assert found.level is level
    assert says in found.en
    assert config.master_key.exists() == (change not in (key_lost, key_inside)), "a key was made"


async def test_the_last_entries_of_the_logs_are_held_against_their_chains(tmp_path: Path, clock: SteppedClock) -> None:
    async with running(tmp_path, clock) as server:
        exam = await plan_exam(server)
        now = clock.now()
    config = config_in(tmp_path)
    assert judged(config, lambda engine: records.event_logs(engine, now)).details["logs"] == 2
    back = judged(config, lambda engine: records.event_logs(engine, now - timedelta(minutes=3)))
    assert back.level is FAILURE
    assert "the clock was set back" in back.en
    last = f"room = '{exam.room}' AND seq = (SELECT max(seq) FROM ledger_entry WHERE room = '{exam.room}')"
    changed(config, f"UPDATE ledger_entry SET actor = 'someone' WHERE {last}")
    found = judged(config, lambda engine: records.event_logs(engine, now))
    assert found.level is FAILURE
    assert found.details["broken"] == [exam.room]


@pytest.mark.parametrize("length", [1, 2, 3, 5])
@pytest.mark.parametrize("lost", [0, 1])
def test_the_head_of_a_log_is_found_and_a_gap_before_it_shows(house: Config, length: int, lost: int) -> None:
    engine = sync_engine(house.database)
    entry, added = chain.GENESIS, []
    for seq in range(1, length + 1):
        made = chain.link(entry, room="r_1", seq=seq, epoch=1, at=NOW, kind="k", actor="a", payload=b"{}")
        entry = made.hash
        added.append(made)
    if lost and length > 1:
        del added[-2]
    with engine.begin() as connection:
        connection.execute(tables.entries.insert(), [tables.entry_row(each) for each in added])
        connection.execute(tables.payloads.insert(), [tables.payload_row(each) for each in added])
    found = records.event_logs(engine, NOW)
    engine.dispose()
    assert found.level is (FAILURE if lost and length > 1 else OK)


def test_a_server_is_known_by_the_lock_of_its_data_and_the_looking_leaves_the_lock_free(house: Config) -> None:
    assert running_server(house.data) is None
    with owned(house.data):
        assert running_server(house.data) is not None
    assert running_server(house.data) is None
    with owned(house.data):
        pass
