"""Passwords of staff, as argon2id hashes.

A file of its own, since both functions run in worker processes: there they need this module and nothing else, so that
the first sign-in does not wait for the whole house to be imported once more.
"""

from __future__ import annotations

import functools

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerifyMismatchError

from proctor.errors import ProctorError

MIN_PASSWORD_CHARACTERS = 10

hasher = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)


def hash_password(password: str) -> str:
    """The argon2id hash of a password.

    Raises ProctorError `password_too_short`.
    """
    if len(password) < MIN_PASSWORD_CHARACTERS:
        raise ProctorError("password_too_short", characters=MIN_PASSWORD_CHARACTERS)
    return hasher.hash(password)


def password_fits(stored: str | None, password: str) -> bool:
    """Whether `password` is the one whose hash is `stored`; None when there is no such account."""
    try:
        return hasher.verify(stored or _nobody(), password)
    except (VerifyMismatchError, InvalidHashError):
        return False


@functools.cache
def _nobody() -> str:
    """Checked when there is no such name, so that the time taken does not tell which names exist."""
    return hasher.hash("nobody has this password")
