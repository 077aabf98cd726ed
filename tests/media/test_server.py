"""Synthetic participants against the real server, over real loopback UDP."""

import asyncio
import contextlib
import socket

import av
import pytest

from proctor.errors import ProctorError
from proctor.media import rtp
from proctor.media.downlink import Level
from proctor.media.server import MediaServer
from proctor.rehearsal.client import SyntheticPublisher
from tests.media.support import RecordingSink, until, whole


async def test_a_tile_gets_the_small_layer_and_the_focus_the_large_one_with_sound(people):
    for number in range(2):
        await people.publisher(f"c{number}", number)
    widths: dict[str, int] = {}

    def on_packet(slot, packet):
        vp8 = rtp.parse_vp8(packet.payload) if slot.kind == "video" else None
        if vp8 is not None and vp8.keyframe:
            frame = packet.payload[vp8.size :]
            widths[slot.mid] = int.from_bytes(frame[6:8], "little") & 0x3FFF  # RFC 6386 section 9.1

    viewer, subscription = await people.viewer(3, on_packet)
    assert [(slot["slot"], slot["kind"]) for slot in subscription.slots] == [
        ("t0", "video"),
        ("t1", "video"),
        ("t2", "video"),
        ("focus", "video"),
        ("focus", "audio"),
    ]
    people.room.show(subscription.id, {"t0": "c0", "t1": "c1"}, "c1")
    slots = viewer.slots
    await until(lambda: all(slots[mid].frames >= 8 for mid in "013") and slots["4"].packets >= 8)
    assert widths == {"0": 320, "1": 320, "3": 640}
    assert slots["2"].packets == 0
    assert all(slots[mid].began_with_keyframe for mid in "013")
    assert all(whole(slots[mid]) for mid in "0134")
    assert all(slots[mid].extension_ids == {1, 2} for mid in "0134"), "only the slot's mid and our number go out"
    assert viewer.unknown == 0


async def test_a_slot_changes_person_at_a_keyframe_without_a_seam(people):
    for number in range(2):
        await people.publisher(f"c{number}", number)
    keyframes: list[bool] = []
    viewer, subscription = await people.viewer(
        1, lambda slot, packet: keyframes.append(bool(slot.kind == "video" and rtp.parse_vp8(packet.payload).keyframe))
    )
    slots = viewer.slots
    for turn in range(6):
        who = f"c{turn % 2}"
        people.room.show(subscription.id, {"t0": who}, who)
        before = {mid: slots[mid].keyframes for mid in "01"}
        sound = slots["2"].packets
        await until(lambda before=before: all(slots[mid].keyframes > before[mid] for mid in "01"))
        await until(lambda sound=sound: slots["2"].packets > sound)
    people.room.show(subscription.id, {"t0": None}, None)
    await asyncio.sleep(0.05)  # what is under way arrives
    frozen = [slots[mid].packets for mid in "012"]
    await asyncio.sleep(0.3)  # measures a rate: of nothing, where two frames and five packets of sound would come
    assert [slots[mid].packets for mid in "012"] == frozen, "an empty slot is silent"
    assert all(whole(slots[mid]) for mid in "012")
    assert all(slots[mid].began_with_keyframe for mid in "01")


async def test_padding_reaches_nobody_and_leaves_no_hole(people, server):
    sink = RecordingSink()
    publisher = await people.publisher("c0", sink=sink)
    viewer, subscription = await people.viewer(1)
    people.room.show(subscription.id, {"t0": "c0"}, None)
    slot = viewer.slots["0"]
    await until(lambda: slot.packets > 2)
    for _ in range(5):
        publisher.send_padding("l", 3)
        publisher.send_padding("h", 2)
        seen = slot.packets
        await until(lambda seen=seen: slot.packets > seen)
    assert server.counters["padding_only"] == 25
    assert whole(slot) and sink.holes("video", "l") == sink.holes("video", "h") == 0
    assert all(packet[5] for packet in sink.packets)


