"""The recording of a running house: what its recorders ask of the cameras."""

from __future__ import annotations

import asyncio
import io
from datetime import timedelta

import av

from proctor.exam.permissions import Role
from proctor.exam.room import Decision
from proctor.facts import SERVER
from proctor.media.server import MediaRoom
from proctor.recording.recorder import LIMIT_SECONDS, ROTATE_SECONDS, Recorder
from proctor.rehearsal.client import SyntheticPublisher
from proctor.rehearsal.page import Page, code
from proctor.views import moment
from tests.signalling.examples import undescribed
from tests.support.clock import SteppedClock
from tests.support.house import (
    PASSWORD,
    Server,
    admit,
    candidate_page,
    invigilator_page,
    office_page,
    plan_exam,
    reach_lobby,
)


async def recorded(
    publisher: SyntheticPublisher, clock: SteppedClock, recorder: Recorder, connections: MediaRoom
) -> None:
    """Another second of picture and sound, as far as the recorder, for which they wait at the connection."""
    clock.monotonic_ahead += 1.0
    sent_at = clock.monotonic()
    publisher.tick(sent_at)
    async with asyncio.timeout(10):
        while recorder._layers["h"].seen < sent_at:
            await asyncio.sleep(0.002)
            connections.tick(clock.monotonic())


async def joined(connections: MediaRoom, candidate: str) -> None:
    """Wait for the server's end of the handshake, which drops what comes before; it is done a little later."""
    async with asyncio.timeout(10):
        while connections.health()[candidate]["state"] != "connected":
            await asyncio.sleep(0.002)


async def test_a_segment_ends_at_a_keyframe_that_was_asked_for_by_pli(server: Server, clock: SteppedClock) -> None:
    """Cameras send none by themselves (RFC 4585 6.3.1)."""
    exam = await plan_exam(server, candidates=1)
    candidate = exam.candidates["001"]
    async with await invigilator_page(server) as invigilator, await candidate_page(server, exam, "001") as page:
        clock.jump_to(exam.starts_at - timedelta(minutes=10))
        await invigilator.join(exam.room)
        await reach_lobby(page, exam.room)
        publisher = SyntheticPublisher(0)
        publisher.keyframes_unasked = False
        await publisher.accept((await page.tell("publish", epoch=page.epoch, sdp=publisher.offer()))["sdp"])
        try:
            await admit(invigilator, candidate)
            live = server.house.rooms.get(exam.room)
            recorder = live.media._gates[candidate].recorder
            assert recorder is not None
            assert live.vitals()["candidates"][candidate]["sound"] is None  # nothing has come that would tell
            await joined(live.media.connections, candidate)
            publisher.begin(clock.monotonic())
            await recorded(publisher, clock, recorder, live.media.connections)
            assert live.vitals()["candidates"][candidate]["sound"] is True
            began, asked = recorder.open_since, publisher.keyframe_requests
            assert began is not None
            while recorder.open_since == began and clock.monotonic() < began + LIMIT_SECONDS:
                await recorded(publisher, clock, recorder, live.media.connections)
            assert recorder.open_since is not None and recorder.open_since - began >= ROTATE_SECONDS
            assert publisher.keyframe_requests > asked
            await recorded(publisher, clock, recorder, live.media.connections)
            await server.house.recording.finish(exam.room, candidate)
            assert undescribed([*page.heard, *invigilator.heard]) == []
        finally:
            await publisher.stop()
    async with Page(server.url, Role.INSPECTOR) as inspector:
        await inspector.sign_in("inspector", PASSWORD)
        _, second = (await inspector.get(f"/api/rooms/{exam.room}/recordings/{candidate}"))["segments"]
        assert second["layer"] == "h"
        part = await inspector.call("GET", second["url"], headers={"Range": f"bytes=0-{second['bytes'] - 1}"})
        assert (part["status"], part["headers"]["Content-Type"]) == (206, "video/webm")
        webm = part["body"]
    with av.open(io.BytesIO(webm)) as container:
        assert next(packet for packet in container.demux(video=0)).is_keyframe


async def test_at_another_network_with_another_socket_the_same_recording_goes_on(
    server: Server, clock: SteppedClock
) -> None:
    exam = await plan_exam(server, candidates=1)
    candidate = exam.candidates["001"]
    async with await invigilator_page(server) as invigilator, await candidate_page(server, exam, "001") as page:
        clock.jump_to(exam.starts_at - timedelta(minutes=10))
        await invigilator.join(exam.room)
        await reach_lobby(page, exam.room)
        publisher = SyntheticPublisher(0)
        told = await page.tell("publish", epoch=page.epoch, sdp=publisher.offer(), restarts=True)
        assert code(told) == "not_found"  # as after a restart of the server
        await publisher.accept((await page.tell("publish", epoch=page.epoch, sdp=publisher.offer()))["sdp"])
        try:
            await admit(invigilator, candidate)
            live = server.house.rooms.get(exam.room)
            recorder = live.media._gates[candidate].recorder
            assert recorder is not None
            await joined(live.media.connections, candidate)
            publisher.begin(clock.monotonic())
            await recorded(publisher, clock, recorder, live.media.connections)
            began, before = recorder.open_since, page.epoch
            publisher.rebind()
            await page.join(exam.room)
            told = await page.tell("publish", epoch=before, sdp=publisher.offer(), restarts=True)
            assert page.epoch != before and code(told) == "superseded"
            told = await page.tell("publish", epoch=page.epoch, sdp=publisher.restart(), restarts=True)
            publisher.restarted(told["sdp"])
            await recorded(publisher, clock, recorder, live.media.connections)
            assert live.media._gates[candidate].recorder is recorder and recorder.open_since == began
            assert live.media.connections.health()[candidate]["state"] == "connected"
        finally:
            await publisher.stop()


