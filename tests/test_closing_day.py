"""The end of an exam over the real doors: lists to candidates, the hand-over, its receipt; times the office moves."""

from __future__ import annotations

from datetime import timedelta

from proctor.rehearsal.page import code
from proctor.views import moment
from tests.signalling.examples import undescribed
from tests.support.clock import SteppedClock
from tests.support.house import (
    Server,
    admit,
    candidate_page,
    invigilator_page,
    office_page,
    plan_exam,
    reach_lobby,
)


async def test_lists_go_to_the_candidates_and_everything_to_the_office(server: Server, clock: SteppedClock) -> None:
    exam = await plan_exam(server)
    async with (
        await invigilator_page(server) as invigilator,
        await candidate_page(server, exam, "001") as candidate,
        await candidate_page(server, exam, "002") as refused,
        await office_page(server) as office,
    ):
        clock.jump_to(exam.starts_at - timedelta(minutes=10))
        await invigilator.join(exam.room)
        await reach_lobby(candidate, exam.room)
        await admit(invigilator, exam.candidates["001"])
        await reach_lobby(refused, exam.room)
        await invigilator.tell("refuse_entry", candidate=exam.candidates["002"], reason="Không đủ điều kiện")
        clock.jump_to(exam.starts_at)
        await candidate.hear("paper_key")
        await invigilator.hear("room", lambda room: room["briefings_missing"] == ["rules", "submission"])
        await invigilator.tell("acknowledge_missing_briefings")
        await invigilator.hear("room", lambda room: room["released_at"] and room["briefings_missing"] == [])
        assert code(await invigilator.tell("publish_lists")) == "not_closed"
        clock.jump_to(exam.starts_at + timedelta(minutes=90, milliseconds=2))
        await invigilator.hear("room", lambda room: room["submission_closed"])
        assert code(await invigilator.tell("hand_over")) == "room_not_over"
        assert (await invigilator.tell("publish_lists"))["version"] == 1
        lists = await candidate.hear("lists")
        assert (lists["did_not_submit"], lists["violated"]) == (["Thí sinh 001"], [])  # 002 took no part
        assert await refused.hear("lists") == lists  # to all candidates of the room (A14.2dd.1)
        numbered = lists | {"numbers": {"did_not_submit": ["001"], "violated": []}}  # which candidates are not told
        assert await invigilator.hear("lists") == numbered
        assert (await invigilator.get(f"/api/rooms/{exam.room}/state"))["lists"] == numbered
        assert (await office.get(f"/api/exams/{exam.exam}"))["rooms"][0]["lists"] == numbered
        assert "error" not in await candidate.tell("closing_seen", version=1)
        clock.jump_to(exam.starts_at + timedelta(minutes=95, milliseconds=2))
        await invigilator.hear("room", lambda room: room["phase"] == "ended")
        assert "error" not in await refused.tell("closing_seen", version=1)
        assert code(await candidate.tell("paper_opened", sha256="0" * 64)) == "room_ended"
        assert undescribed([*candidate.heard, *refused.heard, *invigilator.heard]) == []
        one, room = exam.candidates["001"], f"/api/rooms/{exam.room}"
        photo = server.house.rooms.get(exam.room).state.sittings[one].photos["face"].photo
        kept = (f"{room}/candidates/{one}/photos/{photo}", f"{room}/recordings", f"{room}/recordings/{one}",
                f"{room}/recordings/{one}/0")  # fmt: skip
        assert [code(await office.get(path)) for path in kept] == ["not_handed_over"] * 4
        handed = await invigilator.tell("hand_over")
        looked = [await office.get(path) for path in kept]
        assert [each.get("status") for each in looked[:1]] == [200]
        assert [code(each) for each in looked[1:]] == [None, None, "not_found"]  # nobody sent a picture
        log = (await office.get(f"{room}/events?after=0"))["events"]
        me = await office.get("/api/me")
        views = [(each["kind"], each["candidate"], each["data"]) for each in log if each["kind"].endswith("_viewed")]
        named = {"by": me["subject"], "full_name": "Phòng Đào tạo"}
        assert views == [("photos_viewed", one, named), ("recording_viewed", one, named)]
        (listed,) = (await office.get("/api/exams"))["exams"]
        told = listed["rooms"][0]["handover"]
        assert (told["handover"], told["sha256"], told["received_at"]) == (handed["handover"], handed["sha256"], None)
        manifest = await office.get(f"/api/rooms/{exam.room}/handover/manifest.json")
        assert (manifest["handover"], manifest["papers_replaced"]) == (handed["handover"], [])
        assert [each["number"] for each in manifest["not_submitted"]] == ["001", "002"]
        took_no_part = {"absent": ["Thí sinh 002"]}  # in the office's records alone (X32)
        assert manifest["lists"] == {"version": 1, "did_not_submit": ["Thí sinh 001"], "violated": []} | took_no_part
        log = (await office.get(f"/api/rooms/{exam.room}/events?after=0"))["events"]
        assert [event["kind"] for event in log].count("manifest_pulled") == 1
        path = f"/api/rooms/{exam.room}/handover/receipt"
        assert code(await office.post(path, {"handover": "h_other"})) == "not_found"
        assert "error" not in await office.post(path, {"handover": handed["handover"]})
        assert (await office.get("/api/exams"))["exams"][0]["rooms"][0]["handover"]["received_at"]


