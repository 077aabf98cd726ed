"""A whole exam day in real Chromiums: the office plans, staff and candidates come, the paper opens, work is handed in,
the recording is replayed. Cameras show a real face, microphones play a tone; time is moved by hand."""

from __future__ import annotations

import asyncio
import hashlib
import io
import json
import zipfile
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from playwright.async_api import Page, async_playwright

from proctor.office_log import OPERATOR
from tests.browser.axe import looked_at_by_axe
from tests.browser.camera import portrait, tone
from tests.browser.chromium import HERTZ, LOOK, chromium, hears, new_page, picture, shared_chromium, until
from tests.browser.entering import confirm_admission, reach_the_lobby, sign_in_staff
from tests.support.clock import MORNING, SteppedClock
from tests.support.files import contents
from tests.support.house import PASSWORD, PDF, Server, running

pytestmark = pytest.mark.browser

T = MORNING + timedelta(hours=2)
HANOI = ZoneInfo("Asia/Ho_Chi_Minh")
WIDTH = "async ({ href }) => { const at = new Image(); at.src = href; await at.decode(); return at.naturalWidth; }"
ANSWER = "Vật chất là phạm trù triết học dùng để chỉ thực tại khách quan."
FIRST_HERTZ, SECOND_HERTZ = float(HERTZ), 880.0
STAFF = {
    "coithi": "invigilator", "giamsat": "supervisor", "kythuat": "tech_support", "thanhtra": "inspector",
    "cntt": "it_unit",
}  # fmt: skip


def local(moment: datetime) -> str:
    """For a datetime-local field."""
    return moment.astimezone(HANOI).strftime("%Y-%m-%dT%H:%M")


async def plan_in_the_browser(page: Page, server: Server) -> dict[str, str]:
    """The office creates everything through its pages; returns the exam codes by number."""
    await server.house.office.create_staff(OPERATOR, "office", "Phòng Đào tạo", "training_office", PASSWORD)
    await sign_in_staff(page, server, "office", "office")
    await page.get_by_test_id("staff-open").click()
    for name, role in STAFF.items():
        await page.get_by_test_id("staff-full-name").fill(f"Cán bộ {name}")
        await page.get_by_test_id("staff-role").select_option(role)
        await page.get_by_test_id("staff-name").fill(name)
        await page.get_by_test_id("staff-password").fill(PASSWORD)
        await page.get_by_test_id("staff-create").click()
        await page.get_by_test_id("staff-dialog").get_by_role("status").get_by_text(name).wait_for()
    await page.get_by_test_id("staff-close").click()

    await page.get_by_test_id("exam-new").click()
    await page.get_by_test_id("exam-title").fill("Triết học Mác - Lênin")
    for field, moment in (
        ("starts_at", T), ("release_at", T), ("submit_by", T + timedelta(minutes=90)),
        ("end_at", T + timedelta(minutes=95)),
    ):  # fmt: skip
        await page.get_by_test_id(f"exam-{field}").fill(local(moment))
    await page.get_by_test_id("exam-working_minutes").fill("90")
    assert "09:30" in await page.get_by_test_id("exam-staff-entry").inner_text()
    await page.get_by_text("30 phút trước giờ bắt đầu (quy chế A: Điều 14 khoản 2 điểm c).").wait_for()
    await page.get_by_test_id("exam-create").click()
    await page.get_by_test_id("exam-heading").wait_for()
    await page.get_by_test_id("room-title").fill("Phòng 1")
    await page.get_by_test_id("room-create").click()

    await page.get_by_test_id("roster-open").click()
    roster = page.get_by_test_id("roster-input")
    await roster.set_input_files(csv("\ufeffsố báo danh;họ và tên\n001;\n"))
    await page.get_by_test_id("roster-rows").get_by_text("Họ và tên").wait_for()
    await roster.set_input_files(csv("\ufeffsố báo danh;họ và tên\n001;Thí sinh Một\n002;Thí sinh Hai\n"))
    await page.get_by_test_id("roster-preview").get_by_text("Thí sinh Hai").wait_for()
    await page.get_by_test_id("roster-import").click()
    rows = page.get_by_test_id("codes").locator("tbody tr")
    await rows.nth(1).wait_for()
    codes = {
        str(await row.get_attribute("data-number")): await row.get_by_test_id("code").inner_text()
        for row in await rows.all()
    }
    async with page.expect_download():
        await page.get_by_test_id("codes-download").click()
    await page.get_by_test_id("codes-close").click()

    await page.get_by_test_id("assign-open").click()
    for person in await page.get_by_test_id("assign-person").all():
        await person.check()
    await page.get_by_test_id("assign-save").click()
    await page.get_by_test_id("assign-dialog").wait_for(state="hidden")
    lie = {"name": "de-thi.pdf", "mimeType": "application/pdf", "buffer": b"GIF89a"}
    await page.get_by_test_id("paper-input").set_input_files(lie)
    await page.get_by_test_id("paper-error").wait_for()
    await page.get_by_test_id("paper-input").set_input_files(lie | {"buffer": PDF})
    await page.get_by_test_id("paper-sealed").wait_for()
    await page.get_by_test_id("reserve-paper-input").set_input_files(lie | {"buffer": PDF})
    await page.get_by_test_id("reserve-paper-sealed").wait_for()
    await publish_in_the_browser(page, server)
    await picture(page, "office")
    return codes


