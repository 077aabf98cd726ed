"""The way into the room (pages/candidate/entrance.js), by a page whose camera came and went."""

import pytest
from playwright.async_api import Page

pytestmark = pytest.mark.browser

# A candidate who has done everything before the lobby; `camera` is whether the device check found one, each time.
ENTER = """async ([state, ...camera]) => {
  const { signal } = await import("@preact/signals");
  const { Entrance } = await import("/pages/candidate/entrance.js");
  const devices = signal(null), sent = [], shown = [];
  const check = () => { devices.value = { stream: null, camera: { ok: camera.shift() }, microphone: { ok: true } }; };
  let entered;
  const asked = new Promise((resolve) => { entered = resolve; });
  const request = async (name, data) => {
    if (name === "enter_lobby") entered();
    sent.push(name === "report_device" ? [name, data.camera.ok] : [name]);
    return {};
  };
  const entrance = new Entrance({
    devices, connection: signal({ state: "connected" }), readmission: signal(false), error: signal(null),
    sitting: signal({ state, photos: { face: "f", card: "c" }, consented_at: "t", rules_accepted_at: "t" }),
    link: { joined: 1, request },
    async devicesServe() { if (!devices.value) check(); return Boolean(devices.value.camera.ok); },
    async checkDevices() { check(); }, devicesChecked() {}, publishWhenWanted() {},
  });
  entrance.consented.value = entrance.checked.value = true;
  await entrance.enterWhenReady();
  shown.push(entrance.checked.value);
  if (camera.length) { // the page shows the device check again
    check();
    entrance.confirmDevices(1, true);
    await asked;
    shown.push(entrance.checked.value);
  }
  return { sent, shown };
}"""


@pytest.mark.parametrize(
    ("given", "sent", "shown"),
    [
        (["expected", True], [["report_device", True], ["enter_lobby"]], [True]),
        (["expected", False], [], [False]),  # nothing that the server would refuse
        (["expected", False, True], [["report_device", True], ["enter_lobby"]], [False, True]),
        (["waiting", False], [["report_device", False], ["enter_lobby"]], [True]),  # who is in stays in
    ],
)
async def test_whose_camera_went_before_the_lobby_checks_it_anew(
    module_page: Page, given: list[object], sent: list[object], shown: list[bool]
) -> None:
    assert await module_page.evaluate(ENTER, given) == {"sent": sent, "shown": shown}


# A server that knows of no whole device check, of a page that was loaded anew and takes its word for it.
UNTRIED = """async (device) => {
  const { signal } = await import("@preact/signals");
  const { ApiError } = await import("/lib/api.js");
  const { Entrance } = await import("/pages/candidate/entrance.js");
  const devices = signal({ stream: null, camera: { ok: true }, microphone: { ok: true }, roundTripMs: null });
  const told = [], reported = [];
  const request = async (name, data) => {
    if (name === "report_device") reported.push([data.speaker ?? null, data.network.ok]);
    if (name === "enter_lobby" && !reported.at(-1)[0])
      throw new ApiError({ code: "not_ready", details: { missing: ["device"] } });
    told.push(name);
    return {};
  };
  const entrance = new Entrance({
    devices, connection: signal({ state: "connected" }), readmission: signal(false), error: signal(null),
    sitting: signal({ state: "expected", photos: { face: "f", card: "c" }, consented_at: "t", rules_accepted_at: "t",
                      device: { camera: { ok: true } } }),
    link: { joined: 1, request }, async devicesServe() { return true; }, devicesChecked() {}, publishWhenWanted() {},
  });
  await entrance.resume({ rules_accepted_at: "t", device });
  await entrance.enterWhenReady();
  const shown = entrance.checked.value, before = [...told];
  entrance.confirmDevices(1, false);
  await entrance.enter();
  return { shown, reported, entered: [before, told].map((each) => each.includes("enter_lobby")) };
}"""


