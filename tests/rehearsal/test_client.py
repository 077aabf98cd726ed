import av
import pytest

from proctor.errors import ProctorError
from proctor.media import rtcp, sdp, stun
from proctor.media.server import MediaServer
from proctor.rehearsal import pictures
from proctor.rehearsal.client import SyntheticPublisher, SyntheticViewer
from tests.media.support import Participants, until


@pytest.fixture
async def people():
    server = MediaServer(host="127.0.0.1", port=0, announce=["127.0.0.1"])
    await server.start()
    people = Participants(server.room("r"))
    yield people
    await people.stop()
    await server.close()


@pytest.mark.parametrize("layer", ["l", "h"])
def test_a_loop_decodes_moves_and_can_be_entered_at_every_keyframe(layer):
    width, height, fps, _ = pictures.LAYERS[layer]
    loop = pictures.video_loop(0, layer)
    assert len(loop) == pictures.SECONDS * fps
    starts = [place for place, frame in enumerate(loop) if frame.keyframe]
    assert starts[0] == 0 and len(starts) == pictures.SECONDS // pictures.KEYFRAME_SECONDS
    for start in starts:
        decoder = av.CodecContext.create("vp8", "r")
        shown = [picture for frame in loop[start:] for picture in decoder.decode(av.Packet(b"".join(frame.parts)))]
        assert len(shown) == len(loop) - start
        assert (shown[0].width, shown[0].height) == (width, height)
        planes = [bytes(picture.planes[0]) for picture in shown]
        moved = sum(abs(a - b) > 40 for a, b in zip(planes[0], planes[fps // 2], strict=True))
        assert moved > width * height / 500


def test_a_person_is_encoded_alike_each_time():
    assert pictures.video_loop.__wrapped__(0, "h") == pictures.video_loop.__wrapped__(0, "h")


def test_people_look_different():
    faces = []
    for person in (0, 1):
        decoder = av.CodecContext.create("vp8", "r")
        picture = decoder.decode(av.Packet(b"".join(pictures.video_loop(person, "l")[0].parts)))[0]
        faces.append(bytes(picture.planes[1]))
    assert sum(abs(a - b) for a, b in zip(*faces, strict=True)) / len(faces[0]) > 5


def test_sound_is_a_tone_in_packets_of_sixty_milliseconds():
    decoder = av.CodecContext.create("libopus", "r")
    decoder.sample_rate, decoder.layout = 48000, "mono"
    frames = [frame for packet in pictures.sound_loop(0)[:10] for frame in decoder.decode(av.Packet(packet))]
    assert sum(frame.samples for frame in frames) / 10 == pytest.approx(2880, abs=64)
    samples = frames[5].to_ndarray()
    assert abs(samples).max() > (0.05 if samples.dtype.kind == "f" else 1500)


def test_the_offer_is_one_our_server_takes():
    offer = sdp.parse_publisher_offer(SyntheticPublisher().offer())
    assert offer.video is not None and offer.video.rids == ("l", "h") and offer.audio is not None
    assert sdp.parse_publisher_offer(SyntheticPublisher(simulcast=False).offer()).video.rids == ()


def test_a_keyframe_request_moves_the_loop_to_a_keyframe():
    publisher = SyntheticPublisher()
    track = publisher._tracks[2]
    track.at = 5
    publisher._rtcp(rtcp.pli(1, track.ssrc))
    assert pictures.video_loop(0, "h")[track.at].keyframe and publisher.keyframe_requests == 1


async def test_a_server_without_candidates_cannot_be_reached():
    publisher = SyntheticPublisher()
    with pytest.raises(ProctorError, match="media_unreachable"):
        await publisher.accept(publisher.offer())


def test_a_viewer_refuses_what_is_no_offer():
    with pytest.raises(ProctorError, match="bad_sdp"):
        SyntheticViewer().answer("hello")


async def test_a_viewer_that_opens_one_packet_in_eight_counts_them_all(people):
    await people.publisher("c1")
    seen = []
    for opens_every in (1, 8):
        opened = []
        viewer, subscription = await people.viewer(1, lambda slot, packet, to=opened: to.append(slot.mid),
                                                   opens_every=opens_every)  # fmt: skip
        people.room.show(subscription.id, {"t0": "c1"}, "c1")
        seen.append((viewer, opened))
    (every, _), (eighth, opened) = seen
    await until(lambda: all(slot.packets >= 40 for slot in eighth.slots.values()))
    for mid, slot in eighth.slots.items():
        assert abs(slot.packets - every.slots[mid].packets) <= 0.2 * slot.packets + 8  # they began one after the other
        assert slot.holes == slot.late == 0
    packets = sum(slot.packets for slot in eighth.slots.values())
    assert packets / 16 < len(opened) < packets / 4 and eighth.unknown == 0


async def test_only_packets_that_the_answer_wants_numbered_are(people):
    publisher = SyntheticPublisher()
    answer = await people.room.publish("c1", publisher.offer(), sink=None, on_state=lambda *state: None)
    sound, *pictures_too = answer.split("m=video")
    await publisher.accept("m=video".join([sound.replace(sdp.TRANSPORT_CC, "urn:other"), *pictures_too]))
    publisher.start()
    await until(lambda: min(publisher.packets_sent().values()) > 10)
    await publisher.stop()
    sent = publisher.packets_sent()
    assert publisher._transport_sequence == sent["h"] + sent["l"]


def test_a_check_by_the_server_is_answered():
    publisher, sent = SyntheticPublisher(), []
    connection = publisher._connection
    answer = sdp.Transport("server", "p" * 24, (), "active", (("127.0.0.1", 9),))
    connection._remote, connection.send = answer, sent.append
    asked = stun.binding_request(
        bytes(12), username=f"{connection.ufrag}:server", password=connection.password.encode(), priority=1,
        tie_breaker=1, use_candidate=False,
    )  # fmt: skip
    connection._receive(connection._inbox.put(asked))
    assert [stun.is_response_to(data, bytes(12), connection.password.encode()) for data in sent] == [True]
