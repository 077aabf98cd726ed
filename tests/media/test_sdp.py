import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from proctor.errors import ProctorError
from proctor.media import sdp

FINGERPRINT = "sha-256 " + ":".join(["AB"] * 32)
LOCAL = sdp.Transport("ours", "o" * 32, (("sha-256", ":".join(["CD"] * 32)),), "passive", (("192.0.2.1", 5000),))

# what Chromium 156 offers, shortened to what matters
OFFER = f"""v=0
o=- 4611731400430051336 2 IN IP4 127.0.0.1
s=-
t=0 0
a=group:BUNDLE 0 1
a=msid-semantic: WMS
m=audio 9 UDP/TLS/RTP/SAVPF 111 63 9
c=IN IP4 0.0.0.0
a=ice-ufrag:abcd
a=ice-pwd:abcdefghijklmnopqrstuvwx
a=ice-options:trickle
a=fingerprint:{FINGERPRINT}
a=setup:actpass
a=mid:0
a=extmap:1 urn:ietf:params:rtp-hdrext:ssrc-audio-level
a=extmap:2 http://www.webrtc.org/experiments/rtp-hdrext/abs-send-time
a=extmap:3 http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01
a=extmap:4 urn:ietf:params:rtp-hdrext:sdes:mid
a=sendonly
a=rtcp-mux
a=rtcp-rsize
a=rtpmap:111 opus/48000/2
a=fmtp:111 minptime=10;useinbandfec=1
a=rtpmap:63 red/48000/2
a=ssrc:11 cname:x
m=video 9 UDP/TLS/RTP/SAVPF 96 97
c=IN IP4 0.0.0.0
a=ice-ufrag:abcd
a=ice-pwd:abcdefghijklmnopqrstuvwx
a=fingerprint:{FINGERPRINT}
a=setup:actpass
a=mid:1
a=extmap:13 urn:3gpp:video-orientation
a=extmap:3 http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01
a=extmap:4 urn:ietf:params:rtp-hdrext:sdes:mid
a=extmap:10 urn:ietf:params:rtp-hdrext:sdes:rtp-stream-id
a=sendonly
a=rtcp-mux
a=rtpmap:96 VP8/90000
a=rtcp-fb:96 goog-remb
a=rtpmap:97 rtx/90000
a=fmtp:97 apt=96
a=rid:l send
a=rid:h send
a=simulcast:send l;h
""".replace("\n", "\r\n")


# what Firefox 153 offers, shortened to what matters: one fingerprint for all, directions on header extensions
FIREFOX_OFFER = f"""v=0
o=mozilla...THIS_IS_SDPARTA-99.0 295166887509635218 0 IN IP4 0.0.0.0
s=-
t=0 0
a=sendrecv
a=fingerprint:{FINGERPRINT}
a=group:BUNDLE 0 1
a=ice-options:trickle
a=msid-semantic:WMS *
m=audio 9 UDP/TLS/RTP/SAVPF 109 9 0 8 101
c=IN IP4 0.0.0.0
a=sendonly
a=extmap:1 urn:ietf:params:rtp-hdrext:ssrc-audio-level
a=extmap:2/recvonly urn:ietf:params:rtp-hdrext:csrc-audio-level
a=extmap:3 urn:ietf:params:rtp-hdrext:sdes:mid
a=extmap:7 http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01
a=extmap-allow-mixed
a=fmtp:109 maxplaybackrate=48000;stereo=1;useinbandfec=1
a=ice-pwd:4f20320102fca34bd287b82cf7af7a53
a=ice-ufrag:95f5e82a
a=mid:0
a=rtcp-mux
a=rtpmap:109 opus/48000/2
a=rtpmap:9 G722/8000/1
a=setup:actpass
a=ssrc:2228835982 cname:x
m=video 9 UDP/TLS/RTP/SAVPF 120 124
c=IN IP4 0.0.0.0
a=sendonly
a=extmap:3 urn:ietf:params:rtp-hdrext:sdes:mid
a=extmap:6/recvonly http://www.webrtc.org/experiments/rtp-hdrext/playout-delay
a=extmap:7 http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01
a=extmap:9/sendonly urn:ietf:params:rtp-hdrext:sdes:rtp-stream-id
a=extmap:10/sendonly urn:ietf:params:rtp-hdrext:sdes:repaired-rtp-stream-id
a=extmap-allow-mixed
a=fmtp:120 max-fs=12288;max-fr=60
a=fmtp:124 apt=120
a=ice-pwd:4f20320102fca34bd287b82cf7af7a53
a=ice-ufrag:95f5e82a
a=mid:1
a=rid:l send
a=rid:h send
a=rtcp-fb:120 nack pli
a=rtcp-fb:120 goog-remb
a=rtcp-fb:121 nack
a=rtcp-mux
a=rtcp-rsize
a=rtpmap:120 VP8/90000
a=rtpmap:124 rtx/90000
a=setup:actpass
a=simulcast:send l;h
a=ssrc:1443877130 cname:x
a=ssrc-group:FID 1443877130 2586632716
""".replace("\n", "\r\n")


