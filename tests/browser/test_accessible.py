"""Every page in its main states: nothing serious that axe-core finds, at the size of a laptop and of a telephone, and
everything within reach of the keyboard.

A walk leads through the states of one page; each row names a state and how to get there from the one before. In every
state axe looks at one of the two sizes, by turns (with `--all` at both), then Tab goes round: it has to come to each
control, and each has to show that it has the focus. A row with a dialog opens it by keyboard; the focus goes into it,
stays in it, and comes back where it was. A page that is added later is a row, or a walk of rows.
"""

from __future__ import annotations

import asyncio
import io
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from playwright.async_api import Browser, Page, expect

from proctor.exam.decisions import answers
from proctor.office_log import OPERATOR
from proctor.rehearsal.client import SyntheticPublisher
from proctor.rehearsal.page import Page as RehearsalPage
from proctor.rehearsal.page import get_ready
from proctor.rehearsal.pictures import photo
from proctor.views import moment
from tests.browser.axe import SIZES, looked_at_by_axe
from tests.browser.chromium import network, new_page, shared_chromium, until
from tests.browser.entering import open_room
from tests.support.clock import SteppedClock
from tests.support.house import (
    CHECKS,
    PASSWORD,
    PDF,
    PLAN,
    UNIT,
    Exam,
    Server,
    candidate_page,
    exam_times,
    office_page,
    publish_exam_as,
    reach_lobby,
    second_room,
)

pytestmark = pytest.mark.browser

HERE = Path(__file__).parent
PAGES = sorted((HERE.parents[1] / "webclient").glob("*.html"))
ENOUGH = 180  # packets of a synthetic candidate: three seconds
KEYBOARD = (HERE / "accessible.js").read_text(encoding="utf-8")


@dataclass
class World:
    """What a walk needs: the page it walks through, the room, and the people who make things happen there."""

    server: Server
    clock: SteppedClock
    exam: Exam
    invigilator: RehearsalPage
    browser: Browser
    page: Page
    others: list[Any]
    candidates: dict[str, RehearsalPage] = field(default_factory=dict)  # by number, without a browser

    def test_id(self, name: str) -> Any:
        return self.page.get_by_test_id(name).first


Act = Callable[[World], Awaitable[Any]]


@dataclass(frozen=True)
class Row:
    """A state, and how to get there.

    With a `dialog`: the control that opens it, by test id, and the dialog's own. `stays`: one that must be answered.
    """

    name: str
    reach: Sequence[Act] = ()
    opener: str = ""
    dialog: str = ""
    stays: str = ""


# -- how to get somewhere ---------------------------------------------------------------------------------------------


OPENED: set[str] = set()
"""The pages that the walks below open by their address."""


def goto(path: str) -> Act:
    OPENED.add(path.strip("/") or "index")
    return lambda world: world.page.goto(world.server.url + path)


def shown(test_id: str) -> Act:
    return lambda world: world.test_id(test_id).wait_for()


def gone(test_id: str) -> Act:
    return lambda world: world.page.get_by_test_id(test_id).wait_for(state="detached")


def enabled(test_id: str) -> Act:
    return lambda world: expect(world.test_id(test_id)).to_be_enabled()


def fill(test_id: str, text: str) -> Act:
    return lambda world: world.test_id(test_id).fill(text)


def choose_file(test_id: str, name: str, kind: str, content: bytes) -> Act:
    return lambda world: world.test_id(test_id).set_input_files({"name": name, "mimeType": kind, "buffer": content})


def press(test_id: str, key: str = "Enter") -> Act:
    """Put the focus there and press a key, as somebody without a mouse does."""

    async def act(world: World) -> None:
        await expect(world.test_id(test_id)).to_be_enabled()
        await world.test_id(test_id).focus()
        await world.page.keyboard.press(key)

    return act


async def escape(world: World) -> None:
    await world.page.keyboard.press("Escape")


async def note_violation(world: World) -> None:
    await world.invigilator.tell("note_violation", candidate=world.exam.candidates["001"], category="phone")


def in_state(test_id: str, state: str) -> Act:
    return lambda world: world.page.locator(f"[data-testid={test_id}][data-state={state}]").first.wait_for()


async def sign_in_as_candidate(world: World) -> None:
    await world.test_id("sign-in-number").fill("001")
    await world.test_id("sign-in-code").fill(world.exam.codes["001"])
    await world.test_id("sign-in-submit").click()


async def sign_out(world: World) -> None:
    """In another tab of the same browser."""
    await world.page.evaluate(
        "fetch('/api/sign-out', { method: 'POST', body: '{}', headers: { 'Proctor-Role': 'candidate' } })"
    )


