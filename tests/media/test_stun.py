"""Checked against aioice, which wrote its STUN independently of ours."""

import pytest
from aioice import stun as reference
from hypothesis import given
from hypothesis import strategies as st

from proctor.media import stun

PASSWORD = b"a-password-of-enough-characters"
TRANSACTION = bytes(range(12))


def request(**changes) -> bytes:
    message = reference.Message(reference.Method.BINDING, reference.Class.REQUEST, TRANSACTION)
    message.attributes["USERNAME"] = changes.get("username", "local:remote")
    message.attributes["PRIORITY"] = 1
    if changes.get("nominate", True):
        message.attributes["USE-CANDIDATE"] = None
    message.add_message_integrity(changes.get("password", PASSWORD))
    return bytes(message)


def test_a_request_is_read_and_its_integrity_verified():
    data = request()
    parsed = stun.parse_binding_request(data)
    assert parsed is not None
    assert (parsed.local_ufrag, parsed.remote_ufrag, parsed.use_candidate) == ("local", "remote", True)
    assert parsed.transaction_id == TRANSACTION
    assert stun.verify(data, parsed.integrity_at, PASSWORD)
    assert not stun.verify(data, parsed.integrity_at, b"another")


def test_a_request_without_nomination_says_so():
    parsed = stun.parse_binding_request(request(nominate=False))
    assert parsed is not None and not parsed.use_candidate


def test_any_flipped_bit_up_to_the_integrity_is_noticed():
    data = request()
    for at in range(len(data) - 8):
        forged = bytes([*data[:at], data[at] ^ 0x10, *data[at + 1 :]])
        parsed = stun.parse_binding_request(forged)
        assert parsed is None or not stun.verify(forged, parsed.integrity_at, PASSWORD), at


def test_what_follows_the_integrity_is_not_believed():
    data = request(nominate=False)
    body = data[20:-8] + b"\x00\x25\x00\x00"  # USE-CANDIDATE slipped in, FINGERPRINT dropped
    parsed = stun.parse_binding_request(data[:2] + len(body).to_bytes(2, "big") + data[4:20] + body)
    assert parsed is not None and not parsed.use_candidate


@pytest.mark.parametrize("address", [("192.0.2.7", 50000), ("2001:db8::7", 50000)])
def test_the_response_reads_back(address):
    data = stun.binding_response(TRANSACTION, address, PASSWORD)
    message = reference.parse_message(data)  # checks FINGERPRINT
    assert message.attributes["XOR-MAPPED-ADDRESS"] == address
    assert message.check_message_integrity(PASSWORD)
    assert stun.is_response_to(data, TRANSACTION, PASSWORD)
    assert not stun.is_response_to(data, bytes(12), PASSWORD)
    assert not stun.is_response_to(data, TRANSACTION, b"another")


def test_a_dual_stack_socket_answers_ipv4_peers_in_ipv4():
    data = stun.binding_response(TRANSACTION, ("::ffff:192.0.2.7", 5), PASSWORD)
    assert reference.parse_message(data).attributes["XOR-MAPPED-ADDRESS"] == ("192.0.2.7", 5)


def test_our_request_reads_back():
    data = stun.binding_request(
        TRANSACTION, username="a:b", password=PASSWORD, priority=7, tie_breaker=9, use_candidate=True
    )
    message = reference.parse_message(data)
    assert message.check_message_integrity(PASSWORD)
    assert message.attributes["USERNAME"] == "a:b" and "USE-CANDIDATE" in message.attributes


@given(st.binary(max_size=200))
def test_no_bytes_raise(data):
    framed = b"\x00\x01" + (len(data)).to_bytes(2, "big") + b"\x21\x12\xa4\x42" + bytes(12) + data
    for message in (data, framed):
        stun.parse_binding_request(message)
        stun.is_response_to(message, TRANSACTION, PASSWORD)


@given(st.integers(0, 107), st.binary(max_size=8))
def test_cut_and_lengthened_requests_never_raise(length, tail):
    stun.parse_binding_request(request()[:length] + tail)
