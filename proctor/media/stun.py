"""STUN binding requests and responses (RFC 8489), as much of them as ICE needs (RFC 8445).

Parsing is separate from checking: `parse_binding_request` finds the attributes and `verify` recomputes
MESSAGE-INTEGRITY, so the caller can look the user name up in between and spend the HMAC only on names it
knows. Both take any bytes and never raise. The server asks a participant only whether it is where a check says that it
went to (media/peer.py); otherwise the functions for asking are for the synthetic ones, and for asking a STUN server for
our own address (media/discovery.py).
"""

from __future__ import annotations

import hmac
import socket
import struct
from dataclasses import dataclass
from zlib import crc32

COOKIE = 0x2112A442
HEADER = struct.Struct("!HHI12s")

BINDING_REQUEST = 0x0001
BINDING_INDICATION = 0x0011
BINDING_RESPONSE = 0x0101

_USERNAME = 0x0006
_MESSAGE_INTEGRITY = 0x0008
_XOR_MAPPED_ADDRESS = 0x0020
_PRIORITY = 0x0024
_USE_CANDIDATE = 0x0025
_FINGERPRINT = 0x8028
_ICE_CONTROLLED, _ICE_CONTROLLING = 0x8029, 0x802A

_FINGERPRINT_XOR = 0x5354554E  # "STUN", RFC 8489 section 14.7
_ATTRIBUTE = struct.Struct("!HH")


@dataclass(slots=True)
class BindingRequest:
    """What a connectivity check says. Nothing in it is believed before `verify`."""

    transaction_id: bytes
    local_ufrag: str  # the receiver's user name fragment
    remote_ufrag: str  # the sender's
    use_candidate: bool
    integrity_at: int  # where the MESSAGE-INTEGRITY attribute begins


def message_type(data: bytes) -> int | None:
    """The type of a well-framed STUN message, else None."""
    if len(data) < HEADER.size or len(data) % 4:
        return None
    kind: int
    kind, length, cookie, _ = HEADER.unpack_from(data)
    if cookie != COOKIE or length != len(data) - HEADER.size or kind & 0xC000:
        return None
    return kind


def parse_binding_request(data: bytes) -> BindingRequest | None:
    """The request in `data`, or None if it is anything else, is cut short, or lacks user name or
    integrity."""
    if message_type(data) != BINDING_REQUEST:
        return None
    attributes = _attributes(data)
    if attributes is None or _USERNAME not in attributes or _MESSAGE_INTEGRITY not in attributes:
        return None
    at, length = attributes[_USERNAME]
    local, colon, remote = data[at : at + length].decode("utf-8", "replace").partition(":")
    if not colon:
        return None
    return BindingRequest(
        transaction_id=data[8:20],
        local_ufrag=local,
        remote_ufrag=remote,
        use_candidate=_USE_CANDIDATE in attributes,
        integrity_at=attributes[_MESSAGE_INTEGRITY][0] - 4,
    )


def verify(data: bytes, integrity_at: int, password: bytes) -> bool:
    """Whether the message was made by someone who knows `password` (RFC 8489 section 14.5)."""
    length = integrity_at + 24 - HEADER.size  # as it stood before FINGERPRINT was added
    covered = data[:2] + length.to_bytes(2, "big") + data[4:integrity_at]
    digest = hmac.digest(password, covered, "sha1")
    return hmac.compare_digest(digest, data[integrity_at + 4 : integrity_at + 24])


def binding_response(transaction_id: bytes, address: tuple[str, int], password: bytes) -> bytes:
    """The success response that tells the asker under which `address` it was seen."""
    host = address[0].partition("%")[0].removeprefix("::ffff:")  # a dual-stack socket shows IPv4 in that form
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    pad = int.from_bytes(COOKIE.to_bytes(4, "big") + transaction_id, "big")
    packed = socket.inet_pton(family, host)
    if family == socket.AF_INET:
        pad = COOKIE
    mapped = (int.from_bytes(packed, "big") ^ pad).to_bytes(len(packed), "big")
    value = struct.pack("!BBH", 0, 1 if len(packed) == 4 else 2, address[1] ^ (COOKIE >> 16)) + mapped
    return _seal(BINDING_RESPONSE, transaction_id, _attribute(_XOR_MAPPED_ADDRESS, value), password)


