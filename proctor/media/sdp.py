"""Session descriptions (RFC 8866, JSEP RFC 9429) for the two connections a participant can have.

publish: the client offers at most one Opus and one VP8 section, the latter as simulcast of the layers "l"
and "h" (RFC 8853) or as a single stream; `answer_to_publisher` takes both and rejects every other section.
subscribe: we offer a fixed pool of slots, each with its own SSRC; `offer_to_subscriber` writes it and
`parse_answer` reads what the client made of it.

Everything runs over one bundled, rtcp-muxed transport. Of the header extensions we take four; video
orientation is never negotiated, so that clients turn the picture themselves and recordings stand upright.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NoReturn

from proctor.errors import ProctorError

MID = "urn:ietf:params:rtp-hdrext:sdes:mid"
RID = "urn:ietf:params:rtp-hdrext:sdes:rtp-stream-id"
REPAIRED_RID = "urn:ietf:params:rtp-hdrext:sdes:repaired-rtp-stream-id"
AUDIO_LEVEL = "urn:ietf:params:rtp-hdrext:ssrc-audio-level"
TRANSPORT_CC = "http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01"

LAYERS = ("l", "h")

VIDEO_PAYLOAD_TYPE, RTX_PAYLOAD_TYPE = 96, 97
AUDIO_PAYLOAD_TYPE = 111
MID_EXTENSION, TRANSPORT_CC_EXTENSION = 1, 2
"""Identifiers in our own offers."""

MAX_BYTES = 64 * 1024
MAX_SECTIONS = 128

_DIGESTS = ("sha-256", "sha-384", "sha-512")  # the ones the DTLS layer checks
_PASSIVE = (4 << 13) + 8191  # local preference of the direction, and the greatest within it
_ICE_CHARS = re.compile(r"[A-Za-z0-9+/=_-]{4,256}\Z")
_FINGERPRINT = re.compile(r"([0-9A-Fa-f]{2}:){15,63}[0-9A-Fa-f]{2}\Z")


def _refuse(why: str) -> NoReturn:
    raise ProctorError("bad_sdp", why=why)


# --- the grammar ---------------------------------------------------------------------------------------------


@dataclass(slots=True)
class Section:
    """One m= section."""

    kind: str
    port: int
    protocol: str
    formats: list[str]
    attributes: list[tuple[str, str]] = field(default_factory=list)

    def all(self, name: str) -> list[str]:
        return [value for key, value in self.attributes if key == name]

    def first(self, name: str) -> str | None:
        return next((value for key, value in self.attributes if key == name), None)

    @property
    def mid(self) -> str:
        return self.first("mid") or ""

    @property
    def direction(self) -> str:
        names = {key for key, _ in self.attributes}
        return next((way for way in ("sendonly", "recvonly", "inactive") if way in names), "sendrecv")


@dataclass(slots=True)
class Description:
    attributes: list[tuple[str, str]]
    sections: list[Section]

    def first(self, name: str) -> str | None:
        return next((value for key, value in self.attributes if key == name), None)


def parse(text: str) -> Description:
    """The description in `text`. Raises ProctorError("bad_sdp")."""
    if not isinstance(text, str) or len(text) > MAX_BYTES:
        _refuse(f"longer than {MAX_BYTES} characters" if isinstance(text, str) else "not a text")
    description = Description([], [])
    lines = text.splitlines()
    if not lines or lines[0].strip() != "v=0":
        _refuse("does not begin with v=0")
    for line in lines[1:]:
        line = line.strip()
        if line.startswith("m="):
            description.sections.append(_section(line))
            if len(description.sections) > MAX_SECTIONS:
                _refuse(f"more than {MAX_SECTIONS} sections")
        elif line.startswith("a="):
            name, _, value = line[2:].partition(":")
            target = description.sections[-1].attributes if description.sections else description.attributes
            target.append((name, value))
    return description


def _section(line: str) -> Section:
    words = line[2:].split()
    if len(words) < 4 or not words[1].isdecimal() or len(words[1]) > 5:
        _refuse("a section line is not well formed")
    return Section(words[0], int(words[1]), words[2], words[3:])


def _number(text: str, limit: int) -> int | None:
    return int(text) if text.isascii() and text.isdecimal() and len(text) <= 6 and int(text) <= limit else None


# --- transport -----------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Transport:
    """How one side is reached and recognised: ICE credentials, certificate, DTLS role, addresses."""

    ufrag: str
    password: str
    fingerprints: tuple[tuple[str, str], ...]  # (algorithm, value)
    setup: str  # actpass, active or passive (RFC 5763)
    candidates: tuple[tuple[str, int], ...] = ()  # UDP host candidates, most preferred first
    tcp_candidates: tuple[tuple[str, int], ...] = ()  # passive ones (RFC 6544), for where UDP is blocked

    def lines(self) -> list[str]:
        out = [f"a=ice-ufrag:{self.ufrag}", f"a=ice-pwd:{self.password}"]
        out += [f"a=fingerprint:{algorithm} {value}" for algorithm, value in self.fingerprints]
        out.append(f"a=setup:{self.setup}")
        for place, (address, port) in enumerate(self.candidates):
            priority = (126 << 24) + ((65535 - place) << 8) + 255  # RFC 8445 section 5.1.2.1
            out.append(f"a=candidate:{place + 1} 1 udp {priority} {address} {port} typ host")
        for place, (address, port) in enumerate(self.tcp_candidates):
            priority = (90 << 24) + ((_PASSIVE - place) << 8) + 255  # RFC 6544 section 4.2
            foundation = len(self.candidates) + place + 1
            out.append(f"a=candidate:{foundation} 1 tcp {priority} {address} {port} typ host tcptype passive")
        if self.candidates or self.tcp_candidates:
            out.append("a=end-of-candidates")
        return out


def transport_of(description: Description) -> Transport:
    """The transport of the first live section, to which all others are bundled. Raises "bad_sdp"."""
    live = [s for s in description.sections if s.port or s.first("bundle-only") is not None]
    if not live:
        _refuse("every section is rejected")
    section = live[0]

    def attribute(name: str) -> str:
        return section.first(name) or description.first(name) or ""

    ufrag, password = attribute("ice-ufrag"), attribute("ice-pwd")
    if not _ICE_CHARS.match(ufrag) or not _ICE_CHARS.match(password) or len(password) < 22:
        _refuse("ice-ufrag or ice-pwd is missing or malformed")
    fingerprints = []
    for line in section.all("fingerprint") or [v for k, v in description.attributes if k == "fingerprint"]:
        algorithm, _, value = line.partition(" ")
        if algorithm.lower() in _DIGESTS and _FINGERPRINT.match(value.strip()):
            fingerprints.append((algorithm.lower(), value.strip()))
    if not fingerprints:
        _refuse("no usable certificate fingerprint")
    setup = attribute("setup")
    if setup not in ("actpass", "active", "passive"):
        _refuse("setup is missing")
    if any(s.first("rtcp-mux") is None for s in live):
        _refuse("rtcp-mux is required")
    return Transport(ufrag, password, tuple(fingerprints), setup, _candidates(live, "udp"), _candidates(live, "tcp"))


def _candidates(sections: Sequence[Section], kind: str) -> tuple[tuple[str, int], ...]:
    """Host candidates over "udp" or passive ones over "tcp", in order of appearance, once each."""
    found: dict[tuple[str, int], None] = {}
    for section in sections:
        for line in section.all("candidate"):
            words = line.split()
            port = _number(words[5], 65535) if len(words) >= 8 else None
            open_to_us = kind == "udp" or words[8:10] == ["tcptype", "passive"]
            if port and words[2].lower() == kind and words[7] == "host" and open_to_us:
                found[(words[4], port)] = None
    return tuple(found)


def _head(bundle: Sequence[str], session: int) -> list[str]:
    return [
        "v=0",
        f"o=- {session} 1 IN IP4 0.0.0.0",
        "s=-",
        "t=0 0",
        "a=ice-lite",
        f"a=group:BUNDLE {' '.join(bundle)}",
        "a=msid-semantic: WMS *",
    ]


def _text(lines: Sequence[str]) -> str:
    return "\r\n".join(lines) + "\r\n"


# --- publish -------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class PublishedSection:
    """A section of a publisher's offer that we take."""

    kind: str
    mid: str
    payload_type: int
    rtx_payload_type: int | None
    rids: tuple[str, ...]  # simulcast layers; empty for a single stream
    extensions: tuple[tuple[int, str], ...]  # (identifier, URI) of those we take
    ssrc: int | None  # told in the offer when there is no simulcast


