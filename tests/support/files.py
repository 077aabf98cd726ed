"""Files of a house that runs in this process: what is in them, and the lock that none of them may cost.

SQLite's locks are a process's (fcntl(2)): closing any descriptor of a file gives up all that the process has on it. Who
reads `proctor.db-shm` beside the house makes the database look abandoned: the next worker that opens it cuts that file
short, and a commit of the house before it has grown again ends the process by SIGBUS. Who reads `proctor.db` too lets
the worker remove the log that the house goes on writing to. So `contents` has another process read.
"""

from __future__ import annotations

import fcntl
import os
import struct
import subprocess
from collections.abc import Iterator
from pathlib import Path

_FLOCK = struct.Struct("hhqqi4x")  # struct flock of Linux on 64 bits: type, whence, start, length, process
_IN_USE = 128  # the byte of the -shm file that SQLite locks as long as it has the database open (os_unix.c)


def contents(*folders: Path) -> Iterator[tuple[Path, bytes]]:
    """Every file below some folders that is still there when its turn comes, and what is in it."""
    for folder in folders:
        for path in folder.rglob("*"):
            if path.is_file():
                read = subprocess.run(["cat", path], capture_output=True)
                if read.returncode == 0:
                    yield path, read.stdout
                elif path.exists():  # another name while it is written
                    read.check_returncode()


def holds(database: Path) -> bool:
    """Whether this process keeps others from taking an SQLite database in WAL mode for abandoned; it has it open."""
    shared = f"{database.resolve()}-shm"
    for descriptor in Path("/proc/self/fd").iterdir():
        try:
            if str(descriptor.readlink()) != shared:
                continue
        except FileNotFoundError:  # that by which the folder was listed
            continue
        # By SQLite's own descriptor, as if it were another's: a new one would have to be closed.
        asked = _FLOCK.pack(fcntl.F_WRLCK, os.SEEK_SET, _IN_USE, 1, 0)
        answer = fcntl.fcntl(int(descriptor.name), fcntl.F_OFD_GETLK, asked)
        return bool(_FLOCK.unpack(answer)[0] != fcntl.F_UNLCK)
    return False