def binding_request(
    transaction_id: bytes,
    *,
    username: str,
    password: bytes,
    priority: int,
    tie_breaker: int,
    use_candidate: bool,
    controlling: bool = True,
) -> bytes:
    """A connectivity check, by default of the controlling side; `username` is "receiver:sender"."""
    body = _attribute(_USERNAME, username.encode())
    body += _attribute(_PRIORITY, struct.pack("!I", priority))
    body += _attribute(_ICE_CONTROLLING if controlling else _ICE_CONTROLLED, struct.pack("!Q", tie_breaker))
    if use_candidate:
        body += _attribute(_USE_CANDIDATE, b"")
    return _seal(BINDING_REQUEST, transaction_id, body, password)


def is_response_to(data: bytes, transaction_id: bytes, password: bytes) -> bool:
    """Whether `data` is the genuine success response to the request `transaction_id`."""
    if message_type(data) != BINDING_RESPONSE or data[8:20] != transaction_id:
        return False
    attributes = _attributes(data)
    if attributes is None or _MESSAGE_INTEGRITY not in attributes:
        return False
    return verify(data, attributes[_MESSAGE_INTEGRITY][0] - 4, password)


def plain_request(transaction_id: bytes) -> bytes:
    """A request to a STUN server, by nobody in particular."""
    message = HEADER.pack(BINDING_REQUEST, 8, COOKIE, transaction_id)
    return message + _attribute(_FINGERPRINT, struct.pack("!I", crc32(message) ^ _FINGERPRINT_XOR))


def mapped_address(data: bytes, transaction_id: bytes) -> str | None:
    """The address that a STUN server saw, if `data` is its answer to the request `transaction_id`. Takes any bytes."""
    if message_type(data) != BINDING_RESPONSE or data[8:20] != transaction_id:
        return None
    at, length = (_attributes(data) or {}).get(_XOR_MAPPED_ADDRESS, (0, 0))
    if length < 4 or length != {1: 8, 2: 20}.get(data[at + 1]):
        return None
    packed = data[at + 4 : at + length]
    pad = (COOKIE.to_bytes(4, "big") + transaction_id)[: len(packed)]
    plain = bytes(one ^ other for one, other in zip(packed, pad, strict=True))
    return socket.inet_ntop(socket.AF_INET if len(plain) == 4 else socket.AF_INET6, plain)


def _attributes(data: bytes) -> dict[int, tuple[int, int]] | None:
    """Attribute type to (offset of value, length). None if an attribute overruns, repeats, or FINGERPRINT
    is wrong.

    What follows MESSAGE-INTEGRITY is not authenticated and is ignored, except FINGERPRINT (RFC 8489 section
    9).
    """
    found: dict[int, tuple[int, int]] = {}
    at, end = HEADER.size, len(data)
    while at < end:
        if at + 4 > end:
            return None
        kind, length = _ATTRIBUTE.unpack_from(data, at)
        if at + 4 + length > end:
            return None
        if kind == _FINGERPRINT:
            if length != 4 or int.from_bytes(data[at + 4 : at + 8], "big") != crc32(data[:at]) ^ _FINGERPRINT_XOR:
                return None
        elif _MESSAGE_INTEGRITY not in found:
            if kind == _MESSAGE_INTEGRITY and length != 20:
                return None
            found.setdefault(kind, (at + 4, length))
        at += 4 + length + (-length & 3)
    return found


def _attribute(kind: int, value: bytes) -> bytes:
    return _ATTRIBUTE.pack(kind, len(value)) + value + bytes(-len(value) & 3)


def _seal(kind: int, transaction_id: bytes, body: bytes, password: bytes) -> bytes:
    """Header, body, MESSAGE-INTEGRITY, FINGERPRINT; each covers what precedes it, with the length up to
    itself."""
    covered = HEADER.pack(kind, len(body) + 24, COOKIE, transaction_id) + body
    integrity = _attribute(_MESSAGE_INTEGRITY, hmac.digest(password, covered, "sha1"))
    message = HEADER.pack(kind, len(body) + 32, COOKIE, transaction_id) + body + integrity
    return message + _attribute(_FINGERPRINT, struct.pack("!I", crc32(message) ^ _FINGERPRINT_XOR))