@dataclass(frozen=True, slots=True)
class PublisherOffer:
    transport: Transport
    audio: PublishedSection | None
    video: PublishedSection | None
    sections: tuple[Section, ...]

    def extension(self, uri: str) -> int:
        """The identifier of a header extension, 0 if it was not offered."""
        for section in (self.audio, self.video):
            if section is not None:
                for identifier, name in section.extensions:
                    if name == uri:
                        return identifier
        return 0

    def continues(self, before: PublisherOffer) -> bool:
        """Whether it describes the same connection as the one `before`, but for what ICE needs."""
        mine, its = self.transport, before.transport
        return (self.audio, self.video, mine.fingerprints) == (before.audio, before.video, its.fingerprints)


def parse_publisher_offer(text: str) -> PublisherOffer:
    """What a publisher wants to send. Raises ProctorError("bad_sdp")."""
    description = parse(text)
    transport = transport_of(description)
    taken: dict[str, PublishedSection] = {}
    for section in description.sections:
        if section.kind not in ("audio", "video") or section.direction not in ("sendonly", "sendrecv"):
            continue
        if not section.port and section.first("bundle-only") is None:
            continue
        codec = "opus/48000/2" if section.kind == "audio" else "vp8/90000"
        payload_type = _payload_type(section, codec)
        if payload_type is None:
            continue
        if section.kind in taken:
            _refuse(f"more than one {section.kind} section")
        if not section.mid or len(section.mid) > 16:
            _refuse("a section has no mid, or a long one")
        wanted = (MID, TRANSPORT_CC, *((AUDIO_LEVEL,) if section.kind == "audio" else (RID, REPAIRED_RID)))
        taken[section.kind] = PublishedSection(
            section.kind,
            section.mid,
            payload_type,
            _rtx_payload_type(section, payload_type),
            _rids(section) if section.kind == "video" else (),
            _extensions(section, wanted),
            _first_ssrc(section),
        )
    if not taken:
        _refuse("it sends neither VP8 video nor Opus audio")
    if len(taken) > 1:
        bundled = (description.first("group") or "").split()
        if bundled[:1] != ["BUNDLE"] or not {s.mid for s in taken.values()} <= set(bundled[1:]):
            _refuse("its sections are not bundled")
    offer = PublisherOffer(transport, taken.get("audio"), taken.get("video"), tuple(description.sections))
    if offer.video is not None and offer.video.rids and not offer.extension(RID):
        _refuse("simulcast without the rtp-stream-id header extension")
    return offer