def sign_in(name: str) -> Act:
    async def act(world: World) -> None:
        await world.test_id("sign-in-name").fill(name)
        await world.test_id("sign-in-password").fill(PASSWORD)
        await world.test_id("sign-in-submit").click()

    return act


def stands(world: World, number: str, subject: str) -> int:
    """The number of the decision on a candidate that stands, which a later one names; 0 without one."""
    known = world.server.house.rooms.get(world.exam.room).state.sittings[world.exam.candidates[number]]
    return known.acts[subject].seq if subject in known.acts else 0


def admit(number: str) -> Act:
    async def act(world: World) -> None:
        candidate = world.exam.candidates[number]
        replaces = {candidate: stands(world, number, "entry")}
        answer = await world.invigilator.tell("admit", candidates=[candidate], checks=CHECKS, replaces=replaces)
        assert answer["admitted"] == [candidate], answer

    return act


def tell(name: str, **body: Any) -> Act:
    """A message of the invigilator, who has no browser."""
    return lambda world: world.invigilator.tell(name, **body)


async def ask_again(world: World) -> None:
    candidate = world.exam.candidates["001"]
    await world.invigilator.tell("ask_again", candidate=candidate, subject="camera", text="Xoay camera lên.")


async def as_in_zalo(world: World) -> None:
    agent = f"{await world.page.evaluate('navigator.userAgent')} Zalo android/12100733"
    await world.page.add_init_script(f"Object.defineProperty(navigator, 'userAgent', {{ value: {agent!r} }})")


async def camera_shows(world: World) -> None:
    await until(world.page, "document.querySelector('.booth video')?.videoWidth > 0")


async def release(world: World) -> None:
    world.clock.jump_to(world.exam.starts_at)


async def paper_out(world: World) -> None:
    await world.candidates["001"].hear("paper_key")


def later(**amount: float) -> Act:
    async def act(world: World) -> None:
        world.clock.advance(**amount)

    return act


def message(text: str) -> Act:
    return lambda world: world.invigilator.tell("send_message", to="room", text=text)


async def candidates_come(world: World) -> None:
    """001 is at work, with picture and sound; 002 waits."""
    for number in ("001", "002"):
        page = await candidate_page(world.server, world.exam, number)
        world.candidates[number] = page
        world.others.append(page.__aexit__)
        await reach_lobby(page, world.exam.room)
        if number == "001":
            publisher = SyntheticPublisher(0)
            answer = await page.tell("publish", epoch=page.epoch, sdp=publisher.offer())
            await publisher.accept(answer["sdp"])
            publisher.start()
            world.others.append(lambda *_, publisher=publisher: publisher.stop())
            await world.invigilator.tell("admit", candidates=[world.exam.candidates["001"]], checks=CHECKS)


def tab(name: str) -> Act:
    """On a telephone the exam shows one part at a time; at the other size nothing changes."""
    return lambda world: world.test_id(f"tab-{name}").dispatch_event("click")


def diagnosed(findings: dict[str, Any]) -> Act:
    """A technician asks how the page of 001 is doing, and it answers."""

    async def act(world: World) -> None:
        page = world.candidates["001"]
        before = [body["diagnosis"] for name, body in page.heard if name == "diagnose"]
        await press("diagnose")(world)
        asked = await page.hear("diagnose", lambda body: body["diagnosis"] not in before)
        await page.tell("report_diagnosis", diagnosis=asked["diagnosis"], findings=findings)

    return act


async def all_is_fine(world: World) -> None:
    await expect(world.test_id("findings").locator(".notice.ok")).to_be_visible()


async def open_the_phones_link(world: World) -> None:
    await candidates_come(world)
    await release(world)
    await world.candidates["001"].hear("paper_key")
    answer = await world.candidates["001"].post(f"/api/rooms/{world.exam.room}/phone/link")
    await world.page.goto(answer["link"])


async def end_the_phone(world: World) -> None:
    await world.candidates["001"].call("DELETE", f"/api/rooms/{world.exam.room}/phone")


async def recorded(world: World) -> None:
    """A few seconds of 001 are finalised, with a violation beside them."""
    await candidates_come(world)
    await note_violation(world)
    candidate = world.exam.candidates["001"]
    live = world.server.house.rooms.get(world.exam.room)
    async with asyncio.timeout(20):
        while live.media.connections.health().get(candidate, {}).get("packets", 0) < ENOUGH:
            await asyncio.sleep(0.05)
        await world.server.house.recording.finish(world.exam.room, candidate)
        while not live.segments(candidate):
            await asyncio.sleep(0.05)


