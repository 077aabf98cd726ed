from collections.abc import Callable
from importlib.metadata import version

import pytest
from aiortc import rtcdtlstransport
from pylibsrtp import Policy, Session

from proctor.media import native


@pytest.mark.parametrize("package", sorted(native.PINNED))
def test_the_installed_version_is_the_one_this_was_written_against(package):
    assert version(package) == native.PINNED[package]


def test_the_private_names_we_use_are_still_there():
    for name in ("_set_role", "start", "stop"):
        assert callable(getattr(rtcdtlstransport.RTCDtlsTransport, name))
    for name in ("srtp_protect", "srtp_unprotect", "srtp_protect_rtcp", "srtp_unprotect_rtcp"):
        assert hasattr(native.lib, name)
    assert native.ffi.typeof(Session()._srtp).cname.endswith("* *")  # srtp_t is itself a pointer


def sessions(key: bytes = bytes(range(30))) -> tuple[native.Outbound, native.Inbound]:
    out = Session(Policy(key=key, ssrc_type=Policy.SSRC_ANY_OUTBOUND))
    return native.Outbound(out), native.Inbound(Session(Policy(key=key, ssrc_type=Policy.SSRC_ANY_INBOUND)))


def packet(sequence: int, payload: bytes = b"picture") -> bytes:
    return b"\x80\x60" + sequence.to_bytes(2, "big") + bytes(4) + b"\0\0\0\x07" + payload


def protect(outbound: native.Outbound, data: bytes) -> bytes:
    outbound.view[0 : len(data)] = data
    sealed = outbound.protect(len(data))
    assert sealed is not None
    return sealed


def opened(unprotect: Callable[[native.Inbox, int], int], data: bytes) -> bytes | None:
    inbox = native.Inbox()
    size = unprotect(inbox, inbox.put(data))
    return inbox.view[0:size] if size else None


def test_what_is_protected_comes_back_and_nothing_else_does():
    outbound, inbound = sessions()
    sealed = protect(outbound, packet(1))
    assert sealed != packet(1)
    assert opened(inbound.unprotect, bytes([*sealed[:-1], sealed[-1] ^ 1])) is None
    assert opened(inbound.unprotect, sealed) == packet(1)
    assert opened(inbound.unprotect, sealed) is None, "a replay"


def test_connections_share_one_inbox_and_nothing_of_one_is_left_for_the_other():
    (first_out, first_in), (second_out, second_in) = sessions(bytes(30)), sessions(bytes(range(30)))
    inbox = native.Inbox()
    size = first_in.unprotect(inbox, inbox.put(protect(first_out, packet(1, bytes(1000)))))
    assert inbox.view[0:size] == packet(1, bytes(1000))
    sealed = protect(second_out, packet(1, b"short"))
    assert first_in.unprotect(inbox, inbox.put(sealed)) == 0, "another's packet"
    size = second_in.unprotect(inbox, inbox.put(sealed))
    assert inbox.view[0:size] == packet(1, b"short")


def test_rtcp_goes_through_its_own_protection():
    outbound, inbound = sessions()
    report = b"\x80\xc9\x00\x01\x00\x00\x00\x07"
    sealed = outbound.protect_rtcp(report)
    assert sealed is not None and report not in sealed[8:]
    assert opened(inbound.unprotect_rtcp, sealed) == report


@pytest.mark.parametrize("data", [b"", b"\x80", bytes(12), bytes(native.MAX_DATAGRAM + 1)])
def test_rubbish_and_oversize_are_refused_without_harm(data):
    outbound, inbound = sessions()
    assert opened(inbound.unprotect, data) is None
    assert opened(inbound.unprotect_rtcp, data) is None
    assert opened(inbound.unprotect, protect(outbound, packet(2))) == packet(2)


def test_endpoints_keep_their_session_alive():
    outbound, inbound = sessions()  # the only references left are inside the endpoints
    for sequence in range(200):
        assert opened(inbound.unprotect, protect(outbound, packet(sequence, bytes(1000)))) is not None
