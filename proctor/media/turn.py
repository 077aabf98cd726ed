"""What pages are told of a TURN server, which relays media where a network lets neither UDP nor our TCP port through.

The server and we share a secret (the TURN REST API, `use-auth-secret` of coturn). A page gets a user name that says
until when it is good, and the password that the secret makes of it: nothing is kept, here or there, and what leaks from
a page is worthless before long. A page asks anew for each connection that it makes, so it never begins one with
credentials that have run out; a relayed connection that stands outlives them (tests/media/test_turn.py).
"""

from __future__ import annotations

import base64
import hmac
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

GOOD_FOR = timedelta(hours=12)  # longer than an exam day
# RFC 7065, with names and addresses as they are written in practice.
_URL = re.compile(r"turns?:([A-Za-z0-9.-]+|\[[0-9A-Fa-f:.]+\])(:\d{1,5})?(\?transport=(udp|tcp))?\Z")


def is_url(text: str) -> bool:
    """Whether browsers take `text` for the address of a TURN server."""
    return _URL.match(text) is not None


@dataclass(frozen=True, slots=True)
class Relays:
    """The addresses of a TURN server, by every way that it has, and its secret. None: there is no such server."""

    urls: Sequence[str] = ()
    secret: str = field(default="", repr=False)

    def for_page(self, name: str, now: datetime, good_for: timedelta = GOOD_FOR) -> list[dict[str, Any]]:
        """RTCIceServers (W3C webrtc) for the page of `name`, an identifier that says nothing to strangers."""
        if not self.urls:
            return []
        username = f"{int((now + good_for).timestamp())}:{name}"
        return [{"urls": list(self.urls), "username": username, "credential": password(self.secret, username)}]


def password(secret: str, username: str) -> str:
    """What proves that whoever knows `secret` gave out `username`."""
    return base64.b64encode(hmac.digest(secret.encode(), username.encode(), "sha1")).decode()