async def plan_a_draft(world: World) -> None:
    """An exam of two rooms, one of them with people, and open it in the office's page."""
    async with await office_page(world.server) as office:
        times = exam_times(world.exam.starts_at + timedelta(days=1))
        exam = (await office.post("/api/exams", {"title": "Bản nháp", **times}))["exam"]
        room = (await office.post(f"/api/exams/{exam}/rooms", {"title": "Phòng có người"}))["room"]
        await office.post(f"/api/exams/{exam}/rooms", {"title": "Phòng trống"})
        await office.call("POST", f"/api/rooms/{room}/roster", data=ROSTER)
    await world.page.goto(f"{world.server.url}/office#exam={exam}")


async def publish_the_draft(world: World) -> None:
    """With a paper and the staff of the other exam, without the room that is empty."""
    async with await office_page(world.server) as office:
        (exam,) = [each for each in (await office.get("/api/exams"))["exams"] if each["exam"] != world.exam.exam]
        (room,) = [each["room"] for each in exam["rooms"] if each["candidates"]]
        (empty,) = [each["room"] for each in exam["rooms"] if not each["candidates"]]
        assert "error" not in await office.call("DELETE", f"/api/rooms/{empty}")
        staff = list(world.server.house.rooms.get(world.exam.room).state.staff)
        assert "error" not in await office.put(f"/api/rooms/{room}/staff", {"staff": staff})
        assert "sha256" in await office.put(f"/api/exams/{exam['exam']}/paper", data=PDF)
        await publish_exam_as(office, exam["exam"], room)


async def send_a_correction(world: World) -> None:
    async with await office_page(world.server) as office:
        told = {"nature": "correction", "title": "Câu 2", "text": "Đọc là 1945"}
        assert "material" in await office.post(f"/api/rooms/{world.exam.room}/materials", told)


async def delay(world: World) -> None:
    until = moment(world.exam.starts_at + timedelta(minutes=2))
    assert "error" not in await world.invigilator.tell("delay_release", until=until, reason="Mất điện.", replaces=0)


async def get_more_time(world: World) -> None:
    """The office moves the exam, and gives 001 some minutes more."""
    path, because = f"/api/rooms/{world.exam.room}", {"minutes": 5, "reason": "Mất điện."}
    async with await office_page(world.server) as office:
        seen = moment(world.exam.starts_at + timedelta(minutes=90))
        assert "error" not in await office.post(f"{path}/times/shift", {**because, "seen": seen})
        extra = f"{path}/candidates/{world.exam.candidates['001']}/extra-time"
        assert "error" not in await office.put(extra, because)


async def lose_the_camera(world: World) -> None:
    """It is pulled out, and cannot be opened again."""
    await world.page.evaluate("""() => {
      navigator.mediaDevices.getUserMedia = () => Promise.reject(new DOMException('', 'NotReadableError'));
      const [track] = document.querySelector('[data-testid=self-view]').srcObject.getVideoTracks();
      track.stop();
      track.dispatchEvent(new Event('ended')); }""")


def offline(lost: bool) -> Act:
    return lambda world: network(world.page, offline=lost)


async def saved_elsewhere(world: World) -> None:
    """The server holds another text than the one that the page goes on from."""
    live, candidate = world.server.house.rooms.get(world.exam.room), world.exam.candidates["001"]
    known = live.state.sittings[candidate]
    await live.act(candidate, lambda room, now: answers.save_answer(
        room, now, candidate, epoch=known.epoch, base_revision=known.revision, text="Viết ở nơi khác."
    ))  # fmt: skip


async def ask_from_another_device(world: World) -> None:
    """001 comes again, at a device that shows its camera, and is admitted there."""
    page = world.candidates["001"]
    await page.join(world.exam.room)
    assert "error" not in await get_ready(page, world.exam.room, photo(0))
    answer = await world.invigilator.tell("admit", candidates=[world.exam.candidates["001"]], checks=CHECKS)
    assert answer["admitted"], answer


async def ask_beside(world: World) -> None:
    """001, at work, asks at another device too."""
    page = await candidate_page(world.server, world.exam, "001")
    world.others.append(page.__aexit__)
    await page.join(world.exam.room)


async def decline_the_other(world: World) -> None:
    """The device that asks to take over from the one at which 001 is now, once the invigilator sees it."""
    candidate = world.exam.candidates["001"]
    epoch = world.server.house.rooms.get(world.exam.room).state.sittings[candidate].epoch
    asks = await world.invigilator.hear(
        "sitting",
        lambda sitting: sitting["candidate"] == candidate and sitting["readmission"] and sitting["epoch"] == epoch,
    )
    answer = await world.invigilator.tell(
        "decline_device", candidate=candidate, epoch=asks["pending"]["epoch"], reason="Không đúng người.",
        replaces=stands(world, "001", "entry"),
    )  # fmt: skip
    assert "error" not in answer, answer
    await world.page.locator("[data-testid=lobby-state][data-connection=declined]").wait_for()