def answer_of(offer: str) -> str:
    return sdp.answer_to_publisher(sdp.parse_publisher_offer(offer), LOCAL, session=1)


def test_a_browser_offer_is_understood():
    offer = sdp.parse_publisher_offer(OFFER)
    assert (offer.transport.ufrag, offer.transport.setup) == ("abcd", "actpass")
    assert offer.audio is not None and offer.audio.payload_type == 111
    assert offer.video is not None
    assert (offer.video.payload_type, offer.video.rtx_payload_type, offer.video.rids) == (96, 97, ("l", "h"))
    assert offer.extension(sdp.RID) == 10 and offer.extension(sdp.AUDIO_LEVEL) == 1


def test_the_offer_of_firefox_is_understood_and_answered():
    offer = sdp.parse_publisher_offer(FIREFOX_OFFER)
    algorithm, value = FINGERPRINT.split()
    assert (offer.transport.ufrag, offer.transport.fingerprints) == ("95f5e82a", ((algorithm, value),))
    assert offer.audio is not None and offer.audio.payload_type == 109
    assert offer.video is not None
    assert (offer.video.payload_type, offer.video.rtx_payload_type, offer.video.rids) == (120, 124, ("l", "h"))
    assert (offer.extension(sdp.RID), offer.extension(sdp.TRANSPORT_CC)) == (9, 7)
    assert (offer.extension(sdp.AUDIO_LEVEL), offer.extension(sdp.MID)) == (1, 3)
    answer = answer_of(FIREFOX_OFFER)
    for line in ("m=video 9 UDP/TLS/RTP/SAVPF 120 124", "a=fmtp:124 apt=120", "a=simulcast:recv l;h"):
        assert line + "\r\n" in answer, line


def test_the_answer_takes_what_we_need_and_nothing_else():
    answer = answer_of(OFFER)
    for line in (
        "a=ice-lite",
        "a=group:BUNDLE 0 1",
        "a=ptime:60",
        "a=rid:l recv",
        "a=simulcast:recv l;h",
        "a=rtcp-fb:96 nack pli",
        "a=rtcp-fb:96 transport-cc",
        "a=fmtp:97 apt=96",
        "a=setup:passive",
        "a=candidate:1 1 udp 2130706431 192.0.2.1 5000 typ host",
    ):
        assert line + "\r\n" in answer, line
    for word in ("video-orientation", "abs-send-time", "goog-remb", "red/48000"):
        assert word not in answer


def test_a_single_stream_offer_needs_no_rids():
    single = re.sub(r"a=(rid:|simulcast:).*\r\n", "", OFFER)
    assert sdp.parse_publisher_offer(single).video.rids == ()
    assert "simulcast" not in answer_of(single)


def test_other_sections_are_rejected_in_place():
    extra = "m=application 9 UDP/DTLS/SCTP webrtc-datachannel\r\na=mid:2\r\na=rtcp-mux\r\n"
    answer = answer_of(OFFER + extra)
    assert "m=application 0 UDP/DTLS/SCTP webrtc-datachannel" in answer
    assert "a=group:BUNDLE 0 1\r\n" in answer


def test_sound_alone_is_enough():
    audio_only = OFFER[: OFFER.index("m=video")].replace("BUNDLE 0 1", "BUNDLE 0")
    offer = sdp.parse_publisher_offer(audio_only)
    assert offer.video is None and offer.audio is not None


@pytest.mark.parametrize(
    "old, new, why",
    [
        ("v=0", "v=1", "v=0"),
        ("a=ice-pwd:abcdefghijklmnopqrstuvwx", "a=ice-pwd:short", "ice-pwd"),
        ("a=fingerprint:sha-256", "a=fingerprint:md5", "fingerprint"),
        ("a=setup:actpass", "a=setup:holdconn", "setup"),
        ("a=rtcp-mux", "a=rtcp-notmux", "rtcp-mux"),
        ("a=group:BUNDLE 0 1", "a=group:LS 0 1", "bundled"),
        ("simulcast:send l;h", "simulcast:send low;high", "layers"),
        ("simulcast:send l;h", "simulcast:send l;l", "layers"),
        ("sdes:rtp-stream-id", "sdes:other", "rtp-stream-id"),
        ("a=sendonly", "a=recvonly", "neither"),
        ("m=video 9", "m=video nine", "section"),
        ("m=video", "m=audio", "neither|more than one|bundled|no mid"),
    ],
)
def test_an_unusable_offer_is_refused_with_the_reason(old, new, why):
    broken = OFFER.replace(old, new)
    assert broken != OFFER
    if new == "m=audio":
        broken = broken.replace("VP8/90000", "opus/48000/2")
    with pytest.raises(ProctorError) as refusal:
        sdp.parse_publisher_offer(broken)
    assert refusal.value.code == "bad_sdp"
    assert re.search(why, refusal.value.details["why"])