async def publish_in_the_browser(page: Page, server: Server) -> None:
    """The office enters the grounds and consents, the IT unit supports the room, the exam is published."""
    missing = page.get_by_test_id("unmet").locator("[data-code]")
    lacking = {await one.get_attribute("data-code") for one in await missing.all()}
    assert {"ground", "party_consent", "academy_consent", "form_decision", "conditions"} <= lacking
    assert await page.get_by_test_id("publish").is_disabled()
    await page.get_by_test_id("plan-open").click()
    await page.get_by_test_id("plan-ground").select_option("natural_disaster")
    await page.get_by_test_id("plan-description").fill("Bão số 9, đường ngập.")
    for decision in ("form_decision", "conditions", "party_consent", "academy_consent"):
        for part, value in (("number", "12/QĐ"), ("signed_on", "2026-11-01"), ("signer", "Hiệu trưởng")):
            await page.get_by_test_id(f"plan-{decision}-{part}").fill(value)
    await picture(page, "office-plan")
    await page.get_by_test_id("plan-save").click()
    await page.get_by_test_id("plan-dialog").wait_for(state="hidden")

    it_unit = await page.context.new_page()
    await sign_in_staff(it_unit, server, "it_unit", "cntt")
    await it_unit.get_by_test_id("support").click()
    await until(it_unit, "!document.querySelector('[data-testid=support]')")
    await picture(it_unit, "it-unit")
    await it_unit.close()
    await until(page, "document.querySelector('[data-testid=publish]')?.disabled === false")
    await page.get_by_test_id("publish").click()
    await until(page, "document.querySelector('[data-testid=publication]').dataset.published === 'true'")


async def take_assignments(page: Page, server: Server) -> None:
    """The supervisor and the technician take theirs, each in the own page."""
    for where, name in (("supervisor", "giamsat"), ("tech_support", "kythuat")):
        tab = await page.context.new_page()
        await sign_in_staff(tab, server, where, name)
        await tab.get_by_test_id("acknowledge").click()
        await until(tab, "!document.querySelector('[data-testid=acknowledge]')")
        await tab.close()


def csv(text: str) -> dict[str, Any]:
    return {"name": "danh-sach.csv", "mimeType": "text/csv", "buffer": text.encode()}