async def open_another_room(world: World) -> None:
    async with await office_page(world.server) as office:
        await second_room(office, world.exam)
        assert (await office.post(f"/api/exams/{world.exam.exam}/publication"))["published_at"]


async def plan_for_a_unit(world: World) -> None:
    """An exam of regime B with a paper, and the head of the unit that has to confirm it."""
    async with await office_page(world.server) as office:
        times = exam_times(world.exam.starts_at + timedelta(days=1))
        exam = (await office.post("/api/exams", {"title": "Kinh tế vi mô", **times}))["exam"]
        assert "error" not in await office.put(f"/api/exams/{exam}/plan", {**PLAN, "regime": "B", "unit": UNIT})
        assert "sha256" in await office.put(f"/api/exams/{exam}/paper", data=PDF)
    await world.server.house.office.create_staff(OPERATOR, "unit_head", "Trưởng bộ môn", "unit_head", PASSWORD, UNIT)


async def read_the_paper(world: World) -> None:
    async with world.page.context.expect_page() as opening:
        await press("paper-read")(world)
    await (await opening.value).close()


async def open_the_list(world: World) -> None:
    await world.test_id("room").locator("summary").click()


async def open_photographs(world: World) -> None:
    await world.test_id("photographs").locator("summary").press("Space")


def of_001(name: str, **body: Any) -> Act:
    """An act of the invigilator on the candidate 001."""
    return lambda world: world.invigilator.tell(name, candidate=world.exam.candidates["001"], **body)


async def lift(world: World) -> None:
    await of_001("resume", reason="Nhầm.", replaces=stands(world, "001", "suspension"))(world)


def sheet() -> bytes:
    """A picture that looks dark and small, which is said on the page."""
    made = io.BytesIO()
    Image.new("RGB", (300, 400), (30, 30, 30)).save(made, "JPEG")
    return made.getvalue()


PAGE = [choose_file("page-input", "a.jpg", "image/jpeg", sheet()), in_state("page", "there")]
STAFF_LIST = "tên đăng nhập,họ và tên,vai trò\nmuoi,Lê Thị Mười,cán bộ coi thi\n".encode()
ROSTER = "số báo danh,họ và tên\n011,Lê Thị Mười Một\n".encode()

# As webclient/pages/candidate/diagnosis.js reports them: everything that the technician is advised on, and nothing.
GOOD = {
    "browser": "Mozilla/5.0", "language": "vi", "screen": "1366x768", "visible": True, "online": True, "network": "4g",
    "round_trip_ms": 20, "clock_offset_ms": 0, "publishing": "sending", "media": None,
    "camera": {"label": "Camera", "state": "live", "muted": False, "width": 1280, "height": 720},
    "microphone": {"label": "Micro", "state": "live", "muted": False}, "answer": {"revision": 1, "saved": None},
}  # fmt: skip
BAD = {
    **GOOD, "visible": False, "network": "2g", "round_trip_ms": 900, "clock_offset_ms": 7_200_000,
    "publishing": "connecting", "camera": {"label": "Camera", "state": "ended", "muted": True},
    "microphone": {"label": "Micro", "state": "ended", "muted": True},
}  # fmt: skip

