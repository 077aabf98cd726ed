"""HTTPS on a local network without a public certificate: a local certificate authority, and a certificate from it.

Browsers give no camera over plain HTTP, except to this machine itself. A phone on the same network opens the address in
the QR code; it warns until the authority's certificate (`/ca.crt`) is installed there. The authority's key stays in the
folder of the master key. Both certificates are as RFC 5280 wants them, since clients that are strict about it (Python
from 3.13 on) trust no others.
"""

from __future__ import annotations

import io
import ipaddress
import ssl
from datetime import UTC, datetime, timedelta
from pathlib import Path

import segno
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, load_pem_private_key
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from proctor.errors import ProctorError

_AUTHORITY_DAYS = 3650
_CERTIFICATE_DAYS = 365  # what phones accept of a server certificate
_RENEW_DAYS = 30


def context(folder: Path, address: str) -> tuple[ssl.SSLContext, Path]:
    """A TLS context for `address`, and the authority's certificate; both are made in `folder` when missing.

    Raises ProctorError `not_writable`.
    """
    authority, certificate, key = folder / "ca.crt", folder / f"lan-{address}.crt", folder / f"lan-{address}.key"
    try:
        _make_what_is_missing(authority, certificate, key, address)
    except OSError as error:
        raise ProctorError("not_writable", path=error.filename or str(folder)) from None
    made = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    made.load_cert_chain(certificate, key)
    return made, authority


def _make_what_is_missing(authority: Path, certificate: Path, key: Path, address: str) -> None:
    authority.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    authority_key = authority.with_suffix(".key")
    if not authority.exists():
        _make_authority(authority, authority_key, ec.generate_private_key(ec.SECP256R1()))
    elif not _has(authority, x509.SubjectKeyIdentifier):  # made before: devices that trust its key and name go on to
        _make_authority(authority, authority_key, _key(authority_key))
    if not certificate.exists() or _ends_soon(certificate) or not _has(certificate, x509.AuthorityKeyIdentifier):
        _make_certificate(authority, authority_key, certificate, key, address)


def qr_code(url: str) -> str:
    """The address as a QR code for a terminal."""
    drawn = io.StringIO()
    segno.make(url, error="m").terminal(out=drawn, compact=True)
    return drawn.getvalue()


def _make_authority(path: Path, key_path: Path, key: ec.EllipticCurvePrivateKey) -> None:
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Proctor local authority")])
    certificate = (
        _builder(name, name, key, _AUTHORITY_DAYS)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_usage(sign_certificates=True), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .sign(key, hashes.SHA256())
    )
    _write(path, key_path, certificate, key)


def _make_certificate(authority: Path, authority_key: Path, path: Path, key_path: Path, address: str) -> None:
    issuer = x509.load_pem_x509_certificate(authority.read_bytes())
    issuer_key = _key(authority_key)
    key = ec.generate_private_key(ec.SECP256R1())
    names = [
        x509.DNSName("localhost"),
        x509.IPAddress(ipaddress.ip_address("127.0.0.1")),
        x509.IPAddress(ipaddress.ip_address(address)),
    ]
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, address)])
    certificate = (
        _builder(subject, issuer.subject, key, _CERTIFICATE_DAYS)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(x509.SubjectAlternativeName(names), critical=False)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .add_extension(_usage(sign_certificates=False), critical=True)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer_key.public_key()), critical=False)
        .sign(issuer_key, hashes.SHA256())
    )
    _write(path, key_path, certificate, key)


def _builder(
    subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePrivateKey, days: int
) -> x509.CertificateBuilder:
    now = datetime.now(UTC)
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=days))
    )


def _usage(*, sign_certificates: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not sign_certificates, key_cert_sign=sign_certificates, crl_sign=sign_certificates,
        content_commitment=False, key_encipherment=False, data_encipherment=False, key_agreement=False,
        encipher_only=False, decipher_only=False,
    )  # fmt: skip


def _key(path: Path) -> ec.EllipticCurvePrivateKey:
    key = load_pem_private_key(path.read_bytes(), None)
    assert isinstance(key, ec.EllipticCurvePrivateKey)
    return key


def _has(path: Path, extension: type[x509.ExtensionType]) -> bool:
    extensions = x509.load_pem_x509_certificate(path.read_bytes()).extensions
    return any(isinstance(each.value, extension) for each in extensions)


def _ends_soon(path: Path) -> bool:
    certificate = x509.load_pem_x509_certificate(path.read_bytes())
    return certificate.not_valid_after_utc < datetime.now(UTC) + timedelta(days=_RENEW_DAYS)


def _write(path: Path, key_path: Path, certificate: x509.Certificate, key: ec.EllipticCurvePrivateKey) -> None:
    key_path.touch(mode=0o600)
    key_path.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    path.write_bytes(certificate.public_bytes(Encoding.PEM))
