"""The way into the room (pages/candidate/entrance.js), by a page whose camera came and went."""

import pytest
from playwright.async_api import Page

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="module")]

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
