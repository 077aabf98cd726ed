"""Where the parts of uploaded files stand while they arrive, and what has arrived."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import delete, func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncEngine

from proctor.errors import ProctorError
from proctor.store import tables

APART = ".rejected"  # ends the name of the folder that a room's late files lie in, beside that of its work


@dataclass(frozen=True)
class Upload:
    """A file that a candidate sends. `sha256` is known once the last byte arrived."""

    file: str
    room: str
    candidate: str
    name: str
    type: str
    length: int
    sha256: str | None = None
    removed: int = 0
    phone: str = ""
    rejected: int = 0  # it comes too late, or while the exam is suspended: evidence, apart from the work
    device: str = ""  # that began it, as the log knows it; "" of files begun before that was kept


class Uploads:
    """Queries over uploads."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine

    async def add(self, upload: Upload) -> None:
        async with self._engine.begin() as connection:
            await connection.execute(insert(tables.uploads).values(**upload.__dict__))

    async def get(self, file: str, *, removed: bool = False) -> Upload:
        """A file, with `removed` also one that was taken out of the work. Raises ProctorError `not_found`."""
        async with self._engine.connect() as connection:
            row = (await connection.execute(select(tables.uploads).where(tables.uploads.c.file == file))).one_or_none()
        if row is None or (row.removed and not removed):
            raise ProctorError("not_found", what="file")
        return Upload(**row._mapping)

    async def arriving(self, room: str, candidate: str, phone: str = "") -> list[str]:
        """The files of the candidate's work that are not known to be whole, from here or from the telephone `phone`:
        what another telephone began it cannot end any more."""
        columns = tables.uploads.c
        query = select(columns.file).where(
            columns.room == room, columns.candidate == candidate, columns.removed == 0, columns.rejected == 0,
            columns.sha256.is_(None), columns.phone.in_(["", phone]),
        )  # fmt: skip
        async with self._engine.connect() as connection:
            return list((await connection.execute(query)).scalars())

    async def begun_elsewhere(self, room: str, candidate: str, device: str) -> list[Upload]:
        """The files of the candidate's work that another device than `device` began, no telephone, and that are not
        known to be whole."""
        columns = tables.uploads.c
        query = select(tables.uploads).where(
            columns.room == room, columns.candidate == candidate, columns.removed == 0, columns.rejected == 0,
            columns.sha256.is_(None), columns.phone == "", columns.device.not_in(["", device]),
        ).order_by(columns.name, columns.file)  # fmt: skip
        async with self._engine.connect() as connection:
            return [Upload(**row._mapping) for row in await connection.execute(query)]

    async def ever(self, room: str, candidate: str) -> tuple[int, int]:
        """How many files the candidate ever announced, removed ones too, and their bytes: all stay on disk. Of one that
        was given up before it was whole counts what had come."""
        columns = tables.uploads.c
        query = select(func.count(), func.coalesce(func.sum(columns.length), 0)).where(
            columns.room == room, columns.candidate == candidate, columns.rejected == 0
        )
        async with self._engine.connect() as connection:
            count, total = (await connection.execute(query)).one()
        return int(count), int(total)

    async def evidence(self, room: str, candidate: str) -> tuple[int, int]:
        """How many files of a candidate are evidence, whole or not, and their announced bytes."""
        columns = tables.uploads.c
        query = select(func.count(), func.coalesce(func.sum(columns.length), 0)).where(
            columns.room == room, columns.candidate == candidate, columns.rejected == 1
        )
        async with self._engine.connect() as connection:
            count, total = (await connection.execute(query)).one()
        return int(count), int(total)

    async def unfinished(self) -> list[Upload]:
        """Files whose last byte is not known to have arrived."""
        columns = tables.uploads.c
        query = select(tables.uploads).where(columns.sha256.is_(None), columns.removed == 0)
        async with self._engine.connect() as connection:
            return [Upload(**row._mapping) for row in await connection.execute(query)]

    async def exists(self, file: str) -> bool:
        columns = tables.uploads.c
        async with self._engine.connect() as connection:
            return (await connection.scalar(select(columns.file).where(columns.file == file))) is not None

    async def reject(self, file: str) -> None:
        await self._set(file, rejected=1)

    async def take_back(self, file: str) -> None:
        await self._set(file, rejected=0)

    async def complete(self, file: str, sha256: str) -> None:
        await self._set(file, sha256=sha256)

    async def remove(self, file: str) -> None:
        await self._set(file, removed=1)

    async def give_up(self, file: str, came: int) -> None:
        """As `remove`, of one of which `came` bytes came; one of none has never been."""
        if came:
            await self._set(file, removed=1, length=came)
            return
        async with self._engine.begin() as connection:
            await connection.execute(delete(tables.uploads).where(tables.uploads.c.file == file))

    async def _set(self, file: str, **values: object) -> None:
        async with self._engine.begin() as connection:
            await connection.execute(update(tables.uploads).where(tables.uploads.c.file == file).values(**values))