async def test_where_the_server_knows_of_no_whole_device_check_the_page_makes_it_anew(module_page: Page) -> None:
    assert await module_page.evaluate(UNTRIED, {"camera": {"ok": True}}) == {
        "shown": False, "reported": [[None, False], [{"ok": False}, False]], "entered": [False, True],
    }  # fmt: skip


async def test_what_another_device_undid_at_the_server_the_page_tells_again(module_page: Page) -> None:
    assert await module_page.evaluate(UNTRIED, {"camera": {"ok": True}, "speaker": {"ok": True}}) == {
        "shown": True, "reported": [[{"ok": True}, False]], "entered": [True, True],
    }  # fmt: skip


# Agreed to in one language; the page speaks another by the time at which the room is open.
AGREED = """async (before) => {
  const { signal } = await import("@preact/signals");
  const { setLanguage } = await import("/lib/i18n.js");
  const { sha256OfText } = await import("/lib/digest.js");
  const { Entrance } = await import("/pages/candidate/entrance.js");
  const { consentText, rulesText } = await import("/pages/candidate/agreements.js");
  const read = [await sha256OfText(consentText()), await sha256OfText(rulesText())], sent = [];
  const known = { state: "expected", photos: { face: "f", card: "c" } };
  const sitting = signal({ ...known, consented_at: before, rules_accepted_at: before });
  const request = async (name, data) => {
    if (data?.text_sha256) sent.push(data.text_sha256);
    if (name === "enter_lobby") sitting.value = { ...known, consented_at: "now", rules_accepted_at: "now" };
    return {};
  };
  const connection = signal({ state: "lost" });
  const entrance = new Entrance({
    devices: signal({ stream: null, camera: { ok: true }, microphone: { ok: true } }), connection, sitting,
    link: { joined: 1, request }, readmission: signal(false), error: signal(null),
    async devicesServe() { return true; }, async checkDevices() {}, devicesChecked() {}, publishWhenWanted() {},
  });
  entrance.checked.value = true;
  await entrance.agree();
  await setLanguage("en");
  connection.value = { state: "connected" };
  await entrance.enterWhenReady();
  await entrance.enterWhenReady();
  await setLanguage("vi");
  return [JSON.stringify(sent) === JSON.stringify(read), sent.length];
}"""


@pytest.mark.parametrize("before", [None, "2026-11-23T01:00:00Z"])
async def test_the_texts_that_were_read_are_those_that_somebody_agreed_to(
    module_page: Page, before: str | None
) -> None:
    """Also where the server has an agreement to an earlier wording."""
    assert await module_page.evaluate(AGREED, before) == [True, 2]


STAGE = """async (known) => {
  const { stageOf } = await import("/pages/candidate/stage.js");
  const usual = { sitting: null, room: {}, connection: "connected", readmission: false, elsewhere: true };
  return known.map((one) => stageOf({ ...usual, ...one }));
}"""
SUBMITTED = {"sitting": {"state": "submitted"}, "readmission": True}
READY = {"prepared": True, "devicesChecked": True}


async def test_who_handed_in_waits_for_nothing_at_another_device_unless_the_receipt_is_asked_for(
    module_page: Page,
) -> None:
    idle = {"connection": "idle", "handedIn": True}
    known = [
        SUBMITTED, {**SUBMITTED, **READY}, idle,
        {**idle, "asksReceipt": True}, {**SUBMITTED, "asksReceipt": True, "devicesChecked": True},
        {**SUBMITTED, **READY, "asksReceipt": True}, {**SUBMITTED, "readmission": False, "asksReceipt": True},
        {"sitting": {"state": "admitted"}, "readmission": True, **READY}, {"connection": "idle"},
    ]  # fmt: skip
    assert await module_page.evaluate(STAGE, known) == [
        "receipt", "receipt", "receipt", "check", "consent", "receipt", "receipt", "lobby", "check",
    ]  # fmt: skip