async def test_nothing_is_kept_of_who_waits_to_be_admitted(server: Server, clock: SteppedClock) -> None:
    """The recording runs from the admission (A14.2c.7); before it the invigilator sees and hears the candidate."""
    exam = await plan_exam(server, candidates=1)
    candidate = exam.candidates["001"]
    async with await invigilator_page(server) as invigilator, await candidate_page(server, exam, "001") as page:
        clock.jump_to(exam.starts_at - timedelta(minutes=10))
        await invigilator.join(exam.room)
        await reach_lobby(page, exam.room)
        publisher = SyntheticPublisher(0)
        await publisher.accept((await page.tell("publish", epoch=page.epoch, sdp=publisher.offer()))["sdp"])
        try:
            live = server.house.rooms.get(exam.room)
            connections, gate = live.media.connections, live.media._gates[candidate]
            await joined(connections, candidate)
            publisher.begin(clock.monotonic())
            for _ in range(3):  # seconds, in which sound alone would begin a segment
                clock.monotonic_ahead += 1.0
                sent = publisher.sent
                publisher.tick(clock.monotonic())
                async with asyncio.timeout(10):
                    while connections.health()[candidate]["packets"] < publisher.sent > sent:
                        await asyncio.sleep(0.002)
                        connections.tick(clock.monotonic())
            assert gate.recorder is None
            assert list(server.house.config.recordings.rglob("*.part")) == []
            peer = connections._publishers[candidate].peer
            connections.tick(clock.monotonic())
            assert peer.deferrable
            clock.monotonic_ahead += 0.1
            publisher.tick(clock.monotonic())
            async with asyncio.timeout(10):
                while not peer._deferred:  # packets that wait at the connection
                    await asyncio.sleep(0.002)
            live.media.record(candidate)  # as the admission does
            assert gate.recorder is not None and (peer._deferred, gate.recorder._begun) == ([], False)
            await admit(invigilator, candidate)
            await recorded(publisher, clock, gate.recorder, connections)
            await recorded(publisher, clock, gate.recorder, connections)
            assert gate.recorder.open_since is not None
        finally:
            await publisher.stop()


async def test_who_runs_the_room_sees_of_a_recording_what_belongs_to_a_violation_alone(
    server: Server, clock: SteppedClock
) -> None:
    """A recorded minute at the violation, another long after it (FIELD: "confirm, dismiss, note, clip")."""
    exam = await plan_exam(server, candidates=1)
    candidate = exam.candidates["001"]
    async with await invigilator_page(server) as invigilator, await candidate_page(server, exam, "001") as page:
        clock.jump_to(exam.starts_at - timedelta(minutes=10))
        await invigilator.join(exam.room)
        await reach_lobby(page, exam.room)
        await admit(invigilator, candidate)
        violation = (
            await invigilator.tell("note_violation", candidate=candidate, category="phone", text="", **{
                "from": moment(clock.now()), "to": moment(clock.now())})
        )["violation"]  # fmt: skip
        path = f"/api/rooms/{exam.room}/violations/{violation}/clip"
        nothing = await invigilator.get(path)
        assert [nothing[name] for name in ("parts", "recorded", "recording", "awaited")] == [[], True, False, True]
        live = server.house.rooms.get(exam.room)
        for _ in range(2):
            publisher = SyntheticPublisher(0)
            await publisher.accept((await page.tell("publish", epoch=page.epoch, sdp=publisher.offer()))["sdp"])
            try:
                recorder = live.media._gates[candidate].recorder
                assert recorder is not None
                await joined(live.media.connections, candidate)
                publisher.begin(clock.monotonic())
                await recorded(publisher, clock, recorder, live.media.connections)
                await recorded(publisher, clock, recorder, live.media.connections)
            finally:
                await publisher.stop()
            live.media.unpublish(candidate)
            await server.house.recording.finish(exam.room, candidate)
            live.media._gates[candidate].recorder = None
            clock.advance(minutes=3)
        await live.tell(SERVER, lambda room, now: Decision())  # after the segments
        first, second = live.segments(candidate)
        told = await invigilator.get(path)
        (part,) = told["parts"]
        assert (told["recording"], told["awaited"]) == (False, False)
        assert [gap["to"] for gap in told["gaps"]] == [told["to"]], "the minute's recording ends before the clip does"
        assert (part["url"], part["started_at"]) == (f"{path}/{first['segment']}", first["started_at"])
        clip = await invigilator.call("GET", part["url"], headers={"Range": "bytes=0-99"})
        assert (clip["status"], clip["headers"]["Content-Type"], len(clip["body"])) == (206, "video/webm", 100)
        assert code(await invigilator.get(f"{path}/{second['segment']}")) == "not_found"
        assert code(await invigilator.get(path.replace(violation, "v_none"))) == "not_found"
        own = f"/api/rooms/{exam.room}/recordings/{candidate}/{first['segment']}"
        assert code(await invigilator.get(own)) == "forbidden"
    async with await office_page(server) as office:
        events = (await office.get(f"/api/rooms/{exam.room}/events?after=0"))["events"]
        viewed = [event for event in events if event["kind"] == "recording_viewed"]
        by_whom = [(live.state.staff[event["actor"]].full_name, event["candidate"]) for event in viewed]
        assert by_whom == [("Cán bộ invigilator", candidate)]  # once in a quarter of an hour