async def test_the_sink_gets_every_packet_and_sender_report(people):
    sink = RecordingSink()
    publisher = await people.publisher("c0", sink=sink)
    await until(lambda: len(sink.reports) >= 6)
    assert {(kind, layer) for kind, layer, *_ in sink.reports} == {("audio", ""), ("video", "l"), ("video", "h")}
    await people.stop()
    await until(lambda: sink.closings == 1)
    assert len(sink.packets) == publisher.sent
    assert all(sink.holes(kind, layer) == 0 for kind, layer in (("audio", ""), ("video", "l"), ("video", "h")))


async def test_what_the_sink_gets_decodes(people):
    sink = RecordingSink()
    await people.publisher("c0", sink=sink)
    await until(lambda: sum(1 for packet in sink.packets if packet[1] == "h" and packet[4]) >= 20)
    decoder, frame, pictures = av.CodecContext.create("vp8", "r"), b"", []
    for kind, layer, _, _, marker, payload, _ in sink.packets:
        if (kind, layer) == ("video", "h"):
            frame += payload[rtp.parse_vp8(payload).size :]
            if marker:
                pictures += decoder.decode(av.Packet(frame))
                frame = b""
    assert len(pictures) >= 20 and {(p.width, p.height) for p in pictures} == {(640, 360)}


@pytest.mark.measured
async def test_sound_and_picture_in_focus_share_a_clock(people):
    """The publisher's sound leaves 300 ms late; by our reports both still tell the same moment of capture."""
    await people.publisher("c0", audio_delay=0.3)
    viewer, subscription = await people.viewer(0)
    people.room.show(subscription.id, {}, "c0")
    video, audio = viewer.slots["0"], viewer.slots["1"]
    await until(lambda: video.report and audio.report and video.frames > 3 and audio.packets > 3)

    def captured(slot, rate):
        behind = ((slot.last_timestamp - slot.report.rtp_timestamp + 2**31) & 0xFFFFFFFF) - 2**31
        return slot.report.ntp / 2**32 + behind / rate

    lag = (captured(video, 90000) - video.last_arrival) - (captured(audio, 48000) - audio.last_arrival)
    assert abs(lag - 0.3) < 0.04


async def test_however_many_viewers_ask_the_publisher_hears_at_most_two_requests_a_second(people):
    publisher = await people.publisher("c0")
    viewers = [await people.viewer(1) for _ in range(3)]
    for _, subscription in viewers:
        people.room.show(subscription.id, {"t0": "c0"}, None)
    await until(lambda: all(viewer.slots["0"].packets for viewer, _ in viewers))
    before, began = publisher.keyframe_requests, asyncio.get_running_loop().time()
    for _ in range(60):
        for viewer, _ in viewers:
            viewer.request_keyframe("0")
        people.room.request_keyframe("c0", "l")
        await asyncio.sleep(0.02)  # measures a rate
    took = asyncio.get_running_loop().time() - began
    assert 2 <= publisher.keyframe_requests - before <= took / 0.5 + 1


async def test_a_viewer_that_lost_a_packet_gets_it_again(people, server):
    await people.publisher("c0")
    viewer, subscription = await people.viewer(1)
    people.room.show(subscription.id, {"t0": "c0"}, None)
    slot = viewer.slots["0"]
    await until(lambda: slot.packets > 5)
    viewer.request_again("0", [slot._sequence, slot._sequence - 1, slot._sequence + 9000])
    await until(lambda: server.counters.get("resent") == 2 and server.counters.get("resend_missed") == 1)
    await until(lambda: viewer.repaired == 2)
    assert slot.late == 2, "under their own numbers"


