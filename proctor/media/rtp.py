"""RTP packets (RFC 3550), header extensions (RFC 8285, one-byte form) and the VP8 descriptor (RFC 7741).

A packet is parsed once, at ingress; everything behind reads the fields. Parsers take any bytes and answer
None for what is malformed. Nothing here decodes pictures.
"""

from __future__ import annotations

import struct
from typing import Any

from msgspec import Struct

HEADER = struct.Struct("!BBHII")
_WITH_EXTENSION = struct.Struct("!BBHIIHH")  # and the extension head, where there is no CSRC
_EXTENSION = struct.Struct("!HH")
_ONE_BYTE_PROFILE = 0xBEDE


class Vp8Descriptor(Struct, gc=False):
    """Where the counters of a VP8 payload stand, so that they can be rewritten in place."""

    keyframe: bool  # True on the first packet of a keyframe only
    picture_at: int  # offset in the payload; 0 when there is no picture id
    picture_id: int
    picture_wide: bool  # 15 bits rather than 7
    tl0_at: int  # offset; 0 when there is no TL0PICIDX
    tl0_index: int
    temporal: int  # temporal layer; 0 where there is but one
    sync: bool  # of a higher temporal layer: it refers to the lowest alone
    size: int  # bytes before the VP8 data itself


class Packet(Struct, gc=False):
    """One received RTP packet. A msgspec structure, since it is made four times as fast as an instance of Python's.

    `index` is the sequence number extended to 48 bits and renumbered without the padding-only packets that
    were dropped, `late` whether one of a higher number came before; `stream.Stream` fills them in. `vp8` is set on
    video that somebody watches.
    """

    payload_type: int
    marker: bool
    sequence: int
    timestamp: int
    ssrc: int
    block: bytes  # of header extensions, one-byte form, without its head
    payload: bytes  # without padding; empty for a padding-only packet
    index: int = 0
    late: bool = False
    vp8: Vp8Descriptor | None = None

    def extension(self, identifier: int) -> bytes:
        """The first extension of that identifier, b"" if there is none; an element that overruns the block ends
        it."""
        block = self.block
        at, end = 0, len(block)
        while at < end:
            head = block[at]
            if not head:
                at += 1  # padding between elements
                continue
            stop = at + (head & 15) + 2
            if not 0x10 <= head < 0xF0 or stop > end:
                break
            if head >> 4 == identifier:
                return block[at + 1 : stop]
            at = stop
        return b""

    @property
    def extensions(self) -> dict[int, bytes]:
        """Identifier to value."""
        found = ((identifier, self.extension(identifier)) for identifier in range(1, 15))
        return {identifier: value for identifier, value in found if value}


def parse(data: bytes) -> Packet | None:
    """The packet in `data` (already decrypted), or None if its lengths do not add up."""
    return parse_view(data + bytes(4), len(data))


def parse_view(view: Any, size: int) -> Packet | None:
    """The packet in the first `size` bytes of `view`: bytes, or memory that gives bytes when it is sliced
    (native.Inbox), and at least 16 of them whatever the size."""
    if size < 12:
        return None
    first, second, sequence, timestamp, ssrc, profile, words = _WITH_EXTENSION.unpack_from(view)
    if first >> 6 != 2:
        return None
    at = 12
    if first & 15:
        at += 4 * (first & 15)
        if first & 0x10 and at + 4 <= size:
            profile, words = _EXTENSION.unpack_from(view, at)
    block = b""
    if first & 0x10:
        head = at + 4
        at = head + 4 * words
        if at > size:
            return None
        if profile == _ONE_BYTE_PROFILE:
            block = view[head:at]
    if first & 0x20:
        padding = view[size - 1 : size][0]
        if not padding or at + padding > size:
            return None
        size -= padding
    elif at > size:
        return None
    return Packet(second & 0x7F, second > 0x7F, sequence, timestamp, ssrc, block, view[at:size])


def extension_block(elements: dict[int, bytes]) -> bytes:
    """The whole extension block, padded to 32 bits, for `HEADER` with the X bit set."""
    body = b"".join(bytes([identifier << 4 | len(value) - 1]) + value for identifier, value in elements.items())
    body += bytes(-len(body) & 3)
    return struct.pack("!HH", _ONE_BYTE_PROFILE, len(body) // 4) + body


def parse_vp8(payload: bytes) -> Vp8Descriptor | None:
    """The descriptor at the head of a VP8 payload, or None if it is cut short or carries nothing."""
    size = len(payload)
    if size < 2:
        return None
    head = payload[0]
    at = 1
    picture_at = picture_id = tl0_at = tl0_index = temporal = 0
    wide = sync = False
    if head & 0x80:
        flags = payload[1]
        at = 2
        if flags & 0x80:
            if at + 2 > size:
                return None
            picture_at = at
            wide = payload[at] > 0x7F
            if wide:
                picture_id = (payload[at] & 0x7F) << 8 | payload[at + 1]
                at += 2
            else:
                picture_id = payload[at]
                at += 1
        if flags & 0x40:
            if at >= size:
                return None
            tl0_at = at
            tl0_index = payload[at]
            at += 1
        if flags & 0x30:
            if flags & 0x20 and at < size:
                temporal = payload[at] >> 6
                sync = payload[at] & 0x20 > 0
            at += 1
    if at >= size:
        return None
    # S set, partition 0, and the P bit of the VP8 frame header clear: RFC 7741 section 4.3
    keyframe = head & 0x1F == 0x10 and not payload[at] & 1
    return Vp8Descriptor(keyframe, picture_at, picture_id, wide, tl0_at, tl0_index, temporal, sync, at)