async def ask_for_the_paper_early(page: Page, server: Server, exam: str, room: str) -> None:
    """By every route there is, as a candidate who reads the page's source would."""
    asked = await page.evaluate(
        """async ([exam, room]) => {
          const answers = {};
          for (const path of [`/api/exams/${exam}/paper`, `/api/exams/${exam}`, `/api/exams`,
                              `/api/rooms/${room}/state`, `/api/rooms/${room}/events`,
                              `/api/rooms/${room}/submissions.zip`, `/api/rooms/${room}/paper`,
                              `/papers/${exam}.sealed`, `/%2e%2e/data/papers/${exam}`,
                              `/../data/proctor.db`]) {
            for (const role of ['candidate', 'training_office', 'invigilator']) {
              const response = await fetch(path, { headers: { 'Proctor-Role': role } });
              const bytes = new Uint8Array(await response.arrayBuffer());
              answers[`${role} ${path}`] = [response.status, new TextDecoder('latin1').decode(bytes.slice(0, 40))];
            }
          }
          return answers;
        }""",
        [exam, room],
    )
    for what, (status, start) in asked.items():
        assert "%PDF" not in start, what
        if what == f"candidate /api/rooms/{room}/paper":
            assert status == 200  # the ciphertext, fetched in advance
        else:
            assert status in (401, 403, 404), (what, status)
    house = server.house
    paper = await house.exams.paper(exam)
    key = house.keys.unwrap(paper.wrapped_key, f"paper {exam}")
    for path, content in contents(house.config.data):
        assert key not in content, path
        assert PDF[:64] not in content, path


