"""What the commands of `proctor.__main__` do. Each is a coroutine over the arguments given."""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import getpass
import ipaddress
import os
import socket
import ssl
import sys
from collections.abc import AsyncIterator, Callable, Coroutine, Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

import aiohttp
import structlog
import uvloop

from proctor import __version__
from proctor.accounts import Accounts
from proctor.app import opened_store, owned
from proctor.clock import ServerClock
from proctor.config import Config
from proctor.demo.plan import PAPER
from proctor.demo.show import run_demo
from proctor.errors import ProctorError
from proctor.exam.permissions import Role
from proctor.keys import MasterKey
from proctor.media.discovery import public_address
from proctor.rehearsal.rehearse import Wanted, rehearse
from proctor.rehearsal.report import READY, as_json, as_text
from proctor.rehearsal.stage import NotStaged
from proctor.server import for_ever, listen, serving, until_stopped
from proctor.sign_in import make_link
from proctor.store.data_keys import rewrap, stored_check
from proctor.store.engine import async_engine
from proctor.store.people import People

log = structlog.get_logger(__name__)


def run(given: argparse.Namespace) -> int:
    """Run the command that the arguments name; the exit code. Raises ProctorError with what is in the way."""
    work = _COMMANDS[given.command](given)
    if given.command in _SERVING:
        uvloop.run(until_stopped(work))
        return 0
    return uvloop.run(work) or 0


def _config(given: argparse.Namespace, **more: object) -> Config:
    config = _unchecked_config(given, **more)
    if config.master_key.is_relative_to(config.data):
        raise ProctorError("key_inside_data", path=str(config.master_key))
    return config


def _unchecked_config(given: argparse.Namespace, **more: object) -> Config:
    return Config(data=given.data.resolve(), recordings=given.recordings.resolve(), database_url=given.database,
                  master_key=given.master_key.resolve(), **more)  # type: ignore[arg-type]  # fmt: skip


def _ways_in(given: argparse.Namespace) -> dict[str, object]:
    """Where a server that is started with these arguments listens."""
    beyond = _beyond(given)
    ours = [_own_address() if beyond else "127.0.0.1"] if given.host != "::1" else ["::1"]
    announce = given.announce or ours
    if any(":" in address for address in (given.host, *announce)):
        media_host = "::" if beyond or "127.0.0.1" in announce else "::1"  # "::" takes IPv4 too
    else:
        media_host = "0.0.0.0" if beyond else "127.0.0.1"  # noqa: S104 - asked for by --host
    return {
        "host": given.host, "port": given.port, "public_url": given.public_url, "media_port": given.media_port,
        "it_unit": given.it_unit, "turn": given.turn, "turn_secret": _turn_secret(given),
        "media_host": media_host, "announce": announce,
    }  # fmt: skip


def _turn_secret(given: argparse.Namespace) -> str:
    if not given.turn:
        return ""
    try:
        secret = given.turn_secret.read_text().strip() if given.turn_secret else ""
    except (OSError, UnicodeDecodeError):
        secret = ""
    if not secret:
        raise ProctorError("no_turn_secret", path=str(given.turn_secret or "--turn-secret"))
    return str(secret)


def _beyond(given: argparse.Namespace) -> bool:
    """Whether the server is for other machines too."""
    return given.host not in ("127.0.0.1", "::1", "localhost")


async def _serve(given: argparse.Namespace) -> None:
    if _beyond(given) and given.tls_cert is None:
        raise ProctorError("needs_tls")
    context = None
    if given.tls_cert is not None:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        try:
            context.load_cert_chain(given.tls_cert, given.tls_key)
        except (OSError, ssl.SSLError):
            raise ProctorError("bad_certificate", path=str(given.tls_cert)) from None
    config = await _announcing_what_is_found(given, _config(given, **_ways_in(given)))
    async with serving(config, listen(config), context) as house:
        scheme = "https" if context else "http"
        media = f"media: udp, tcp {house.media.port}"
        print(f"proctor {__version__}: {scheme}://localhost:{config.port}  {media}", flush=True)
        await for_ever()


async def _announcing_what_is_found(given: argparse.Namespace, config: Config) -> Config:
    """With the address that a STUN server tells before the others, if one is to be asked. Where others are announced, a
    start in the middle of an exam does not hang on a foreign server. Raises ProctorError "no_public_address"."""
    if given.stun is None:
        return config
    try:
        found = await public_address(*given.stun, ipv6=":" in config.media_host)
    except ProctorError as error:
        if not given.announce:
            raise
        log.warning("no public address was found; the announced ones stand", code=error.code)
        return config
    return replace(config, announce=[found, *(address for address in config.announce if address != found)])


async def _demo(given: argparse.Namespace) -> None:
    if not given.lan:
        await run_demo(_config(given, port=given.port), f"http://localhost:{given.port}")
        return
    try:
        address = ipaddress.ip_address(given.lan_address or _own_address())
    except ValueError:
        raise ProctorError("bad_request", field="--lan-address") from None
    if address.is_loopback and not given.lan_address:
        raise ProctorError("no_network")
    await _demo_at(given, str(address))


async def _demo_at(given: argparse.Namespace, address: str) -> None:
    from proctor import lan

    config = _config(given, host=address, port=given.port, media_host=address, announce=[address])
    context, authority = lan.context(config.master_key.parent, address)
    url = f"https://{address}:{given.port}"
    print(f"{lan.qr_code(url)}\n{url}\n{url}/ca.crt: cài vào điện thoại để hết cảnh báo / install it on the phone "
          "to end its warning", flush=True)  # fmt: skip
    await run_demo(replace(config, authority=authority), url, context)