TO_THE_LOBBY = [
    in_state("check-camera", "ok"), press("play-tone"), shown("tone-heard"), press("tone-heard"), press("device-ok"),
    shown("consent-box"), press("consent-box", "Space"), press("rules-box", "Space"), press("consent-ok"),
    shown("take-face"), camera_shows, press("take-face"), press("keep-face"), shown("take-card"), camera_shows,
    press("take-card"), press("keep-card"), in_state("lobby-state", "waiting"),
]  # fmt: skip
WALKS: dict[str, list[Row]] = {
    "index": [Row("choice of roles", [goto("/"), shown("role-candidate")])],
    "candidate": [
        Row("sign-in", [goto("/candidate"), shown("sign-in-number")]),
        Row("sign-in refused", [fill("sign-in-number", "001"), fill("sign-in-code", "x"), press("sign-in-submit"),
                                shown("sign-in-error"), shown("sign-in-hint")]),
        Row("device check", [sign_in_as_candidate, in_state("check-camera", "ok")]),
        Row("the tone was heard", [press("play-tone"), shown("tone-heard"), press("tone-heard"),
                                   in_state("check-speaker", "ok")]),
        Row("consent", [press("device-ok"), shown("consent-box")]),
        Row("photographs", [press("consent-box", "Space"), press("rules-box", "Space"), press("consent-ok"),
                            shown("take-face")]),
        Row("a photograph was taken", [camera_shows, press("take-face"), shown("keep-face")]),
        Row("lobby", [press("keep-face"), shown("take-card"), camera_shows, press("take-card"), press("keep-card"),
                      in_state("lobby-state", "waiting")]),
        Row("talk with staff", [], "talk-open", "talk"),
        Row("refused", [of_001("refuse_entry", reason="Thiếu thẻ."), in_state("lobby-state", "refused")]),
        Row("exam, sealed", [admit("001"), in_state("paper-state", "sealed")]),
        Row("delayed", [delay, shown("delayed")]),
        Row("briefing", [tell("hold_briefing", topic="rules"), shown("briefing")], stays="briefing"),
        Row("asked again", [press("briefing-read"), ask_again, shown("asked-again")]),
        Row("put off", [escape, gone("asked-again"), shown("asked-waits")]),
        Row("answered", [press("asked-open"), press("asked-done"), gone("asked-again")]),
        Row("exam, writing", [release, later(minutes=2), in_state("paper-state", "open"), shown("paper-page-1"),
                              fill("answer", "Bài làm."), in_state("save-state", "server")]),
        Row("two texts", [saved_elsewhere, fill("answer", "Bài làm. Viết ở đây."), shown("conflict")],
            stays="conflict"),
        Row("exam, with a file", [press("conflict-mine"), gone("conflict"), in_state("save-state", "server"),
                                  choose_file("file-input", "bài.pdf", "application/pdf", b"%PDF-1.4 x"),
                                  shown("file")]),
        Row("a file of an unusual kind", [choose_file("file-input", "mô hình.blend", "", b"x"),
                                          shown("unusual-files")]),
        Row("a file to be taken out", [press("unusual-discard"), gone("unusual-files")],
            "file-remove", "remove-file"),
        Row("a correction", [send_a_correction, shown("material")], stays="material"),
        Row("exam, with pages", [press("material-received"), gone("material"), *PAGE, shown("page-fault"),
                                 tab("files")]),
        Row("a page was taken out", [press("page-remove"), shown("page-undo")]),
        Row("camera for pages", [press("page-undo"), in_state("page", "there")], "page-camera", "camera-dialog"),
        Row("code for the telephone", [], "phone-open", "phone-dialog"),
        Row("answer", [tab("answer")]),
        Row("exam, messages", [message("Còn 15 phút."), message("Còn 10 phút."), shown("message")]),
        Row("suspended", [press("message-seen"), of_001("suspend", reason="Dùng tài liệu"), shown("suspended")]),
        Row("all that can stand above the work", [
            lift, gone("suspended"), get_more_time, shown("shifted"), shown("extra-time"),
            of_001("begin_absence", why="Đi vệ sinh"), shown("absent"), lose_the_camera, shown("device-lost"),
            offline(True), shown("offline-notice"), fill("answer", "x" * 200_001), shown("answer-excess"),
        ]),
        Row("session ended", [offline(False), gone("offline-notice"), fill("answer", "Bài làm."), gone("answer-excess"),
                              in_state("save-state", "server"), sign_out, shown("sign-in-again")],
            stays="sign-in-again"),
        Row("hand in", [sign_in_as_candidate, gone("sign-in-again")], "submit", "submit-dialog"),
        Row("receipt", [press("submit"), press("submit-confirm"), shown("receipt")]),
    ],
    "candidate, at another device": [
        Row("photographs are there already", [candidates_come, goto("/candidate"), sign_in_as_candidate,
                                              in_state("check-camera", "ok"), press("play-tone"), press("tone-heard"),
                                              press("device-ok"), shown("consent-box"), press("consent-box", "Space"),
                                              press("rules-box", "Space"), press("consent-ok"),
                                              shown("lobby-state")]),
        Row("admitted there", [admit("001"), in_state("paper-state", "sealed")]),
        Row("the first device is admitted again", [ask_from_another_device, shown("superseded")]),
        Row("declined when it asks again", [press("use-here"), decline_the_other, shown("use-here")]),
    ],
    "a held room": [
        Row("what a candidate in it sees", [goto("/candidate"), sign_in_as_candidate, *TO_THE_LOBBY, admit("001"),
                                            in_state("paper-state", "sealed"), later(minutes=102), shown("held")]),
        Row("an invigilator", [goto("/invigilator"), sign_in("invigilator"), shown("room-held")]),
        Row("a supervisor", [goto("/supervisor"), sign_in("supervisor"), shown("glance-room-held")]),
        Row("a supervisor who looks on", [press("glance-open"), shown("room-held")]),
        Row("a technician", [goto("/tech_support"), sign_in("tech_support"), press("choose-room"),
                             shown("console-row"), shown("room-held")]),
        Row("an inspector", [goto("/inspector"), sign_in("inspector"), press("choose-room"), press("watch-live"),
                             shown("room-held")]),
        Row("the office", [goto("/office"), sign_in("office"), press("exam-open"), shown("room-alarm")]),
        Row("the office's decision", opener="steer-open", dialog="steer-dialog"),
    ],
    "practice": [
        Row("devices", [goto("/candidate"), press("practice-open"), in_state("check-camera", "ok")]),
        Row("the way through the server", [press("play-tone"), shown("tone-heard"), press("tone-heard"),
                                             press("device-ok"), in_state("loop", "good")]),
        Row("what the exam shows", opener="practice-exam", dialog="practice-tour"),
        Row("sample exam", [press("practice-exam"), press("practice-start"), in_state("paper-state", "open"),
                            shown("paper-page-1"), fill("answer", "Thử."), in_state("save-state", "server")]),
        Row("the staff's answer", [press("hand"), shown("message")]),
        Row("sample receipt", [press("message-seen"), press("submit"), press("submit-confirm"), shown("receipt")]),
    ],
    "in another application": [
        Row("how to come in by a browser", [as_in_zalo, goto("/candidate"), shown("in-app")]),
    ],
    "candidate, out of time": [
        Row("time is over", [goto("/candidate"), sign_in_as_candidate, *TO_THE_LOBBY, admit("001"), release,
                             in_state("paper-state", "open"), later(minutes=91), shown("after-submit-by")]),
        Row("the lists", [tell("publish_lists", reason=""), shown("closing-lists")]),
        Row("room has ended", [later(minutes=5), shown("over")]),
    ],
    "invigilator": [
        Row("sign-in", [goto("/invigilator"), shown("sign-in-name")]),
        Row("wall, empty", [sign_in("invigilator"), shown("wall")]),
        Row("wall", [candidates_come, in_state("tile", "live"), shown("queue-entry")]),
        Row("wall, with the log", [message("Chào cả phòng."), press("log-toggle"), shown("log")]),
        Row("admission", opener="admit", dialog="admit-dialog"),
        Row("something asked for again at the admission", [press("admit"), shown("admit-dialog"), press("ask-card"),
                                                          shown("reason-dialog")]),
        Row("admission again", [escape, gone("reason-dialog"), shown("admit-dialog")]),
        Row("wall again", [escape, gone("admit-dialog")]),
        Row("another device that asks", [ask_beside, shown("decline")], "decline", "decline-dialog"),
        Row("running the room", opener="run-open", dialog="run-dialog"),
        Row("message to all", opener="broadcast", dialog="message-dialog"),
        Row("keys", opener="help", dialog="help-dialog"),
        Row("a delay", [press("run-open")], "delay-open", "delay-dialog"),
        Row("a hand-over between shifts", [], "shift-open", "shift-dialog"),
        Row("focus", [escape, press("tile"), shown("focus")]),
        Row("violation", opener="focus-flag", dialog="flag-dialog"),
        Row("suspension", opener="suspend", dialog="suspend-dialog"),
        Row("a leave", opener="absence-begin", dialog="reason-dialog"),
        Row("a photograph asked for again", opener="again-face", dialog="reason-dialog"),
        Row("a note", opener="note-add", dialog="note-dialog"),
        Row("a decision", [note_violation, shown("violation-confirm")], "violation-confirm", "reason-dialog"),
        Row("a check anew", opener="check-again", dialog="check-dialog"),
        Row("message to one", opener="focus-message", dialog="message-dialog"),
        Row("choice of rooms", [press("focus-close"), press("leave"), shown("choose-room")]),
    ],
    "invigilator, after the end": [
        Row("what is left", [goto("/invigilator"), sign_in("invigilator"), shown("wall"), candidates_come, release,
                             paper_out, later(minutes=96), shown("closed-room")]),
        Row("closing", opener="run-open", dialog="run-dialog"),
        Row("the lists before they are published", [press("run-open"), shown("brief-not")], "publish-lists",
            "publish-dialog"),
        Row("closing again", [escape, gone("run-dialog")]),
        Row("choice of rooms", [press("leave"), shown("choose-room")]),
    ],
    "phone": [
        Row("without a link", [goto("/phone"), shown("phone-ended")]),
        Row("let in", [open_the_phones_link, shown("page-camera")]),
        Row("a page", PAGE),
        Row("camera", [], "page-camera", "camera-dialog"),
        Row("ended", [end_the_phone, shown("phone-ended")]),
    ],
    "supervisor": [
        Row("rooms at a glance", [candidates_come, goto("/supervisor"), sign_in("supervisor"), shown("glance-open")]),
        Row("wall", [press("glance-open"), in_state("tile", "live")]),
        Row("focus", [press("tile"), shown("focus")]),
        Row("a room that has ended", [release, paper_out, later(minutes=96), goto("/supervisor"), shown("look-back")],
            "look-back", "look-back-dialog"),
    ],
    "tech_support": [
        Row("choice of rooms", [candidates_come, goto("/tech_support"), sign_in("tech_support"), shown("choose-room")]),
        Row("console", [press("choose-room"), shown("console-row")]),
        Row("one candidate", [press("console-open"), shown("console-person")]),
        Row("findings, all of them bad", [diagnosed(BAD), shown("findings")]),
        Row("findings, all of them good", [diagnosed(GOOD), all_is_fine]),
        Row("message to one", opener="console-message", dialog="message-dialog"),
    ],
    "those who serve": [
        Row("IT unit", [goto("/it_unit"), sign_in("it_unit"), shown("serve-room")]),
        Row("head of a unit", [plan_for_a_unit, goto("/unit_head"), sign_in("unit_head"), shown("paper-read")]),
        Row("head of a unit, who opened the paper", [read_the_paper, enabled("paper-confirm")]),
        Row("head of a unit, who confirmed it", [press("paper-confirm"), gone("paper-confirm")]),
    ],
    "inspector": [
        Row("sign-in", [goto("/inspector"), shown("sign-in-name")]),
        Row("choice of rooms", [recorded, sign_in("inspector"), shown("choose-room")]),
        Row("the office's log", opener="office-log-open", dialog="office-log-dialog"),
        Row("list", [press("choose-room"), shown("sitting")]),
        Row("player", [press("sitting"), shown("player-play")]),
        Row("player, photographs", [open_photographs, shown("photograph")]),
        Row("player, incidents", [press("events-incidents")]),
        Row("looking on", [press("watch-live"), in_state("tile", "live")]),
        Row("looking on, with the log", [press("log-toggle"), shown("log")]),
        Row("looking on, keys", opener="help", dialog="help-dialog"),
        Row("looking on at one", [press("tile"), shown("focus")]),
    ],
    "office, a draft": [
        Row("an exam that is a draft", [plan_a_draft, sign_in("office"), shown("exam-heading"), open_the_list]),
        Row("its plan", opener="plan-open", dialog="plan-dialog"),
        Row("its name and times", opener="exam-edit", dialog="exam-form"),
        Row("a clone", opener="clone-open", dialog="clone-dialog"),
        Row("a room that is not needed", opener="room-remove", dialog="room-remove-dialog"),
        Row("a candidate to another room", opener="move", dialog="move-dialog"),
        Row("a candidate off the list", opener="candidate-remove", dialog="reason-dialog"),
        Row("a code anew", opener="code-reissue", dialog="codes-issue-dialog"),
        Row("published, and withdrawn", [publish_the_draft, shown("withdraw")], "withdraw", "reason-dialog"),
    ],
    "office": [
        Row("sign-in", [goto("/office"), shown("sign-in-name")]),
        Row("exams", [sign_in("office"), shown("exam-list")]),
        Row("new exam", opener="exam-new", dialog="exam-form"),
        Row("staff", opener="staff-open", dialog="staff-dialog"),
        Row("a forgotten password", [press("staff-open"), shown("staff-dialog")], "password-reset",
            "password-reset-dialog"),
        Row("a staff list", [], "staff-list-open", "staff-list-dialog"),
        Row("a staff list that was read", [press("staff-list-open"), shown("staff-list-dialog"),
                                           choose_file("staff-input", "a.csv", "text/csv", STAFF_LIST),
                                           shown("staff-preview")]),
        Row("exams again", [escape, gone("staff-list-dialog"), escape, gone("staff-dialog")]),
        Row("its own log", opener="office-log-open", dialog="office-log-dialog"),
        Row("exam", [press("exam-open"), shown("exam-heading")]),
        Row("steering", opener="steer-open", dialog="steer-dialog"),
        Row("steering, extra time", [press("steer-open"), press("steer-extra"), shown("steer-move-end")]),
        Row("steering, somebody late", [press("steer-late"), gone("steer-move-end"), shown("steer-candidate")]),
        Row("exam again", [escape, gone("steer-dialog")]),
        Row("a room's log", opener="room-log-open", dialog="room-log-dialog"),
        Row("preview of the paper", opener="paper-preview", dialog="preview-dialog"),
        Row("another paper", [choose_file("paper-input", "b.pdf", "application/pdf", PDF),
                              shown("paper-replace-confirm")]),
        Row("roster", [escape, gone("paper-replace-confirm")], "roster-open", "roster-dialog"),
        Row("assignment", opener="assign-open", dialog="assign-dialog"),
        Row("codes", [press("roster-open"), choose_file("roster-input", "a.csv", "text/csv", ROSTER),
                      shown("roster-preview"), press("roster-import"), shown("code")]),
        Row("codes that nobody kept", [escape]),
        Row("steering, a correction", [press("codes-close"), gone("codes-dialog"), open_another_room, release,
                                       press("steer-open"), shown("steer-material"), press("steer-material"),
                                       shown("steer-title"), shown("steer-room")]),
        Row("steered", [fill("steer-title", "Câu 2"), fill("steer-text", "1945"), press("steer-ok"),
                        shown("steer-done")]),
    ],
}  # fmt: skip