async def test_an_exam_from_planning_to_replay(tmp_path: Path) -> None:
    clock = SteppedClock(MORNING, flowing=True)
    errors: list[str] = []
    face, voice = portrait(tmp_path / "2.y4m", tint=(0.4, 0.9, 0.4)), tone(tmp_path / "2.wav", SECOND_HERTZ)
    async with (
        running(tmp_path, clock) as server,
        async_playwright() as playwright,
        shared_chromium(face=True) as one,
        chromium(playwright, camera=face, microphone=voice) as two,
        shared_chromium() as desk,
    ):
        office = await new_page(desk, errors)
        codes = await plan_in_the_browser(office, server)
        live = server.house.rooms.awake()[0]
        first, second = (live.state.sittings[key].candidate for key in live.state.sittings)
        await take_assignments(office, server)

        # Staff come at T - 31, and again at T - 30.
        invigilator = await new_page(desk, errors)
        clock.jump_to(T - timedelta(minutes=31))
        await sign_in_staff(invigilator, server, "invigilator", "coithi")
        assert "09:30" in await invigilator.get_by_test_id("gate-closed").inner_text()
        refused = await invigilator.evaluate(
            """async (room) => (await (await fetch(`/api/rooms/${room}/join`, { method: 'POST', body: '{}',
               headers: { 'Proctor-Role': 'invigilator' } })).json()).error.code""",
            live.room,
        )
        assert refused == "gate_closed"
        clock.jump_to(T - timedelta(minutes=30))
        await invigilator.reload()  # the only room there is opens by itself
        await invigilator.get_by_test_id("wall").wait_for()

        # Candidates check their devices, agree, wait, are seen and admitted.
        pages = [await new_page(one, errors, opens_offline=True), await new_page(two, errors, width=390, height=844)]
        for page, number in zip(pages, codes, strict=True):
            await reach_the_lobby(page, server, number, codes[number])
        for candidate in (first, second):
            entry = f"[data-testid=queue-entry][data-candidate={candidate}] video"
            await until(invigilator, f"({LOOK})('{entry}')?.contrast > 10")
        await picture(invigilator, "lobby")
        await invigilator.get_by_test_id("admit").first.click()
        await until(invigilator, "document.querySelector('[data-testid=photo-card]')?.naturalWidth > 300")
        await until(invigilator, "document.querySelector('[data-testid=photo-face]')?.naturalWidth > 300")
        await until(invigilator, f"({LOOK})('[data-testid=admit-video]')?.contrast > 10")
        await picture(invigilator, "admit")
        await invigilator.keyboard.press("Escape")
        await invigilator.get_by_test_id("admit-all").click()
        await confirm_admission(invigilator)
        for page in pages:
            await until(page, "document.querySelector('[data-testid=stage]')?.dataset.stage === 'exam'")
        await invigilator.get_by_test_id("run-open").click()
        for topic in ("rules", "submission"):
            await invigilator.get_by_test_id(f"brief-{topic}").click()
            for page in pages:
                await page.get_by_test_id("briefing-read").click()
        await picture(invigilator, "run")
        await invigilator.keyboard.press("Escape")
        await ask_for_the_paper_early(pages[0], server, live.state.exam, live.room)

        # The wall shows both; focus shows the large picture and lets its tone be heard.
        for candidate in (first, second):
            tile = f"[data-testid=tile][data-candidate={candidate}] video"
            look = await until(invigilator, f"(() => {{ const look = ({LOOK})('{tile}'); "
                                            "return look?.contrast > 10 && look; })()")  # fmt: skip
            assert look["width"] == 320
        await picture(invigilator, "wall")
        for candidate, hertz in ((first, FIRST_HERTZ), (second, SECOND_HERTZ)):
            await invigilator.locator(f"[data-testid=tile][data-candidate={candidate}]").click()
            await until(invigilator, f"({LOOK})('[data-testid=focus-video]')?.width === 640", seconds=40)
            await hears(invigilator, "[data-testid=focus-video]", hertz)
            await picture(invigilator, f"focus-{hertz:.0f}")
            await invigilator.get_by_test_id("focus-close").click()

        # At the release both read; how soon is held by test_release.py, with nothing beside it.
        clock.jump_to(T)
        await asyncio.gather(
            *(until(page, "document.querySelector('[data-testid=paper-state]')?.dataset.state === 'open'")
              for page in pages)
        )  # fmt: skip
        async with asyncio.timeout(20):
            while not all(known.paper_opened_at for known in live.state.sittings.values()):
                await asyncio.sleep(0.02)
        inked = """() => { const canvas = document.querySelector('[data-testid=paper-page-1]');
          const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
          let dark = 0; for (let i = 0; i < data.length; i += 4) if (data[i] < 100 && data[i + 3]) dark++;
          return dark > 500; }"""
        await until(pages[0], inked)
        await picture(pages[0], "exam")
        await picture(pages[1], "exam-phone")

        await write_offline_and_back(pages[0], live, first)
        await invigilator.locator(f"[data-testid=tile][data-candidate={second}]").click()
        await invigilator.get_by_test_id("focus-flag").click()
        await invigilator.get_by_test_id("flag-left_view").check()
        await invigilator.get_by_test_id("flag-text").fill("Rời khung hình")
        await invigilator.get_by_test_id("flag-save").click()
        await invigilator.get_by_test_id("focus-message").click()
        await invigilator.get_by_test_id("message-text").fill("Xin ngồi lại vào khung hình.")
        await invigilator.get_by_test_id("message-send").click()
        await pages[1].get_by_test_id("message-seen").click()

        # One hands in; the other uploads a photograph and lets time run out.
        await pages[0].get_by_test_id("submit").click()
        await pages[0].get_by_test_id("submit-confirm").click()
        receipt = await pages[0].get_by_test_id("receipt").get_attribute("data-sha256")
        await picture(pages[0], "receipt")
        photograph = tmp_path / "bài làm.jpg"
        photograph.write_bytes(b"\xff\xd8\xff\xe0" + bytes(range(256)) * 6_000 + b"\xff\xd9")
        await pages[1].get_by_test_id("tab-files").click()
        await pages[1].get_by_test_id("file-input").set_input_files(photograph)
        await pages[1].get_by_test_id("file").wait_for()
        clock.jump_to(T + timedelta(minutes=90, milliseconds=10))
        await until(pages[1], "document.querySelector('[data-testid=submit]')?.disabled !== false")
        await pages[1].get_by_test_id("after-submit-by").wait_for()
        await picture(pages[1], "time-over-phone")

        # The violation is confirmed, the two lists are published to both, everything is handed over and received.
        await invigilator.get_by_test_id("log-toggle").click()
        still = invigilator.get_by_test_id("log").get_by_test_id("violation-still")
        assert await still.evaluate(WIDTH) >= 320
        await invigilator.get_by_test_id("log").get_by_test_id("violation-confirm").click()
        await invigilator.get_by_test_id("reason-ok").click()
        await invigilator.get_by_test_id("run-open").click()
        await invigilator.get_by_test_id("publish-lists").click()
        await invigilator.get_by_test_id("publish-confirm").click()
        for page in pages:
            await page.get_by_test_id("closing-lists").get_by_text("Thí sinh Hai").first.wait_for()
            assert await page.get_by_test_id("closing-lists").get_by_text("Thí sinh Một").count() == 0
        await picture(pages[0], "lists")
        for page in pages:
            await page.close()
        assert await invigilator.get_by_test_id("hand-over").is_disabled()  # the room is still recorded
        clock.jump_to(T + timedelta(minutes=95, milliseconds=10))
        await invigilator.get_by_test_id("hand-over").click()
        await invigilator.get_by_test_id("handover-state").wait_for()
        await office.get_by_test_id("room-alarm").wait_for()
        await office.get_by_test_id("steer-open").click()
        await office.get_by_test_id("steer-ok").click()
        await office.get_by_test_id("steer-done").wait_for()
        await picture(office, "handover")
        await office.keyboard.press("Escape")
        async with office.expect_download() as loading:
            await office.get_by_test_id("handover-manifest").click()
        handed = json.loads(Path(await (await loading.value).path()).read_bytes())
        assert {each["candidate"] for each in handed["recordings"]} == {first, second}

        # The office pulls what was handed in, byte for byte.
        async with office.expect_download() as pulling:
            await office.get_by_test_id("submissions").click()
        archive = zipfile.ZipFile(io.BytesIO(Path(await (await pulling.value).path()).read_bytes()))
        assert archive.read("001_Thí sinh Một/answer.txt").decode() == f"{ANSWER} Thêm khi mất mạng."
        manifest = archive.read("001_Thí sinh Một/submission.json")
        assert hashlib.sha256(manifest).hexdigest() == receipt
        assert archive.read("unsubmitted/002_Thí sinh Hai/files/bài làm.jpg") == photograph.read_bytes()
        assert json.loads(manifest)["number"] == "001"

        # Every segment, the last ones too, stands in what was handed over.
        recorded = {each.name for known in live.state.sittings.values() for each in known.segments}
        assert {each["segment"] for each in handed["recordings"]} == recorded
        await look_as_the_office(office, first)
        await replay_both(await new_page(desk, errors), server, live, {first: FIRST_HERTZ, second: SECOND_HERTZ})
        assert errors == []


