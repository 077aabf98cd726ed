"""Examining the TLS certificate: can it be read, does the key fit, how long is it good, which names does it carry."""

from __future__ import annotations

import ipaddress
import ssl
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from cryptography import x509

from proctor.operations.finding import Finding, failure, ok, warning

_NAME = "tls_certificate"
_RENEW_BEFORE = timedelta(days=14)


def certificate(cert: Path | None, key: Path | None, public_url: str, now: datetime, *, beyond: bool) -> Finding:
    """`beyond`: the server is for other machines too. `public_url` may be empty; then no name is expected."""
    if cert is None:
        if not beyond:
            return ok(_NAME, "Không cần chứng thư: chỉ máy này vào được.",
                      "No certificate is needed: only this machine can come in.")  # fmt: skip
        return failure(
            _NAME, "Chưa có chứng thư; ngoài máy này máy chủ chỉ chạy với TLS.",
            "There is no certificate; beyond this machine the server speaks only TLS.",
            "Thêm --tls-cert và --tls-key.", "Add --tls-cert and --tls-key.",
        )  # fmt: skip
    try:
        found = x509.load_pem_x509_certificate(cert.read_bytes())
    except (OSError, ValueError):
        return failure(
            _NAME, f"Không đọc được chứng thư {cert}.", f"The certificate {cert} cannot be read.",
            "Kiểm tra đường dẫn, quyền đọc, và dạng PEM.", "Check the path, the right to read it, and that it is PEM.",
            path=str(cert),
        )  # fmt: skip
    try:
        ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(cert, key, password=_no_password)
    except (OSError, ssl.SSLError):
        return failure(
            _NAME, "Không đọc được khóa của chứng thư, hoặc khóa không khớp.",
            "The certificate's key cannot be read, or does not fit it.",
            "Đưa đúng cặp tệp vào --tls-cert và --tls-key; khóa không có mật khẩu.",
            "Give a pair that belongs together by --tls-cert and --tls-key; the key without a password.",
            path=str(key or cert),
        )  # fmt: skip
    return _judged(found, public_url, now)


def _judged(found: x509.Certificate, public_url: str, now: datetime) -> Finding:
    names, until = _names(found), found.not_valid_after_utc
    details: dict[str, Any] = {"names": names, "until": until.isoformat()}
    shown, day = ", ".join(names) or "-", until.date().isoformat()
    renew = "Xin chứng thư mới rồi khởi động lại máy chủ.", "Get a new certificate and restart the server."
    if not found.not_valid_before_utc <= now < until:
        return failure(_NAME, f"Chứng thư không có hiệu lực hôm nay (đến {day}).",
                       f"The certificate is not valid today (until {day}).", *renew, **details)  # fmt: skip
    expected = urlsplit(public_url).hostname
    if expected and not any(_covers(name, expected) for name in names):
        return failure(
            _NAME, f"Chứng thư không có tên {expected}; chỉ có: {shown}.",
            f"The certificate does not carry the name {expected}; it carries {shown}.",
            "Xin chứng thư cho tên trong --public-url.", "Get a certificate for the name in --public-url.", **details,
        )  # fmt: skip
    if until - now < _RENEW_BEFORE:
        return warning(_NAME, f"Chứng thư sắp hết hạn ({day}).", f"The certificate ends soon ({day}).", *renew,
                       **details)  # fmt: skip
    return ok(_NAME, f"Chứng thư có hiệu lực đến {day}, cho {shown}.",
              f"The certificate is valid until {day}, for {shown}.", **details)  # fmt: skip


def _names(found: x509.Certificate) -> list[str]:
    """The names and addresses that browsers compare with: those of the extension; the common name does not count."""
    try:
        extension = found.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except x509.ExtensionNotFound:
        return []
    names = extension.get_values_for_type(x509.DNSName)
    return [*names, *(str(address) for address in extension.get_values_for_type(x509.IPAddress))]


def _covers(name: str, expected: str) -> bool:
    """Whether a certificate's name is good for `expected`; a star stands for one label (RFC 6125 6.4.3)."""
    try:
        return ipaddress.ip_address(name) == ipaddress.ip_address(expected)
    except ValueError:
        pass
    if name.startswith("*."):
        return expected.lower().partition(".")[2] == name[2:].lower()
    return name.lower() == expected.lower()


def _no_password() -> str:
    return ""  # instead of asking at the terminal