async def test_every_page_is_walked_through() -> None:
    assert {page.stem for page in PAGES} - OPENED - set(WALKS) == set()


@pytest.mark.parametrize("walk", WALKS)
async def test_a_page_for_everyone(tmp_path: Path, walk: str) -> None:
    await walked(tmp_path, walk, lambda number: SIZES[number % 2 :][:1])


@pytest.mark.long
@pytest.mark.parametrize("walk", WALKS)
async def test_a_page_for_everyone_at_both_sizes(tmp_path: Path, walk: str) -> None:
    await walked(tmp_path, walk, lambda _: SIZES)


async def walked(tmp_path: Path, walk: str, sizes: Callable[[int], Sequence[Any]]) -> None:
    """Go through the states of a walk; `sizes`: at which axe looks at the how-many-th of them."""
    errors: list[str] = []
    found: list[str] = []
    async with (
        open_room(tmp_path) as (server, clock, exam, invigilator),
        shared_chromium() as browser,
    ):
        page = await new_page(browser, errors)
        page.set_default_timeout(10_000)
        world = World(server, clock, exam, invigilator, browser, page, [])
        try:
            for number, row in enumerate(WALKS[walk]):
                started = time.perf_counter()
                found += [f"{walk}, {row.name}: {fault}" for fault in await at(world, row, sizes(number))]
                print(f"{walk}, {row.name}: {time.perf_counter() - started:.1f} s")
        finally:
            for leave in reversed(world.others):
                await leave(None, None, None)
    assert errors == []
    assert found == [], "\n".join(found)


