"""A PostgreSQL server of the tests' own, from Debian's package, on a socket in a folder that goes with it."""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

_NO_ROOT = "postgres"  # the account that Debian's package makes; the server refuses to run as root


def programs() -> Path | None:
    """Where the server's programs lie; None where PostgreSQL is not installed."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: int(path.parts[4]))
    return found[-1].parent if found else None


@contextlib.contextmanager
def cluster() -> Iterator[str]:
    """A running server; the folder of its socket."""
    bin_folder = programs()
    assert bin_folder is not None
    folder = Path(tempfile.mkdtemp(prefix="proctor-pg-"))  # short: a socket's path has 107 bytes at most
    as_somebody: list[str] = []
    if os.geteuid() == 0:
        shutil.chown(folder, _NO_ROOT)
        as_somebody = ["runuser", "-u", _NO_ROOT, "--"]

    def run(*command: str) -> None:
        subprocess.run([*as_somebody, *command], check=True, capture_output=True, cwd=folder)

    data = str(folder / "data")
    try:
        initdb, pg_ctl = str(bin_folder / "initdb"), str(bin_folder / "pg_ctl")
        run(initdb, "--pgdata", data, "--username", "proctor", "--auth", "trust", "--encoding", "UTF8", "--no-sync")
        options = f"-c listen_addresses= -c unix_socket_directories={folder} -c fsync=off"
        run(pg_ctl, "--pgdata", data, "--wait", "--log", str(folder / "log"), "--options", options, "start")
        try:
            yield str(folder)
        finally:
            run(pg_ctl, "--pgdata", data, "--wait", "--mode", "immediate", "stop")
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def new_database(socket: str, name: str) -> str:
    """Make a database; its URL."""
    bin_folder = programs()
    assert bin_folder is not None
    createdb = [str(bin_folder / "createdb"), "--host", socket, "--username", "proctor", name]
    subprocess.run(createdb, check=True, capture_output=True)
    return f"postgresql+psycopg://proctor@/{name}?host={socket}"
