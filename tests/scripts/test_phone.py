"""`scripts/run --lan`: a phone on the same network joins, over HTTPS that it was made to trust.

The phone is Debian's Chromium as a phone shows it, in a network namespace of its own: it reaches the server over a
pair of interfaces and in no other way. The local authority's certificate is installed as a person installs it, into
the browser's store; no certificate error is ignored anywhere.
"""

from __future__ import annotations

import asyncio
import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.async_api import Error, async_playwright

from tests.browser.camera import portrait, tone
from tests.browser.chromium import CHROMIUM, LOOK, chromium, new_page, picture, until
from tests.browser.entering import check_devices_and_agree, stage_is
from tests.scripts.demonstration import RUN, links, signed_in
from tests.support.command import free_port, started
from tests.support.house import CHECKS
from tests.support.network import Neighbour, neighbour, why_no_neighbour

pytestmark = [pytest.mark.long, pytest.mark.browser]

PHONE = {
    "width": 390, "height": 844, "device_scale_factor": 3, "is_mobile": True, "has_touch": True,
    "user_agent": "Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/150.0.0.0 "
                  "Mobile Safari/537.36",
}  # fmt: skip


@pytest.fixture
def phone() -> Iterator[Neighbour]:
    """Another machine on a network with this one."""
    why_not = why_no_neighbour() or ("" if shutil.which("certutil") else "no certutil (apt install libnss3-tools)")
    if why_not:
        pytest.skip(why_not)
    with neighbour() as made:
        yield made


def trust(home: Path, authority: Path) -> None:
    """Install the authority's certificate for the browser of who lives in `home`, for web sites."""
    store = f"sql:{home}/.pki/nssdb"
    (home / ".pki/nssdb").mkdir(parents=True)
    subprocess.run(["certutil", "-d", store, "-N", "--empty-password"], check=True)
    add = ["certutil", "-d", store, "-A", "-t", "C,,", "-n", "proctor", "-i", str(authority)]
    subprocess.run(add, check=True)


async def grows(figure: Callable[[], int], by: int, seconds: float = 20) -> None:
    start = figure()
    async with asyncio.timeout(seconds):
        while figure() < start + by:
            await asyncio.sleep(0.1)


async def test_a_phone_on_the_same_network_joins_and_its_picture_arrives(
    phone: Neighbour, installed, places, tmp_path: Path
) -> None:
    authority, errors = tmp_path / "keys/ca.crt", []
    stranger, owner = tmp_path / "stranger", tmp_path / "owner"
    stranger.mkdir()
    owner.mkdir()
    face, voice = portrait(tmp_path / "face.y4m"), tone(tmp_path / "voice.wav", 440.0)
    port = free_port()
    url = f"https://{phone.address}:{port}"
    arguments = [RUN, "--lan", "--lan-address", phone.address, "--port", str(port), *places]
    async with started(arguments, installed) as command, async_playwright() as playwright:
        tokens = await links(command)
        assert f"{url}/#link={tokens['candidate']}" in command.said
        program = phone.running(str(CHROMIUM), tmp_path)

        async with chromium(playwright, executable=program, home=stranger) as browser:
            page = await new_page(browser, errors, **PHONE)
            with pytest.raises(Error, match="ERR_CERT_AUTHORITY_INVALID"):
                await page.goto(url)

        trust(owner, authority)
        invigilator = await signed_in(url, "invigilator", tokens["invigilator"], authority=str(authority))
        async with (
            invigilator,
            chromium(playwright, executable=program, home=owner, camera=face, microphone=voice) as browser,
        ):
            rooms = (await invigilator.get("/api/me"))["rooms"]
            room = next(each["room"] for each in rooms if each["phase"] == "entry")
            await invigilator.join(room)

            page = await new_page(browser, errors, **PHONE)
            await page.goto(f"{url}/#link={tokens['candidate']}")
            await page.wait_for_url(f"{url}/candidate")
            await page.get_by_test_id("check-camera").wait_for()
            assert await page.evaluate("isSecureContext && matchMedia('(pointer: coarse)').matches")
            await until(page, f"({LOOK})('video')?.contrast > 10")  # the camera's picture, and not a black one
            await picture(page, "phone-devices")
            # The fake camera is named by its long path: no page grows wider than the phone by it.
            assert await page.evaluate("document.documentElement.scrollWidth") == PHONE["width"]
            await check_devices_and_agree(page)
            await picture(page, "phone-lobby")

            state = await invigilator.get(f"/api/rooms/{room}/state")
            mine = next(each["candidate"] for each in state["sittings"] if each["number"] == "013")
            await invigilator.hear(
                "sitting", lambda sitting: sitting["candidate"] == mine and sitting["state"] == "waiting"
            )
            await invigilator.hear(
                "vitals",
                lambda vitals: vitals["candidates"].get(mine, {}).get("media") == "connected"
                and vitals["candidates"][mine]["kbps"] > 50,
                seconds=30,
            )
            # Only the phone is on that interface: so much comes from no socket, only from a camera.
            await grows(phone.received, by=200_000)

            await invigilator.tell("admit", candidates=[mine], checks=CHECKS)
            await stage_is(page, "exam")
            await picture(page, "phone-exam")
            await invigilator.hear("vitals", lambda vitals: vitals["recording"]["writing"] == 1, seconds=30)
        command.interrupt()
        assert await command.ended() == 0
        assert "Traceback" not in command.said
    assert errors == []
