"""Signing in: staff by name and password, candidates by number and exam code, anyone by a link an operator made.

A wrong try is counted against the account at that address; an address alone is never throttled, since fifty candidates
may sit behind one, and the right exam code always passes: sixty random bits are not guessed, and a neighbour's wrong
tries must not keep a candidate out. Passwords are argon2id; checking one takes tens of milliseconds of processor, so it
runs in a worker process, and only so many may wait there at once.
"""

from __future__ import annotations

import asyncio
import base64
import hashlib
import hmac
import json
import math
from collections.abc import Callable
from concurrent.futures import Executor
from dataclasses import dataclass
from datetime import datetime, timedelta

from proctor.clock import Clock
from proctor.errors import ProctorError
from proctor.exam.permissions import Role
from proctor.keys import Keys
from proctor.passwords import password_fits
from proctor.store.people import People, session_name

SESSION_HOURS = 12
_FREE_TRIES = 5
_LONGEST_WAIT_SECONDS = 900
_MOST_ACCOUNTS_REMEMBERED = 10_000
_MOST_CHECKED_AT_ONCE = 20
_LONGEST_ACCOUNT = 64


@dataclass(frozen=True)
class SignedIn:
    """A person with an open session. `secret` goes into the role's cookie."""

    role: Role
    subject: str
    full_name: str
    room: str | None
    secret: str
    lasting_seconds: int = SESSION_HOURS * 3600


class Throttle:
    """Wrong tries by account: after five free ones each doubles the wait, up to a quarter of an hour."""

    def __init__(self, monotonic: Callable[[], float]) -> None:
        self._monotonic = monotonic
        self._tries: dict[tuple[str, str], tuple[int, float]] = {}

    def check(self, account: str, address: str) -> None:
        """Raises ProctorError `too_many_tries` while the account has to wait at this address."""
        _, until = self._tries.get((account, address), (0, 0.0))
        left = until - self._monotonic()
        if left > 0:
            raise ProctorError("too_many_tries", seconds=math.ceil(left))

    def wrong(self, account: str, address: str) -> None:
        """Count a wrong try."""
        now = self._monotonic()
        if len(self._tries) >= _MOST_ACCOUNTS_REMEMBERED:
            self._tries = {key: held for key, held in self._tries.items() if held[1] > now}
        count = self._tries.get((account, address), (0, 0.0))[0] + 1
        wait = min(2.0 ** (count - _FREE_TRIES), _LONGEST_WAIT_SECONDS) if count >= _FREE_TRIES else 0.0
        self._tries[account, address] = (count, now + wait)

    def right(self, account: str, address: str) -> None:
        """Forget the wrong tries."""
        self._tries.pop((account, address), None)

    def forgive(self, account: str) -> None:
        """Forget the wrong tries at whatever address."""
        self._tries = {key: held for key, held in self._tries.items() if key[0] != account}


class SignIn:
    """The ways in."""

    def __init__(self, people: People, keys: Keys, clock: Clock, pool: Executor) -> None:
        self._people = people
        self._keys = keys
        self._clock = clock
        self._pool = pool
        self._throttle = Throttle(clock.monotonic)
        self._checking = 0

    async def staff(self, role: str, name: str, password: str, address: str) -> SignedIn:
        """Raises ProctorError `wrong_credentials`, `too_many_tries`."""
        name = _account(name)
        self._throttle.check(name, address)
        if self._checking >= _MOST_CHECKED_AT_ONCE:
            raise ProctorError("too_many_tries", seconds=2)
        member = await self._people.staff_by_name(name)
        stored = member.password_hash if member else None
        self._checking += 1
        try:
            fits = await asyncio.get_running_loop().run_in_executor(self._pool, password_fits, stored, password)
        finally:
            self._checking -= 1
        if member is None or not fits or member.role != role:
            self._throttle.wrong(name, address)
            raise ProctorError("wrong_credentials")
        self._throttle.right(name, address)
        opened = await self._open(Role(member.role), member.staff, member.full_name, None)
        # Another password may have been set meanwhile, which ended the sessions that there were.
        now = await self._people.staff_by_id(member.staff)
        if now is None or now.password_hash != stored:
            await self._people.close_session(session_name(opened.secret))
            raise ProctorError("wrong_credentials")
        return opened

    def forgive(self, name: str) -> None:
        """Let somebody try at once who has another password now."""
        self._throttle.forgive(name)

    async def candidate(self, number: str, code: str, address: str) -> SignedIn:
        """Raises ProctorError `wrong_credentials`, `too_many_tries`."""
        number = _account(number)
        found = await self._people.candidate_by_code(number, self._keys.code_digest(code[:_LONGEST_ACCOUNT]))
        if found is None:
            self._throttle.check(number, address)
            self._throttle.wrong(number, address)
            raise ProctorError("wrong_credentials")
        self._throttle.right(number, address)
        return await self._open(Role.CANDIDATE, found.candidate, found.full_name, found.room)

    async def link(self, token: str) -> SignedIn:
        """Sign in by a link. Raises ProctorError `wrong_credentials` when it is not ours or has ended."""
        role, subject = self._read_link(token)
        if role is Role.CANDIDATE:
            found = await self._people.candidate_by_id(subject)
            if found is None:
                raise ProctorError("wrong_credentials")
            return await self._open(role, subject, found.full_name, found.room)
        member = await self._people.staff_by_id(subject)
        if member is None or member.role != role:
            raise ProctorError("wrong_credentials")
        return await self._open(role, subject, member.full_name, None)

    def _read_link(self, token: str) -> tuple[Role, str]:
        try:
            raw = base64.urlsafe_b64decode(token + "=" * (-len(token) % 4))
            mac, body = raw[:32], raw[32:]
            if not hmac.compare_digest(mac, _link_mac(self._keys, body)):
                raise ProctorError("wrong_credentials")
            role, subject, until = json.loads(body)
        except ValueError:
            raise ProctorError("wrong_credentials") from None
        if self._clock.now().timestamp() > until:
            raise ProctorError("wrong_credentials")
        return Role(role), subject

    async def _open(self, role: Role, subject: str, full_name: str, room: str | None) -> SignedIn:
        now = self._clock.now()
        secret = await self._people.open_session(role, subject, now, timedelta(hours=SESSION_HOURS))
        return SignedIn(role, subject, full_name, room, secret)


def make_link(keys: Keys, role: Role, subject: str, until: datetime) -> str:
    """The token of a sign-in link that works until `until`."""
    body = json.dumps([role, subject, until.timestamp()]).encode()
    return base64.urlsafe_b64encode(_link_mac(keys, body) + body).decode().rstrip("=")


def _link_mac(keys: Keys, body: bytes) -> bytes:
    return hmac.new(keys.of("sign-in links"), body, hashlib.sha256).digest()


def _account(given: str) -> str:
    """A name or number as it is counted. Raises ProctorError `wrong_credentials` for one that no account has."""
    account = given.strip()
    if len(account) > _LONGEST_ACCOUNT:
        raise ProctorError("wrong_credentials")
    return account
