"""The certificates of a local network (lan.py)."""

from __future__ import annotations

import ssl
from pathlib import Path

import pytest
from cryptography import x509

from proctor.lan import context


@pytest.mark.parametrize("made_before", [False, True])
def test_clients_that_are_strict_about_certificates_trust_the_local_ones(
    tmp_path: Path, made_before: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As Python's own are from 3.13 on (RFC 5280): one handshake, in memory. Those that were made without identifiers
    of their keys are made anew, the authority with its key, by which devices know it."""
    if made_before:
        add = x509.CertificateBuilder.add_extension
        named = (x509.SubjectKeyIdentifier, x509.AuthorityKeyIdentifier)
        with monkeypatch.context() as before:
            before.setattr(
                x509.CertificateBuilder, "add_extension",
                lambda self, value, critical: self if isinstance(value, named) else add(self, value, critical),
            )  # fmt: skip
            _, authority = context(tmp_path, "127.0.0.1")
        key = x509.load_pem_x509_certificate(authority.read_bytes()).public_key()
    made, authority = context(tmp_path, "127.0.0.1")
    if made_before:
        assert x509.load_pem_x509_certificate(authority.read_bytes()).public_key() == key
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