@pytest.mark.parametrize("text", ["", "v=0\r\n", "x" * 70_000, "v=0\r\n" + "m=audio 9 X 1\r\n" * 200])
def test_texts_that_are_no_description_are_refused(text):
    with pytest.raises(ProctorError):
        sdp.parse_publisher_offer(text)


SLOTS = (
    sdp.OfferedSlot("t0", "video", "0", 5, 15),
    sdp.OfferedSlot("focus", "video", "1", 6, 16),
    sdp.OfferedSlot("focus", "audio", "2", 7),
)


def test_the_offer_to_a_viewer_pairs_sound_and_picture_of_the_focus():
    offer = sdp.parse(sdp.offer_to_subscriber(SLOTS, LOCAL, cname="c", session=1))
    assert [section.mid for section in offer.sections] == ["0", "1", "2"]
    streams = [section.first("msid").split()[0] for section in offer.sections]
    assert streams == ["t0", "focus", "focus"]
    assert [section.direction for section in offer.sections] == ["sendonly"] * 3
    assert [section.first("ssrc-group") for section in offer.sections] == ["FID 5 15", "FID 6 16", None]
    assert [section.formats for section in offer.sections] == [["96", "97"]] * 2 + [["111"]]


def viewer_answer(*kinds: str, direction: str = "recvonly", setup: str = "active") -> str:
    lines = ["v=0", "o=- 1 1 IN IP4 0.0.0.0", "s=-", "t=0 0"]
    for mid, kind in enumerate(kinds):
        lines += [
            f"m={kind} 9 UDP/TLS/RTP/SAVPF 96",
            f"a=mid:{mid}",
            f"a={direction}",
            "a=rtcp-mux",
            "a=ice-ufrag:abcd",
        ]
        lines += ["a=ice-pwd:" + "p" * 22, "a=fingerprint:" + FINGERPRINT, f"a=setup:{setup}"]
    return "\n".join(lines) + "\n"


def test_an_answer_tells_which_slots_are_taken():
    answer = sdp.parse_answer(viewer_answer("video", "video", "audio"), SLOTS)
    assert answer.receiving == {"0", "1", "2"} and answer.transport.setup == "active"
    rejected = viewer_answer("video", "video", "audio").replace("m=audio 9", "m=audio 0")
    assert sdp.parse_answer(rejected, SLOTS).receiving == {"0", "1"}
    assert not answer.taking_rtx
    with_rtx = viewer_answer("video", "video", "audio").replace("SAVPF 96", "SAVPF 96 97", 2)
    assert sdp.parse_answer(with_rtx, SLOTS).taking_rtx == {"0", "1"}
    assert not sdp.parse_answer(viewer_answer("video", "video", "audio", direction="inactive"), SLOTS).receiving


@pytest.mark.parametrize(
    "text",
    [
        viewer_answer("video", "video"),
        viewer_answer("video", "audio", "video"),
        viewer_answer("video", "video", "audio").replace("a=mid:1", "a=mid:9"),
        viewer_answer("video", "video", "audio", setup="actpass"),
    ],
)
def test_an_answer_to_something_else_is_refused(text):
    with pytest.raises(ProctorError):
        sdp.parse_answer(text, SLOTS)


LINES = OFFER.splitlines()


@given(
    st.lists(st.sampled_from([*LINES, "m=", "a=", "a=rtpmap:", "a=extmap:", "a=simulcast:send", "a=fmtp:x"])),
    st.text(max_size=20),
)
def test_shuffled_offers_raise_nothing_but_refusals(lines, noise):
    for text in ("\n".join(["v=0", *lines, "a=" + noise]), "\n".join(["v=0", *LINES[:9], *lines])):
        for parse in (sdp.parse_publisher_offer, lambda text: sdp.parse_answer(text, SLOTS)):
            try:
                parsed = parse(text)
            except ProctorError as refusal:
                assert refusal.code == "bad_sdp"
            else:
                if isinstance(parsed, sdp.PublisherOffer):
                    sdp.answer_to_publisher(parsed, LOCAL, session=1)


@given(st.integers(0, len(OFFER) - 1), st.integers(0, 40), st.text(max_size=10))
def test_damaged_offers_raise_nothing_but_refusals(at, length, noise):
    try:
        sdp.parse_publisher_offer(OFFER[:at] + noise + OFFER[at + length :])
    except ProctorError as refusal:
        assert refusal.code == "bad_sdp"