async def write_offline_and_back(page: Page, live: Any, candidate: str) -> None:
    """Type, see it saved, reload, lose the network, type on, come back."""
    answer = page.get_by_test_id("answer")
    await answer.fill(ANSWER)
    saved = "document.querySelector('[data-testid=save-state]')?.dataset.state === 'server'"
    await until(page, saved, seconds=8)
    assert live.state.sittings[candidate].text == ANSWER
    await page.reload()
    await until(page, "document.querySelector('[data-testid=paper-state]')?.dataset.state === 'open'")
    await until(page, f"document.querySelector('[data-testid=answer]').value === {json.dumps(ANSWER)}")
    await page.context.set_offline(True)
    await until(page, "document.querySelector('[data-testid=connection-state]').dataset.state !== 'connected'")
    await page.get_by_test_id("answer").fill(f"{ANSWER} Thêm khi mất mạng.")
    await until(page, "document.querySelector('[data-testid=save-state]').dataset.state === 'local'")
    await page.reload()  # the service worker holds the page, this browser holds the work and the released paper
    await until(page, "document.querySelector('[data-testid=paper-state]')?.dataset.state === 'open'")
    await until(page, "document.querySelector('[data-testid=answer]').value.endsWith('Thêm khi mất mạng.')")
    await picture(page, "exam-offline")
    await page.context.set_offline(False)
    await until(page, saved, seconds=15)
    assert live.state.sittings[candidate].text == f"{ANSWER} Thêm khi mất mạng."
    await until(page, "document.querySelector('[data-testid=media-state]').dataset.state === 'sending'")