def _payload_type(section: Section, codec: str) -> int | None:
    for line in section.all("rtpmap"):
        number, _, name = line.partition(" ")
        payload_type = _number(number, 127)
        if payload_type is not None and number in section.formats and name.strip().lower() == codec:
            return payload_type
    return None


def _rtx_payload_type(section: Section, payload_type: int) -> int | None:
    for line in section.all("fmtp"):
        number, _, parameters = line.partition(" ")
        if parameters.strip() == f"apt={payload_type}" and number in section.formats:
            return _number(number, 127)
    return None


def _rids(section: Section) -> tuple[str, ...]:
    """The simulcast layers sent, in the offer's order (RFC 8853); the first of alternatives, paused ones
    too."""
    simulcast = section.first("simulcast")
    if simulcast is None:
        return ()
    words = simulcast.split()
    sent = words[words.index("send") + 1] if "send" in words[:-1] else ""
    rids = tuple(stream.split(",")[0].removeprefix("~") for stream in sent.split(";") if stream)
    if not rids or not set(rids) <= set(LAYERS) or len(set(rids)) != len(rids):
        _refuse('simulcast layers must be named "l" and "h"')
    return rids


def _extensions(section: Section, wanted: Sequence[str]) -> tuple[tuple[int, str], ...]:
    found = []
    for line in section.all("extmap"):
        words = line.split()
        identifier = _number(words[0].partition("/")[0], 14) if len(words) >= 2 else None
        if identifier and words[1] in wanted:
            found.append((identifier, words[1]))
    return tuple(found)


def _first_ssrc(section: Section) -> int | None:
    word = (section.first("ssrc") or "").partition(" ")[0]
    return int(word) & 0xFFFFFFFF if word.isascii() and word.isdecimal() and len(word) <= 10 else None


def answer_to_publisher(offer: PublisherOffer, local: Transport, *, session: int) -> str:
    """Our answer: receive what was taken, reject the rest (port 0)."""
    taken = {s.mid: s for s in (offer.audio, offer.video) if s is not None}
    lines = _head([s.mid for s in offer.sections if s.mid in taken], session)
    for section in offer.sections:
        published = taken.get(section.mid)
        if published is None:
            lines += [
                f"m={section.kind} 0 {section.protocol} {' '.join(section.formats)}",
                "c=IN IP4 0.0.0.0",
            ]
            lines += [f"a=mid:{section.mid}", "a=inactive"] if section.mid else ["a=inactive"]
        else:
            lines += _published_lines(published) + local.lines()
    return _text(lines)