async def at(world: World, row: Row, sizes: Sequence[Any]) -> list[str]:
    """What is wrong in a state, after getting there."""
    for act in row.reach:
        await act(world)
    if row.dialog:
        await press(row.opener)(world)
        await shown(row.dialog)(world)
    await world.page.evaluate(KEYBOARD)
    faults = await looked_at_by_axe(world.page, row.name, sizes)
    faults += await walked_by_tab(world.page)
    if row.dialog:
        faults += await closed_by_escape(world, row)
    if row.stays:
        faults += await kept_from_escape(world, row)
    return faults


async def walked_by_tab(page: Page) -> list[str]:
    """Tab goes round once: it comes to every control, each shows its focus, and a dialog is not left."""
    stops: list[str] = await page.evaluate("keyboard.stops()")
    await page.evaluate("keyboard.visited()")
    missing, faults = set(range(len(stops))), []
    left = 3 * len(stops) + 20  # a date has a stop for each of its parts
    while missing and left > 0:
        for _ in range(len(missing)):
            await page.keyboard.press("Tab")
        left -= len(missing)
        for there in await page.evaluate("keyboard.visited()"):
            if there["stop"] is not None:
                missing.discard(int(there["stop"]))
            if not there["rings"]:
                faults.append(f"focus does not show: {there['name']}")
            if not there["inside"]:
                faults.append(f"focus left the dialog: {there['name']}")
    return sorted(set(faults)) + [f"not reached by Tab: {stops[stop]}" for stop in sorted(missing)]


async def closed_by_escape(world: World, row: Row) -> list[str]:
    """Escape closes the dialog and gives the focus back to what opened it."""
    await world.page.keyboard.press("Escape")
    await world.page.get_by_test_id(row.dialog).wait_for(state="detached")
    focused = await world.page.evaluate("document.activeElement?.dataset.testid ?? document.activeElement?.tagName")
    return [] if focused == row.opener else [f"after Escape the focus is at {focused}, not at {row.opener}"]


async def kept_from_escape(world: World, row: Row) -> list[str]:
    """A dialog that has to be answered is still there after any number of Escapes."""
    for _ in range(3):
        await world.page.keyboard.press("Escape")
        await world.page.evaluate("new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")
    modal = await world.page.get_by_test_id(row.stays).evaluate("(dialog) => dialog.matches(':modal')")
    return [] if modal else [f"{row.stays} went away unanswered"]