async def test_what_is_lost_on_the_way_to_a_viewer_comes_again(people, server):
    await people.publisher("c0")
    viewer, subscription = await people.viewer(1, loses_every=9)
    people.room.show(subscription.id, {"t0": "c0"}, "c0")
    tile, focus = viewer.slots["0"], viewer.slots["1"]
    await until(lambda: viewer.repaired >= 12 and tile.late >= 2)
    viewer.loses_every = 0
    seen = focus.packets
    await until(lambda: focus.packets > seen + 10)
    asked = viewer.repaired
    assert server.counters["resent"] >= asked
    # What was asked for once and lost again stays a hole; nearly all came.
    assert focus.late >= 0.8 * focus.holes and focus.picture_jumps <= focus.holes


async def test_publishing_again_replaces_the_first_and_slots_go_on(people):
    first_sink, second_sink = RecordingSink(), RecordingSink()
    await people.publisher("c0", 0, sink=first_sink)
    viewer, subscription = await people.viewer(1)
    people.room.show(subscription.id, {"t0": "c0"}, "c0")
    slot = viewer.slots["0"]
    await until(lambda: slot.frames > 3)
    await people.publisher("c0", 1, sink=second_sink)
    frames = slot.frames
    await until(lambda: slot.frames > frames + 5)
    assert whole(slot) and whole(viewer.slots["1"]) and whole(viewer.slots["2"])
    assert (first_sink.closings, second_sink.closings) == (1, 0)
    assert people.states == [("c0", "connected"), ("c0", "connected")]


async def test_a_slot_waits_for_a_publisher_who_is_not_here_yet(people):
    viewer, subscription = await people.viewer(1)
    people.room.show(subscription.id, {"t0": "late"}, None)
    await people.publisher("late")
    await until(lambda: viewer.slots["0"].frames > 3)
    people.room.unpublish("late")
    assert people.states[-1] == ("late", "closed") and people.room.health() == {}


async def test_without_simulcast_the_one_layer_serves_tile_and_focus(people):
    await people.publisher("c0", simulcast=False)
    viewer, subscription = await people.viewer(1)
    people.room.show(subscription.id, {"t0": "c0"}, "c0")
    await until(lambda: viewer.slots["0"].frames > 3 and viewer.slots["1"].frames > 3)
    assert people.room.health()["c0"]["kbps"].keys() == {"audio", "h"}


async def test_silence_is_told_and_so_is_the_return(people, clock):
    publisher = await people.publisher("c0")
    await until(lambda: publisher.sent > 10)
    publisher._playing.cancel()
    await asyncio.sleep(0.05)  # what is under way arrives before time is pushed on
    clock.pushed += 2.5
    await until(lambda: people.states[-1] == ("c0", "stalled"))
    assert people.room.health()["c0"]["state"] == "stalled" and people.room.health()["c0"]["age"] > 2
    publisher.start()
    await until(lambda: people.states[-1] == ("c0", "resumed"))
    assert people.room.health()["c0"]["state"] == "connected"


async def test_a_camera_that_stops_is_told_while_the_sound_goes_on(people, clock):
    publisher = await people.publisher("c0")
    await until(lambda: people.room.health()["c0"]["kbps"].get("l", 0) > 0)
    publisher.camera_on = False
    clock.pushed += 2.5
    await until(lambda: people.states[-1] == ("c0", "stalled"))
    await until(lambda: people.room.health()["c0"]["kbps"]["audio"] > 0)
    publisher.camera_on = True
    await until(lambda: people.states[-1] == ("c0", "resumed"))


async def test_no_sound_is_told_only_of_who_was_listened_to(people, clock):
    publisher = await people.publisher("c0")
    publisher.microphone_on = False  # before the first packet: a task of its own sends
    health = lambda: people.room.health()["c0"]  # noqa: E731
    await until(lambda: health()["packets"] > 10)
    assert health()["sound"] is None, "pictures come, and sound may yet"
    clock.pushed += 2.5
    assert health()["sound"] is False
    publisher.microphone_on = True
    await until(lambda: health()["sound"])
    publisher.microphone_on = False
    await asyncio.sleep(0.05)  # what is under way arrives before time is pushed on
    clock.pushed += 2.5
    assert health()["sound"] is False