def _published_lines(section: PublishedSection) -> list[str]:
    media, rtx = section.payload_type, section.rtx_payload_type
    formats = f"{media}" if rtx is None else f"{media} {rtx}"
    lines = [
        f"m={section.kind} 9 UDP/TLS/RTP/SAVPF {formats}",
        "c=IN IP4 0.0.0.0",
        f"a=mid:{section.mid}",
        "a=recvonly",
        "a=rtcp-mux",
        "a=rtcp-rsize",
    ]
    lines += [f"a=extmap:{identifier} {uri}" for identifier, uri in section.extensions]
    if section.kind == "audio":
        lines += [
            f"a=rtpmap:{media} opus/48000/2",
            f"a=fmtp:{media} minptime=10;useinbandfec=1",
            f"a=rtcp-fb:{media} transport-cc",
            "a=ptime:60",  # a third of the packets of the usual 20 ms
            "a=maxptime:60",
        ]
        return lines
    lines += [f"a=rtpmap:{media} VP8/90000"]
    lines += [f"a=rtcp-fb:{media} {feedback}" for feedback in ("nack", "nack pli", "transport-cc")]
    if rtx is not None:
        lines += [f"a=rtpmap:{rtx} rtx/90000", f"a=fmtp:{rtx} apt={media}"]
    if section.rids:
        lines += [f"a=rid:{rid} recv" for rid in section.rids]
        lines.append(f"a=simulcast:recv {';'.join(section.rids)}")
    return lines


# --- subscribe -----------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class OfferedSlot:
    """One section of a subscription."""

    name: str  # "t0", "t1", ... or "focus"
    kind: str
    mid: str
    ssrc: int
    rtx_ssrc: int = 0  # of what is sent again; 0 for sound


def offer_to_subscriber(slots: Sequence[OfferedSlot], local: Transport, *, cname: str, session: int) -> str:
    """Our offer of all `slots`. Slots of one name share an msid, so that the browser plays them in sync."""
    lines = _head([slot.mid for slot in slots], session)
    for slot in slots:
        audio = slot.kind == "audio"
        number = AUDIO_PAYLOAD_TYPE if audio else VIDEO_PAYLOAD_TYPE
        lines += [
            f"m={slot.kind} 9 UDP/TLS/RTP/SAVPF {number}" + ("" if audio else f" {RTX_PAYLOAD_TYPE}"),
            "c=IN IP4 0.0.0.0",
            f"a=mid:{slot.mid}",
            "a=sendonly",
            "a=rtcp-mux",
            "a=rtcp-rsize",
            f"a=extmap:{MID_EXTENSION} {MID}",
            f"a=extmap:{TRANSPORT_CC_EXTENSION} {TRANSPORT_CC}",
            f"a=msid:{slot.name} {slot.name}-{slot.kind}",
        ]
        if audio:
            lines += [
                f"a=rtpmap:{number} opus/48000/2",
                f"a=fmtp:{number} minptime=10;useinbandfec=1",
                f"a=rtcp-fb:{number} nack",
                f"a=rtcp-fb:{number} transport-cc",
                "a=ptime:60",
            ]
        else:
            lines += [f"a=rtpmap:{number} VP8/90000"]
            lines += [f"a=rtcp-fb:{number} {feedback}" for feedback in ("nack", "nack pli", "ccm fir", "transport-cc")]
            lines += [f"a=rtpmap:{RTX_PAYLOAD_TYPE} rtx/90000", f"a=fmtp:{RTX_PAYLOAD_TYPE} apt={number}"]
            lines.append(f"a=ssrc-group:FID {slot.ssrc} {slot.rtx_ssrc}")  # RFC 5576 section 4.2
        for ssrc in (slot.ssrc,) if audio else (slot.ssrc, slot.rtx_ssrc):
            lines += [f"a=ssrc:{ssrc} cname:{cname}", f"a=ssrc:{ssrc} msid:{slot.name} {slot.name}-{slot.kind}"]
        lines += local.lines()
    return _text(lines)


@dataclass(frozen=True, slots=True)
class SubscriberAnswer:
    transport: Transport
    receiving: frozenset[str]  # mids the client takes
    taking_rtx: frozenset[str]  # and those of which it takes what is sent again
    feeds_back: bool  # when each packet of any of them arrived


def parse_answer(text: str, slots: Sequence[OfferedSlot]) -> SubscriberAnswer:
    """What a subscriber made of our offer. Raises ProctorError("bad_sdp") if it does not answer that
    offer."""
    description = parse(text)
    transport = transport_of(description)
    if transport.setup == "actpass":
        _refuse("an answer chooses its setup")
    answered = description.sections
    if len(answered) != len(slots) or any(
        section.kind != slot.kind or (section.port and section.mid != slot.mid)
        for section, slot in zip(answered, slots, strict=True)
    ):
        _refuse("its sections are not those of the offer")
    receiving = [s for s in answered if s.port and s.direction in ("recvonly", "sendrecv")]
    taking_rtx = frozenset(s.mid for s in receiving if s.kind == "video" and str(RTX_PAYLOAD_TYPE) in s.formats)
    numbered = ((TRANSPORT_CC_EXTENSION, TRANSPORT_CC),)
    feeds_back = all(_extensions(s, (TRANSPORT_CC,)) == numbered for s in receiving)
    return SubscriberAnswer(transport, frozenset(s.mid for s in receiving), taking_rtx, feeds_back)
