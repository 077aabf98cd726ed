"""A TURN server: Debian's coturn, with the settings that we ship, which shares a secret with ours."""

from __future__ import annotations

import asyncio
import contextlib
import secrets
import shutil
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

from proctor.lan import context as local_tls
from tests.support.command import TOP, free_port

TURNSERVER = shutil.which("turnserver")


@dataclass
class Coturn:
    host: str
    port: int
    tls_port: int
    authority: Path  # that signed its certificate
    secret: str


@contextlib.asynccontextmanager
async def coturn(folder: Path, host: str) -> AsyncIterator[Coturn]:
    """One that listens at `host`, and relays from there to nowhere else."""
    assert TURNSERVER
    _, authority = local_tls(folder / "tls", host)
    served = Coturn(host, free_port(), free_port(), authority, secrets.token_hex(16))
    own = f"static-auth-secret={served.secret}\nallowed-peer-ip={host}\n"
    shipped = (TOP / "scripts/turnserver.conf").read_text().replace("stale-nonce=600", "stale-nonce=1")
    (folder / "turn.conf").write_text(shipped + own)
    with (folder / "turn.log").open("wb") as log:
        process = await asyncio.create_subprocess_exec(
            TURNSERVER, "-c", folder / "turn.conf", f"--listening-ip={host}", f"--relay-ip={host}",
            f"--listening-port={served.port}",
            f"--tls-listening-port={served.tls_port}", f"--cert={folder}/tls/lan-{host}.crt",
            f"--pkey={folder}/tls/lan-{host}.key", "--allow-loopback-peers",
            f"--db={folder}/turn.sqlite", f"--pidfile={folder}/turn.pid", "--log-file=stdout", "--simple-log",
            stdout=log, stderr=log,
        )  # fmt: skip
    try:
        async with asyncio.timeout(10):
            for number in (served.port, served.tls_port):
                while not await _answers(host, number):
                    assert process.returncode is None, (folder / "turn.log").read_text()
                    await asyncio.sleep(0.05)
        yield served
    finally:
        if process.returncode is None:
            process.terminate()
        await process.wait()


async def _answers(host: str, port: int) -> bool:
    try:
        _, writer = await asyncio.open_connection(host, port)
    except OSError:
        return False
    writer.close()
    return True