async def test_who_vanishes_without_a_word_is_closed_after_thirty_seconds(people, clock):
    sink = RecordingSink()
    publisher = await people.publisher("c0", sink=sink)
    viewer, subscription = await people.viewer(1)
    await publisher.stop(goodbye=False)
    await viewer.stop(goodbye=False)

    def gone() -> bool:
        clock.pushed += 31  # each time: what was still in the socket is heard after the first push
        with contextlib.suppress(ProctorError):
            people.room.show(subscription.id, {}, None)
            return False
        return people.states[-1] == ("c0", "closed")

    await until(gone)
    assert sink.closings == 1


async def test_who_never_connects_is_closed_after_thirty_seconds(people, clock):
    states = []
    await people.room.publish(
        "c0", SyntheticPublisher().offer(), sink=None, on_state=lambda *state: states.append(state)
    )
    clock.pushed += 31
    await until(lambda: states == [("c0", "closed")])


async def test_a_goodbye_closes_at_once(people):
    publisher = await people.publisher("c0")
    await publisher.stop()
    await until(lambda: people.states[-1] == ("c0", "closed"))


async def test_a_publisher_who_changes_ports_loses_nothing(people, server):
    sink = RecordingSink()
    publisher = await people.publisher("c0", sink=sink)
    await until(lambda: publisher.sent > 20)
    publisher.rebind()
    sent = publisher.sent
    await until(lambda: publisher.sent > sent + 20)
    await people.stop()
    await until(lambda: sink.closings == 1)
    assert len(sink.packets) == publisher.sent
    assert server.counters["address_adopted"] == 1


async def test_the_browser_hears_of_every_packet(people):
    publisher = await people.publisher("c0")
    await until(lambda: publisher.feedback_messages >= 5)


async def test_health_tells_rates_level_and_loss(people):
    await people.publisher("c0")
    health = people.room.health
    await until(lambda: health()["c0"]["kbps"]["h"] > 100)
    entry = health()["c0"]
    assert entry["state"] == "connected" and entry["age"] < 1 and entry["loss"] == 0
    assert entry["kbps"]["h"] > entry["kbps"]["l"] > 20 and entry["kbps"]["audio"] > 10
    assert entry["audio_level"] == pytest.approx(0.1, abs=0.01)


async def test_refusals_change_nothing(people):
    room = people.room
    await people.publisher("c0")
    viewer, subscription = await people.viewer(1)
    room.show(subscription.id, {"t0": "c0"}, None)
    for bad in (
        lambda: room.show("nobody", {}, None),
        lambda: room.show(subscription.id, {"t0": None, "t9": "c0"}, None),
        lambda: room.show(subscription.id, {"focus": "c0"}, None),
        lambda: room.request_keyframe("c0", "medium"),
    ):
        with pytest.raises(ProctorError):
            bad()
    with pytest.raises(ProctorError):
        await room.publish("c0", "v=0", sink=None, on_state=lambda *_: None)
    with pytest.raises(ProctorError):
        await room.accept(subscription.id, viewer.answer(subscription.offer_sdp))
    with pytest.raises(ProctorError):
        await room.subscribe("viewer", tiles=1000)
    frames = viewer.slots["0"].frames
    await until(lambda: viewer.slots["0"].frames > frames + 2)
    room.request_keyframe("nobody", "h")
    room.unpublish("nobody")
    room.unsubscribe("nobody")


async def test_a_failing_sink_does_not_stop_the_wall(people, server):
    class Failing(RecordingSink):
        def rtp(self, *arguments) -> None:
            raise OSError("disk full")

    await people.publisher("c0", sink=Failing())
    viewer, subscription = await people.viewer(1)
    people.room.show(subscription.id, {"t0": "c0"}, None)
    await until(lambda: viewer.slots["0"].frames > 3)
    assert server.counters["sink_failed"] > 3


