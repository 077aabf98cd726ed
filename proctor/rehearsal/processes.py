"""What the processes of a server on this machine take, found by the port that it listens on (Linux)."""

from __future__ import annotations

import contextlib
import os
from dataclasses import dataclass
from pathlib import Path

_PROC = Path("/proc")
_LISTENS = "0A"  # state of a TCP socket, as /proc/net/tcp has it
_TICKS = os.sysconf("SC_CLK_TCK")
_PAGE = os.sysconf("SC_PAGE_SIZE")


@dataclass(frozen=True)
class Usage:
    """Of the server's own process and of its workers together. `cpu` in seconds of a core, `memory` in bytes."""

    cpu: float
    memory: int


def listening(port: int) -> int | None:
    """The process that listens on a TCP port of this machine; None where there is none that may be looked at."""
    sockets = set()
    for table in ("tcp", "tcp6"):
        try:
            lines = (_PROC / "net" / table).read_text().splitlines()[1:]
        except OSError:
            continue
        for line in lines:
            _, local, _, state, *rest = line.split()
            if state == _LISTENS and int(local.rpartition(":")[2], 16) == port:
                sockets.add(f"socket:[{rest[5]}]")
    for process in _PROC.iterdir():
        if process.name.isdecimal() and sockets & set(_open_files(process)):
            return int(process.name)
    return None


def usage(process: int) -> Usage | None:
    """What a process and its children have taken so far; None once it is gone."""
    family = {process}
    fields = {}
    for each in _PROC.iterdir():
        with contextlib.suppress(OSError):  # ended meanwhile
            if each.name.isdecimal():
                fields[int(each.name)] = (each / "stat").read_text().rpartition(")")[2].split()
    grown = True
    while grown:
        grown = False
        for number, of in fields.items():
            if int(of[1]) in family and number not in family:
                family.add(number)
                grown = True
    if process not in fields:
        return None
    of_family = [fields[number] for number in family]
    cpu = sum(int(of[11]) + int(of[12]) for of in of_family) / _TICKS
    return Usage(cpu, sum(int(of[21]) for of in of_family) * _PAGE)


def _open_files(process: Path) -> list[str]:
    found = []
    with contextlib.suppress(OSError):  # of another user, or gone
        for each in (process / "fd").iterdir():
            with contextlib.suppress(OSError):  # closed meanwhile
                found.append(str(each.readlink()))
    return found