async def test_the_office_moves_times_and_every_page_hears_of_it(server: Server, clock: SteppedClock) -> None:
    exam = await plan_exam(server)
    room = f"/api/rooms/{exam.room}"
    async with (
        await invigilator_page(server) as invigilator,
        await candidate_page(server, exam, "001") as candidate,
        await office_page(server) as office,
    ):
        clock.jump_to(exam.starts_at - timedelta(minutes=10))
        await invigilator.join(exam.room)
        await reach_lobby(candidate, exam.room)
        await admit(invigilator, exam.candidates["001"])
        clock.jump_to(exam.starts_at)
        await candidate.hear("paper_key")
        seen = moment(server.house.rooms.get(exam.room).state.schedule.submit_by)
        shift = {"minutes": 10, "seen": seen, "reason": "Mất điện"}
        assert code(await office.post(f"{room}/times/shift", {**shift, "reason": " "})) == "reason_needed"
        assert "error" not in await office.post(f"{room}/times/shift", shift)
        assert code(await office.post(f"{room}/times/shift", shift)) == "times_changed"  # of another window
        moved = (exam.starts_at + timedelta(minutes=100)).isoformat(timespec="milliseconds").replace("+00:00", "Z")
        for page in (invigilator, candidate):
            await page.hear("room", lambda told: told["times"]["submit_by"] == moved)
        await candidate.hear("me", lambda me: me["deadline"] == moved)
        extra = f"{room}/candidates/{exam.candidates['001']}/extra-time"
        given = {"minutes": 6, "reason": "Khuyết tật"}
        assert code(await office.put(extra, given)) == "beyond_the_end"
        end = (exam.starts_at + timedelta(minutes=106)).isoformat()
        assert "error" not in await office.put(extra, {**given, "end_at": end})
        await candidate.hear("me", lambda me: me["extra_minutes"] == 6)
        body = {"nature": "correction", "title": "Câu 2", "text": "1945"}
        material = (await office.post(f"{room}/materials", body))["material"]
        assert (await candidate.hear("material"))["material"] == material
        assert "error" not in await candidate.tell("material_received", material=material)
        (told,) = (await office.get(f"/api/exams/{exam.exam}"))["rooms"]
        seen_there = await invigilator.hear("sitting", lambda one: one["materials_received"])
        assert told["reserve_used_at"] is None
        assert [(each["material"], each["nature"], each["title"]) for each in told["materials"]] == [
            (material, "correction", "Câu 2")
        ]
        reached = ("admitted_at", "paper", "materials_received")
        assert [{name: one[name] for name in reached} for one in told["candidates"]] == [
            {name: seen_there[name] for name in reached},
            {"admitted_at": None, "paper": dict.fromkeys(told["candidates"][0]["paper"]), "materials_received": []},
        ]
        assert told["candidates"][0]["paper"]["key_at"] == moment(exam.starts_at)
        log = (await office.get("/api/office/events"))["events"]
        steered = [event["data"]["act"] for event in log if event["kind"] == "room_steered"]
        assert steered == ["shift_times", "grant_time", "give_material"]


async def test_a_correction_is_told_to_who_comes_late_at_the_admission(server: Server, clock: SteppedClock) -> None:
    exam = await plan_exam(server, candidates=1)
    clock.jump_to(exam.starts_at - timedelta(minutes=1))
    async with (
        await office_page(server) as office,
        await invigilator_page(server) as invigilator,
        await candidate_page(server, exam, "001") as late,
    ):
        await invigilator.join(exam.room)
        clock.jump_to(exam.starts_at)
        await invigilator.hear("room", lambda room: room["released_at"] is not None)
        body = {"nature": "correction", "title": "Câu 2", "text": "1945"}
        material = (await office.post(f"/api/rooms/{exam.room}/materials", body))["material"]
        await invigilator.hear("material")
        await reach_lobby(late, exam.room)
        welcome = await late.hear("welcome")
        assert welcome["materials"] == [], "it is of the paper"
        assert code(await late.tell("material_received", material=material)) == "not_admitted"
        assert code(await late.get(f"/api/rooms/{exam.room}/materials/{material}")) == "not_admitted"
        await admit(invigilator, exam.candidates["001"])
        assert (await late.hear("material"))["material"] == material
        assert code(await late.tell("material_received", material=material)) is None
        assert undescribed([*late.heard, *invigilator.heard]) == []
        assert [each["material"] for each in (await late.join(exam.room))["materials"]] == [material]
