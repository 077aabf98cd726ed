"""Stills: what a candidate's camera showed when an invigilator noted a violation (A14.2c.8, A25.1).

The last keyframe that the recorder saw is decoded in a worker process. The JPEG lies sealed beside the candidate's
photographs, under the same key and bound to its place; its digest is on the room's log.
"""

from __future__ import annotations

import asyncio
import hashlib
import os
from concurrent.futures import Executor
from dataclasses import dataclass
from pathlib import Path

from proctor.analysis.still import small_still, still
from proctor.config import Config
from proctor.errors import ProctorError
from proctor.keys import Keys, seal_into, unseal
from proctor.sealed import sync_directory
from proctor.store.identifiers import new_id


@dataclass(frozen=True)
class Made:
    """A still that is durable. `sha256` is of the JPEG."""

    still: str
    sha256: str
    bytes: int
    width: int
    height: int


class Stills:
    """Makes stills, and reads them."""

    def __init__(self, config: Config, keys: Keys, pool: Executor) -> None:
        self._root = config.photos
        self._key = keys.of("photos")
        self._pool = pool

    async def make(self, room: str, candidate: str, keyframe: bytes) -> Made:
        """Decode and keep a VP8 keyframe. Raises ProctorError `damaged`, `disk_full`."""
        jpeg, width, height = await asyncio.get_running_loop().run_in_executor(self._pool, still, keyframe)
        name = new_id("k")
        await asyncio.to_thread(self._keep, self._path(room, candidate, name), jpeg, f"{room}/{candidate}/{name}")
        return Made(name, hashlib.sha256(jpeg).hexdigest(), len(jpeg), width, height)

    async def small(self, keyframe: bytes) -> bytes:
        """The JPEG of a VP8 keyframe for a tile of the wall, which is not kept. Raises ProctorError `damaged`."""
        return await asyncio.get_running_loop().run_in_executor(self._pool, small_still, keyframe)

    async def read(self, room: str, candidate: str, name: str) -> bytes:
        """The JPEG. Raises ProctorError `not_found`, `damaged`."""
        try:
            sealed = await asyncio.to_thread(self._path(room, candidate, name).read_bytes)
        except FileNotFoundError:
            raise ProctorError("not_found", what="still") from None
        return unseal(self._key, sealed, f"{room}/{candidate}/{name}")

    def _keep(self, path: Path, jpeg: bytes, bound_to: str) -> None:
        """In a thread: durable before it is logged."""
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            with path.open("xb") as file:
                seal_into(file, self._key, jpeg, bound_to)
                file.flush()
                os.fsync(file.fileno())
            sync_directory(path.parent)
        except OSError:
            path.unlink(missing_ok=True)
            raise ProctorError("disk_full") from None

    def _path(self, room: str, candidate: str, name: str) -> Path:
        return self._root / room / candidate / f"{name}.sealed"
