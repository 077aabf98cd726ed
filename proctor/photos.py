"""Photographs of candidates and of their cards: taken by the page, kept sealed, shown to those who admit (B5.5).

A photograph is a small JPEG under `data/photos/<room>/<candidate>/`, encrypted under a key of its own purpose and bound
to its place. How bright and sharp it is, is measured in a worker process and told to the page; nothing is refused for
it.
"""

from __future__ import annotations

import asyncio
import hashlib
import os
from concurrent.futures import Executor
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from proctor.analysis.picture import assess
from proctor.clock import Clock
from proctor.config import Config
from proctor.errors import ProctorError
from proctor.exam.decisions import admission
from proctor.keys import Keys, seal_into, unseal
from proctor.rooms import LiveRooms
from proctor.sealed import sync_directory
from proctor.store.identifiers import new_id

_VIEWING = timedelta(minutes=15)


class Photos:
    """Use cases of photographs."""

    def __init__(self, *, config: Config, clock: Clock, rooms: LiveRooms, keys: Keys, pool: Executor) -> None:
        self._root = config.photos
        self._clock = clock
        self._rooms = rooms
        self._key = keys.of("photos")
        self._pool = pool
        self._viewed: dict[tuple[str, str, str], datetime] = {}

    async def take(
        self, room: str, candidate: str, device: str, subject: str, jpeg: bytes, client_time: str = ""
    ) -> dict[str, Any]:
        """Keep a photograph; what was measured of it. Raises ProctorError `not_a_photo`, `disk_full` and as
        `admission.may_photograph` does."""
        live = await self._rooms.open(room)
        admission.may_photograph(live.state, self._clock.now(), candidate, device, subject)
        found = await asyncio.get_running_loop().run_in_executor(self._pool, assess, jpeg)
        photo = new_id("f")
        await asyncio.to_thread(self._keep, room, candidate, photo, jpeg)
        digest = hashlib.sha256(jpeg).hexdigest()
        await live.act(
            candidate,
            lambda state, now: admission.take_photo(
                state, now, candidate, device, photo=photo, subject=subject, sha256=digest, size=len(jpeg),
                brightness=found.brightness, sharpness=found.sharpness,
            ).told_at(client_time),
        )  # fmt: skip
        return {
            "photo": photo, "brightness": found.brightness, "sharpness": found.sharpness, "dark": found.dark,
            "blurred": found.blurred,
        }  # fmt: skip

    async def read(self, who: str, room: str, candidate: str, photo: str, full_name: str = "") -> bytes:
        """Any photograph of the sitting, those too that were taken anew since; on the room's log, once in a quarter of
        an hour for each viewer (A5.4), by `full_name` when the room does not know it.

        Raises ProctorError `not_found`, `damaged`.
        """
        live = await self._rooms.open(room)
        if photo not in {each.photo for each in live.state.sitting(candidate).photographs}:
            raise ProctorError("not_found", what="photo")
        path = self._path(room, candidate, photo)
        try:
            sealed = await asyncio.to_thread(path.read_bytes)
        except FileNotFoundError:
            raise ProctorError("not_found", what="photo") from None
        now, key = self._clock.now(), (who, room, candidate)
        if (told := self._viewed.get(key)) is None or now - told >= _VIEWING:
            self._viewed[key] = now
            await live.act(who, lambda state, now: admission.view_photos(state, now, who, candidate, full_name))
        return unseal(self._key, sealed, f"{room}/{candidate}/{photo}")

    def _keep(self, room: str, candidate: str, photo: str, jpeg: bytes) -> None:
        """In a thread: durable before it is logged."""
        path = self._path(room, candidate, photo)
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            with path.open("xb") as file:
                seal_into(file, self._key, jpeg, f"{room}/{candidate}/{photo}")
                file.flush()
                os.fsync(file.fileno())
            sync_directory(path.parent)
        except OSError:
            raise ProctorError("disk_full") from None

    def _path(self, room: str, candidate: str, photo: str) -> Path:
        return self._root / room / candidate / f"{photo}.sealed"
