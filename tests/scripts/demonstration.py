"""A demonstration as `scripts/run` starts it, and the ways in that it prints."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from contextlib import asynccontextmanager

from proctor.exam.permissions import Role
from proctor.rehearsal.page import Page
from tests.support.command import TOP, Command, free_port, started

RUN = TOP / "scripts/run"
ROLES = set(Role) - {Role.PHONE}  # a telephone comes in by its candidate's page


@asynccontextmanager
async def demo(installed: dict[str, str], places: list[str], *more: str):
    """A demonstration whose page is served; yields the command and its address."""
    port = free_port()
    async with started([RUN, "--port", str(port), *places, *more], installed) as command:
        await command.serves(f"http://localhost:{port}/")
        yield command, f"http://localhost:{port}"


async def links(command: Command) -> dict[str, str]:
    """The sign-in tokens that were printed, by role: one for each."""
    await command.says("to stop")
    tokens = re.findall(r"#link=(\S+)", command.said)
    found = {role_of(token): token for token in tokens}
    assert len(tokens) == len(found) and found.keys() == ROLES
    return found


def role_of(token: str) -> str:
    """Whom a sign-in link lets in, as `proctor.sign_in.make_link` writes it."""
    signed = base64.urlsafe_b64decode(token + "=" * (-len(token) % 4))
    return json.loads(signed[hashlib.sha256().digest_size :])[0]


async def signed_in(url: str, role: str, token: str, jar: Page | None = None, authority: str | None = None) -> Page:
    """A page of `role`; with `jar`, in the same browser."""
    page = Page(url, role, authority)
    if jar is not None:
        await page.http.close()
        page.http = jar.http
    answer = await page.post("/api/sign-in/link", {"token": token})
    assert answer.get("role") == role, answer
    return page