def finalised(server: Server, live: Any, candidate: str) -> bool:
    """Whether every part that was recorded is a segment that the room's log knows: the player sees no hole then."""
    folder = server.house.config.recordings / live.room / candidate
    return not any(folder.glob("*.part")) and {path.name.split(".")[0] for path in folder.glob("*.webm.sealed")} == {
        segment["segment"] for segment in live.segments(candidate)
    }


async def look_as_the_office(page: Page, candidate: str) -> None:
    """The office opens what was handed over to it: recording and photographs; Back leads to the exam again."""
    await page.get_by_test_id("handed-over-open").click()
    await page.locator(f"[data-testid=sitting][data-candidate={candidate}]").click()
    await page.get_by_test_id("player-play").click()
    await until(page, f"({LOOK})('[data-testid=player-video]')?.contrast > 10")
    await page.get_by_test_id("photographs").locator("summary").click()
    shown = "[...document.querySelectorAll('[data-testid=photograph]')].map((one) => one.naturalWidth > 0)"
    await until(page, f"({shown}).length > 1 && ({shown}).every(Boolean)")
    await picture(page, "office-looks")
    assert await looked_at_by_axe(page, "office, a room handed over") == []
    await page.get_by_test_id("player-play").click()
    await page.go_back()
    await page.go_back()
    await page.get_by_test_id("handed-over-open").wait_for()


async def replay_both(page: Page, server: Server, live: Any, tones: dict[str, float]) -> None:
    """The inspector plays both recordings, seeks, sees frames decoded and hears the tone."""
    async with asyncio.timeout(60):
        while not all(finalised(server, live, candidate) for candidate in tones):
            await asyncio.sleep(0.05)
    await sign_in_staff(page, server, "inspector", "thanhtra")
    await page.get_by_test_id("choose-room").click()
    stills: list[str] = []
    for candidate, hertz in tones.items():
        await until(page, "(c) => Number(document.querySelector(`[data-testid=sitting][data-candidate=${c}]`)"
                          "?.dataset.segments) > 0", candidate)  # fmt: skip
        await page.locator(f"[data-testid=sitting][data-candidate={candidate}]").click()
        await until(page, "(c) => { const player = document.querySelector('[data-testid=player]').dataset; "
                          "return player.candidate === c && player.ready === 'true'; }", candidate)  # fmt: skip
        for link in await page.get_by_test_id("still").all():  # beside the violation of the second
            path = await link.get_attribute("href")
            width = "async (path) => (await createImageBitmap(await (await fetch(path)).blob())).width"
            kept = await page.evaluate(width, path)
            assert kept == 640
            stills.append(candidate)
        await page.get_by_test_id("player-play").click()
        video = "[data-testid=player-video]"
        look = await until(page, f"(() => {{ const look = ({LOOK})('{video}'); "
                                 "return look?.contrast > 10 && look.frames > 20 && look; })()")  # fmt: skip
        assert (look["width"], look["height"]) == (640, 360)
        await hears(page, video, hertz)
        longest = max(live.segments(candidate), key=lambda segment: segment["duration_ms"])
        wanted = datetime.fromisoformat(longest["started_at"]).timestamp() * 1000 + longest["duration_ms"] / 2
        await page.evaluate(
            """(to) => { const seek = document.querySelector('[data-testid=seek]');
              Object.getOwnPropertyDescriptor(HTMLInputElement.prototype, 'value').set.call(seek, to);
              for (const kind of ['input', 'change']) seek.dispatchEvent(new Event(kind, { bubbles: true })); }""",
            str(round(wanted)),
        )
        await until(page, "(wanted) => Math.abs(document.querySelector('[data-testid=player]').dataset.wallClock"
                          " - wanted) < 3000", wanted)  # fmt: skip
        before = (await page.evaluate(LOOK, video))["frames"]
        await until(page, f"({LOOK})('{video}').frames > {before + 10}")
        await picture(page, f"replay-{hertz:.0f}")
        await page.get_by_test_id("player-play").click()
    assert stills == list(tones)[1:], "the second was noted once"
