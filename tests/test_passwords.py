"""Passwords of staff: what is kept of one, and what fits it. (The servers of other tests hash at next to no cost.)"""

import pytest

from proctor.errors import ProctorError
from proctor.passwords import hash_password, password_fits

PASSWORD = "correct horse battery"


def test_what_is_kept_is_an_argon2id_hash_that_costs_as_owasp_asks() -> None:
    kept = hash_password(PASSWORD)
    assert kept.startswith("$argon2id$v=19$m=19456,t=2,p=1$")
    assert hash_password(PASSWORD) != kept  # each has its own salt


def test_only_the_password_itself_fits() -> None:
    kept = hash_password(PASSWORD)
    assert password_fits(kept, PASSWORD)
    assert not password_fits(kept, PASSWORD.upper())
    assert not password_fits(kept, "")
    assert not password_fits("no hash", PASSWORD)
    assert not password_fits(None, PASSWORD)  # nobody has that name


def test_a_password_that_is_too_short_is_refused() -> None:
    with pytest.raises(ProctorError, match="password_too_short"):
        hash_password("nine char")
