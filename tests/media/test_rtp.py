import struct

import pytest
from aiortc.codecs.vpx import VpxPayloadDescriptor
from hypothesis import given
from hypothesis import strategies as st

from proctor.media import rtp

HEAD = struct.Struct("!BBHII")


def test_the_header_is_read():
    packet = rtp.parse(HEAD.pack(0x80, 0xE0, 65535, 123, 0xABCDEF01) + b"data")
    assert packet is not None
    assert (packet.payload_type, packet.marker, packet.sequence) == (96, True, 65535)
    assert (packet.timestamp, packet.ssrc, packet.payload) == (123, 0xABCDEF01, b"data")


def test_contributing_sources_and_padding_are_left_out():
    data = HEAD.pack(0xA2, 96, 1, 2, 3) + bytes(8) + b"data" + b"\0\0\3"
    assert rtp.parse(data).payload == b"data"


def test_a_padding_only_packet_has_an_empty_payload():
    assert rtp.parse(HEAD.pack(0xA0, 96, 1, 2, 3) + bytes(15) + b"\x10").payload == b""


def test_extensions_read_back_as_written():
    elements = {1: b"0", 3: b"\x12\x34", 10: b"h"}
    packet = rtp.parse(HEAD.pack(0x90, 96, 1, 2, 3) + rtp.extension_block(elements) + b"x")
    assert packet.extensions == elements and packet.payload == b"x"


@pytest.mark.parametrize(
    "data",
    [
        b"",
        HEAD.pack(0x80, 96, 1, 2, 3)[:-1],
        HEAD.pack(0x40, 96, 1, 2, 3),  # version 1
        HEAD.pack(0x8F, 96, 1, 2, 3) + bytes(59),  # 15 contributing sources need 60 bytes
        HEAD.pack(0x90, 96, 1, 2, 3) + b"\xbe\xde\0\2" + bytes(7),
        HEAD.pack(0xA0, 96, 1, 2, 3) + b"\0",  # no padding is not padding
        HEAD.pack(0xA0, 96, 1, 2, 3) + b"x\x09",
    ],
)
def test_lengths_that_do_not_add_up_are_refused(data):
    assert rtp.parse(data) is None


@pytest.mark.parametrize("wide", [True, False])
def test_the_vp8_descriptor_is_read(wide):
    picture = 0x1234 if wide else 0x34
    descriptor = VpxPayloadDescriptor(1, 0, picture_id=picture, tl0picidx=7, tid=(0, 0))
    payload = bytes(descriptor) + b"\x10\x02\x00"  # P bit clear: a keyframe
    vp8 = rtp.parse_vp8(payload)
    assert (vp8.keyframe, vp8.picture_id, vp8.tl0_index) == (True, picture, 7)
    assert payload[vp8.tl0_at] == 7 and vp8.size == len(bytes(descriptor))
    if wide:
        assert vp8.picture_wide or picture < 128
        assert int.from_bytes(payload[vp8.picture_at : vp8.picture_at + 2], "big") & 0x7FFF == picture


@pytest.mark.parametrize(
    "payload, keyframe",
    [
        (b"\x10\x00", True),
        (b"\x10\x01", False),  # P bit: an interframe
        (b"\x00\x00", False),  # not the start of a partition
        (b"\x11\x00", False),  # partition 1
    ],
)
def test_only_the_first_packet_of_a_keyframe_counts_as_one(payload, keyframe):
    assert rtp.parse_vp8(payload).keyframe is keyframe


@pytest.mark.parametrize(
    "payload", [b"", b"\x10", b"\x90\x80", b"\x90\x80\x80", b"\x90\x40", b"\x90\x30\x00", b"\x90\xf0\x80"]
)
def test_a_cut_descriptor_is_refused(payload):
    assert rtp.parse_vp8(payload) is None


@given(st.binary(max_size=100))
def test_no_bytes_raise(data):
    packet = rtp.parse(data)
    assert packet is None or data.endswith(packet.payload) or data[0] & 0x20
    vp8 = rtp.parse_vp8(data)
    assert vp8 is None or vp8.size < len(data)


@given(st.binary(max_size=60), st.booleans(), st.binary(min_size=100, max_size=100))
def test_what_an_earlier_datagram_left_behind_is_not_read(data, extended, before):
    """The inbox is one for all (native.Inbox): a packet ends where its size says."""
    if extended:
        data = HEAD.pack(0x90, 96, 1, 2, 3) + b"\xbe\xde\0" + data
    assert rtp.parse_view(data + before, len(data)) == rtp.parse(data)


@given(st.binary(max_size=60))
def test_any_extension_block_is_survived(block):
    block += bytes(-len(block) & 3)
    data = HEAD.pack(0x90, 96, 1, 2, 3) + b"\xbe\xde" + (len(block) // 4).to_bytes(2, "big") + block + b"payload"
    assert rtp.parse(data).payload == b"payload"
