"""What a remote diagnosis tells the technician to do (pages/tech_support/console.js)."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.async_api import Page

pytestmark = pytest.mark.browser

FINDINGS = """async (found) => {
  const { render } = await import("preact");
  const { html } = await import("/lib/html.js");
  await import("/pages/shared/staff_page.js"); // the words of staff
  const { Findings } = await import("/pages/tech_support/console.js");
  const root = document.createElement("main");
  render(html`<${Findings} findings=${found} browser="chrome/linux" />`, root);
  const told = [...root.querySelectorAll(".notice")].map((one) => one.textContent.trim());
  return [told, root.querySelector("dl").textContent];
}"""
WELL = {
    "round_trip_ms": 300, "camera": {"state": "live", "muted": False, "label": "Cam", "width": 640, "height": 360},
    "microphone": {"state": "live", "muted": False, "label": "Mic"}, "visible": True, "publishing": "sending",
    "clock_offset_ms": 999, "browser": "?", "screen": "1366×768", "network": "4g",
}  # fmt: skip


@pytest.mark.parametrize(
    ("more", "told", "fact"),
    [
        ({}, ["đều tốt"], "đúng"),
        ({"round_trip_ms": 301}, ["Mạng chậm"], "301 ms"),
        ({"round_trip_ms": None}, ["Mạng chậm"], ""),
        ({"camera": {**WELL["camera"], "state": "ended"}}, ["Camera đã dừng"], "Cam"),
        ({"camera": None}, ["Camera đã dừng"], ""),
        ({"camera": {**WELL["camera"], "muted": True}}, ["Camera bị hệ thống tạm tắt"], "640×360"),
        ({"microphone": {"state": "ended", "label": "Mic"}}, ["Micro đã dừng"], "Mic"),
        ({"microphone": {"state": "live", "muted": True, "label": "Mic"}}, ["Micro bị hệ thống tạm tắt"], ""),
        ({"visible": False}, ["cửa sổ hoặc thẻ khác"], ""),
        ({"publishing": "failed"}, ["chưa gửi được hình"], ""),
        ({"clock_offset_ms": 61_000}, ["đều tốt"], "chậm 01:01"),
        ({"clock_offset_ms": -61_000}, ["đều tốt"], "nhanh 01:01"),
        ({"round_trip_ms": 900, "visible": False}, ["Mạng chậm", "cửa sổ hoặc thẻ khác"], ""),
    ],
)
async def test_each_finding_has_its_advice(module_page: Page, more: dict[str, Any], told: list[str], fact: str) -> None:
    notices, facts = await module_page.evaluate(FINDINGS, {**WELL, **more})
    assert len(notices) == len(told), notices
    for notice, expected in zip(notices, told, strict=True):
        assert expected in notice
    assert fact in facts
