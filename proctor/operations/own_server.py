"""Whether a server runs on a data folder, and which sockets are its.

A server holds the folder's lock as long as it lives. Which process holds it, and which sockets that process has open,
the system tells under /proc to its owner and to root; where it does not, the server is known to run and no more.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
from dataclasses import dataclass
from pathlib import Path

_LISTENING = "0A"  # of TCP, in /proc/net/tcp (include/net/tcp_states.h); a UDP socket has no such state


@dataclass(frozen=True)
class OwnServer:
    """The server on the data: its process if the system tells, and the inodes of its sockets."""

    process: int | None
    sockets: frozenset[str]

    def has(self, kind: str, port: int) -> bool:
        """Whether the port of `kind` ("tcp", "udp") is its own, as far as the system tells."""
        return bool(self.sockets & sockets_at(kind, port))

    def open_file_limit(self) -> int | None:
        """How many files it may have open, if the system tells."""
        if self.process is None:
            return None
        for line in Path(f"/proc/{self.process}/limits").read_text().splitlines():
            if line.startswith("Max open files"):
                soft = line.split()[3]
                return int(soft) if soft.isdecimal() else None
        return None


def running_server(data: Path) -> OwnServer | None:
    """The server that holds the lock of `data`, None when there is none.

    The lock is shared for an instant, as short as a system call; nothing is written.
    """
    lock = data / "lock"
    try:
        handle = os.open(lock, os.O_RDONLY)
    except OSError:
        return None
    try:
        fcntl.flock(handle, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        pass
    else:
        return None
    finally:
        os.close(handle)
    for folder in Path("/proc").glob("[0-9]*"):
        if int(folder.name) == os.getpid():
            continue
        links = _open_files(folder)
        if str(lock.resolve()) in links:
            sockets = frozenset(link[8:-1] for link in links if link.startswith("socket:["))
            return OwnServer(int(folder.name), sockets)
    return OwnServer(None, frozenset())


def _open_files(process: Path) -> set[str]:
    """What the descriptors of a process stand for; empty for one that is not ours, or gone."""
    found = set()
    with contextlib.suppress(OSError):
        for handle in (process / "fd").iterdir():
            with contextlib.suppress(OSError):
                found.add(str(handle.readlink()))
    return found


def sockets_at(kind: str, port: int) -> frozenset[str]:
    """The inodes of the sockets that are bound to a port, those that listen if TCP."""
    found = set()
    for name in (kind, f"{kind}6"):
        with contextlib.suppress(OSError):
            for line in Path(f"/proc/net/{name}").read_text().splitlines()[1:]:
                _, local, _, state, *rest = line.split()
                if int(local.rsplit(":", 1)[1], 16) == port and (kind == "udp" or state == _LISTENING):
                    found.add(rest[5])
    return frozenset(found)
