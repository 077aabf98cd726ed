"""The data keys of an installation, as they stand wrapped in its database (`keys.py`)."""

from __future__ import annotations

import os

from sqlalchemy import Connection, Engine, insert, inspect, select, update

from proctor.keys import PURPOSES, Keys, MasterKey, new_data_keys
from proctor.store import tables

SHORT_LIVED = "sign-in links"
_CHECK = "master_key_check"


def stored_check(engine: Engine) -> str | None:
    """What tells under which master key the data keys are wrapped; None before the first start."""
    with engine.connect() as connection:
        return _stored_check(connection) if inspect(connection).has_table(tables.installation.name) else None


def read_keys(connection: Connection, master: MasterKey) -> Keys | None:
    """The data keys that are there; None where there is none yet, or not all that this program knows.

    Raises ProctorError `damaged`.
    """
    if not inspect(connection).has_table(tables.data_keys.name):
        return None
    found = _unwrapped(connection, master)
    return Keys(found) if found.keys() >= set(PURPOSES) else None


def open_keys(connection: Connection, master: MasterKey) -> Keys:
    """The data keys; made at the first start.

    An installation from before there were any goes on with what it derived from its master key; what a later program
    needs besides is random. Raises ProctorError `damaged`.
    """
    found = _unwrapped(connection, master)
    first = _stored_check(connection) is None
    made = new_data_keys() if found or first else master.before_data_keys()
    for purpose in made.keys() - found.keys():
        wrapped = master.wrap(made[purpose], purpose)
        connection.execute(insert(tables.data_keys).values(purpose=purpose, wrapped_key=wrapped))
    if first:
        connection.execute(insert(tables.installation).values(key=_CHECK, value=master.check_value()))
    return Keys(made | found)


def rewrap(connection: Connection, old: MasterKey, new: MasterKey) -> bool:
    """Wrap every data key under another master key; that of sign-in links, which last for hours, is a new one. True
    when who has the old master key still has the others: they came from it.

    Raises ProctorError `damaged`; then nothing is to be committed.
    """
    found = _unwrapped(connection, old)
    for purpose, key in (found | {SHORT_LIVED: os.urandom(32)}).items():
        row = tables.data_keys.c.purpose == purpose
        connection.execute(update(tables.data_keys).where(row).values(wrapped_key=new.wrap(key, purpose)))
    row = tables.installation.c.key == _CHECK
    connection.execute(update(tables.installation).where(row).values(value=new.check_value()))
    return any(found.get(purpose) == key for purpose, key in old.before_data_keys().items())


def _unwrapped(connection: Connection, master: MasterKey) -> dict[str, bytes]:
    rows = connection.execute(select(tables.data_keys))
    return {row.purpose: master.unwrap(row.wrapped_key, row.purpose) for row in rows}


def _stored_check(connection: Connection) -> str | None:
    row = tables.installation.c
    found: str | None = connection.scalar(select(row.value).where(row.key == _CHECK))
    return found