async def test_another_certificate_than_the_one_described_is_refused(people, server):
    states = []
    stranger = SyntheticPublisher()
    offer = stranger.offer()
    mine, other = stranger._connection.certificate.fingerprint, SyntheticPublisher()._connection.certificate.fingerprint
    answer = await people.room.publish(
        "c0", offer.replace(mine, other), sink=None, on_state=lambda *s: states.append(s)
    )
    connecting = asyncio.create_task(stranger.accept(answer))
    await until(lambda: states == [("c0", "closed")])
    assert server.counters["dtls_failed"] == 1
    connecting.cancel()
    await asyncio.gather(connecting, return_exceptions=True)
    await stranger.stop()


async def test_a_busy_port_and_a_foreign_address_have_their_own_errors(server):
    with pytest.raises(ProctorError, match="port_busy"):
        await MediaServer(host="127.0.0.1", port=server.port, announce=[]).start()
    with pytest.raises(ProctorError, match="address_unavailable"):
        await MediaServer(host="192.0.2.1", port=0, announce=[]).start()


async def test_closing_the_server_frees_the_port(server):
    port = server.port
    await server.room("r").subscribe("viewer", tiles=1)
    await server.close()
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as again:
        again.bind(("127.0.0.1", port))


async def test_a_keyframe_that_came_before_it_was_asked_for_is_not_what_was_asked_for(people, server):
    """A still is of the moment at which somebody wants it."""
    await people.publisher("c0")
    entry = people.room._publishers["c0"]
    await until(lambda: entry.peer.deferrable and not entry.layer("h").awaits_keyframe)
    await until(lambda: entry.peer._deferred)
    people.room.request_keyframe("c0", "h")
    assert (entry.peer._deferred, entry.layer("h").awaits_keyframe) == ([], True)


async def test_tiles_that_move_again_come_one_by_one(people, clock):
    for number in range(3):
        await people.publisher(f"c{number}", number)
    viewer, subscription = await people.viewer(3)
    people.room.show(subscription.id, {f"t{number}": f"c{number}" for number in range(3)}, "c0")
    slots = viewer.slots
    await until(lambda: all(slots[mid].packets for mid in "01234"))
    entry = people.room._viewers[subscription.id]
    tiles = entry.slots[:3]

    def moving(level: Level) -> int:
        entry._downlink.level = level
        people.room._fill_anew(entry, True)
        return sum(bool(slot.streams) for slot in tiles)

    assert moving(Level.STILLS) == 0 and entry.slots[3].streams
    assert moving(Level.QUARTER_RATE) == 0
    for count in (1, 2, 3):
        people.room._fill_anew(entry, False)
        assert sum(bool(slot.streams) for slot in tiles) == count
    assert moving(Level.HALF_RATE) == 3, "what moves goes on"
    assert moving(Level.SOUND) == 0 and not entry.slots[3].streams and entry.slots[4].streams
    before = slots["4"].packets
    await until(lambda: slots["4"].packets > before)  # the sound of the focus, on every level
    assert moving(Level.STILLS) == 0 and moving(Level.QUARTER_RATE) == 0 and moving(Level.STILLS) == 0
    people.room._fill_anew(entry, False)
    assert sum(bool(slot.streams) for slot in tiles) == 0, "none comes back to what stands still again"


async def test_closing_a_room_whose_last_task_has_just_ended_comes_to_its_end(server: MediaServer) -> None:
    """On Python 3.12 it once held the loop for ever."""
    room = server.room("r")
    room._spawn(asyncio.sleep(0))
    while not all(task.done() for task in room._tasks):
        await asyncio.sleep(0)
    assert room._tasks, "what clears it has not run yet"
    await room.close()
    assert not room._tasks
