"""The certificates of a local network (lan.py)."""

from __future__ import annotations

import ssl
from pathlib import Path

from proctor.lan import context


def test_clients_that_are_strict_about_certificates_trust_the_local_ones(tmp_path: Path) -> None:
    """As Python's own are from 3.13 on (RFC 5280): one handshake, in memory."""
    made, authority = context(tmp_path, "127.0.0.1")
    strict = ssl.create_default_context(cafile=str(authority))
    strict.verify_flags |= ssl.VERIFY_X509_STRICT
    to_server, to_client = ssl.MemoryBIO(), ssl.MemoryBIO()
    server = made.wrap_bio(to_server, to_client, server_side=True)
    client = strict.wrap_bio(to_client, to_server, server_hostname="127.0.0.1")
    for side in (client, server, client, server):
        try:
            side.do_handshake()
        except ssl.SSLWantReadError:
            continue
    assert client.version() == "TLSv1.3"
    assert ("DNS", "localhost") in client.getpeercert()["subjectAltName"]