def _own_address() -> str:
    """The address this machine has towards others; nothing is sent."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("192.0.2.1", 9))  # TEST-NET-1, RFC 5737
        except OSError:
            return "127.0.0.1"
        return str(probe.getsockname()[0])


async def _add_user(given: argparse.Namespace) -> None:
    password = _password()
    async with _accounts(given) as accounts:
        member = await accounts.create(given.name, given.full_name, given.role, password, given.unit)
    print(f"{member.name}: {member.role} ({member.staff})")


async def _set_password(given: argparse.Namespace) -> None:
    password = _password()
    async with _accounts(given) as accounts:
        member = await accounts.set_password(given.name, password, ServerClock().now())
    print(f"{member.name}: {member.role} ({member.staff})")


async def _rehearse(given: argparse.Namespace) -> int:
    """Exit code 0 when the school is ready, 1 when it is not or nothing can be said."""
    wanted = Wanted(
        rooms=given.rooms, candidates=given.candidates, watchers=given.watchers, loss=given.loss, outage=given.outage,
        minutes=given.minutes, lead=given.lead,
    )  # fmt: skip
    password, paper = _password(), await asyncio.to_thread(PAPER.read_bytes)
    try:
        report = await rehearse(
            given.url.rstrip("/"), given.name, password, paper, wanted, given.authority,
            lambda step: print(f"… {step}", file=sys.stderr, flush=True),
        )  # fmt: skip
    except NotStaged as refused:
        step, error = refused.args
        raise ProctorError("rehearsal_refused", step=step, why=error["vi"], why_en=error["en"]) from None
    except (OSError, aiohttp.ClientError) as error:
        raise ProctorError("server_unreachable", url=given.url, why=str(error)) from None
    print(as_json(report) if given.json else f"{as_text(report)}\n{as_json(report)}")
    return 0 if report.verdict == READY else 1


def _password() -> str:
    return getpass.getpass("Password: ") if sys.stdin.isatty() else sys.stdin.readline().rstrip("\n")


@contextlib.asynccontextmanager
async def _accounts(given: argparse.Namespace) -> AsyncIterator[Accounts]:
    """The accounts on record, also beside a running server."""
    config = _config(given)
    with opened_store(config):
        engine = async_engine(config.database)
        try:
            yield Accounts(People(engine))
        finally:
            await engine.dispose()


async def _link(given: argparse.Namespace) -> None:
    config = _config(given)
    with opened_store(config) as (keys, _):
        engine = async_engine(config.database)
        try:
            member = await People(engine).staff_by_name(given.name)
        finally:
            await engine.dispose()
        if member is None:
            raise ProctorError("not_found", what="account")
        until = ServerClock().now() + timedelta(hours=given.hours)
        print(f"{given.url}/#link={make_link(keys, Role(member.role), member.staff, until)}")


async def _doctor(given: argparse.Namespace) -> int:
    from proctor.operations import doctor

    config, unfound = _unchecked_config(given, **_ways_in(given)), None
    try:
        config = await _announcing_what_is_found(given, config)
    except ProctorError as error:
        unfound = error
    findings, server = doctor.examine(doctor.Patient(config, given.tls_cert, given.tls_key, given.candidates, unfound))
    return doctor.report(findings, server, as_json=given.json, to=sys.stdout)


async def _backup(given: argparse.Namespace) -> int:
    from proctor.operations.backup import back_up

    os.nice(10)  # a server that runs beside comes first
    sound = back_up(_config(given), given.folder.resolve(), link=not given.copy, verify=given.verify, to=sys.stdout)
    return 0 if sound else 1


async def _restore(given: argparse.Namespace) -> None:
    from proctor.operations.restore import check, restore

    (check if given.check else restore)(_config(given), given.folder.resolve(), to=sys.stdout)


async def _rotate_key(given: argparse.Namespace) -> None:
    """The new key is durable before the data rests on it; cut short in between, the old one is still the right one."""
    config, new = _config(given), given.new.resolve()
    if any(new.is_relative_to(folder) for folder in (config.data, config.recordings)):
        raise ProctorError("key_inside_data", path=str(new))
    if not config.data.is_dir() or not _was_started(config):
        raise ProctorError("no_data", path=str(config.data))
    with owned(config.data), opened_store(config) as (_, engine):
        made = MasterKey.make(new)
        with engine.begin() as connection:
            derived = rewrap(connection, MasterKey.load(config.master_key), made)
    print(f"Khóa chính mới: {new}. Từ nay chạy với --master-key này; giữ khóa cũ cho các bản sao lưu cũ.\n"
          f"The new master key: {new}. Start with this --master-key from now on; keep the old key for the backups made "
          "before.", flush=True)  # fmt: skip
    if derived:
        print("Dữ liệu này có từ trước khi có khóa dữ liệu riêng: ai giữ khóa cũ vẫn đọc được những gì đã mã hóa.\n"
              "This data is older than data keys of its own: whoever has the old key can still read what it sealed.",
              flush=True)  # fmt: skip


def _was_started(config: Config) -> bool:
    from proctor.operations.records import existing_database

    engine = existing_database(config)
    if engine is None:
        return False
    try:
        return stored_check(engine) is not None
    finally:
        engine.dispose()


_SERVING = {"serve", "demo"}  # the others are over at once; Ctrl-C just ends them
_COMMANDS: Mapping[str, Callable[[argparse.Namespace], Coroutine[Any, Any, int | None]]] = {
    "serve": _serve,
    "demo": _demo,
    "add_user": _add_user,
    "set_password": _set_password,
    "link": _link,
    "doctor": _doctor,
    "backup": _backup,
    "restore": _restore,
    "rotate_key": _rotate_key,
    "rehearse": _rehearse,
}
