"""What axe-core finds on a page, at the size of a desk and of a telephone."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from playwright.async_api import Page

from tests.browser.chromium import picture

AXE = (Path(__file__).parent / "vendor/axe.min.js").read_text(encoding="utf-8")
LAPTOP, TELEPHONE = {"width": 1366, "height": 768}, {"width": 390, "height": 844}
SIZES = (LAPTOP, TELEPHONE)
# Two frames later, with every colour where it was going to.
SETTLED = """async () => {
  await new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));
  const changing = document.getAnimations().filter((one) => one instanceof CSSTransition);
  await Promise.allSettled(changing.map(({ finished }) => finished));
}"""
SERIOUS = {"serious", "critical"}


async def looked_at_by_axe(page: Page, name: str, sizes: Sequence[Any] = SIZES) -> list[str]:
    """The serious and critical faults of the page as it is now; a picture of it is kept if there are any. It is left at
    the size of a laptop."""
    if not await page.evaluate("'axe' in window"):
        await page.evaluate(AXE)
    faults = []
    for size in sizes:
        await page.set_viewport_size(size)
        await page.evaluate(SETTLED)
        result = await page.evaluate("axe.run(document, { resultTypes: ['violations'] })")
        for rule in result["violations"]:
            if rule["impact"] in SERIOUS:
                where = "; ".join(node["html"][:140] for node in rule["nodes"][:3])
                faults.append(f"{size['width']}: {rule['impact']} {rule['id']}: {rule['help']}: {where}")
        if faults:
            await picture(page, f"accessible-{name}-{size['width']}")
    await page.set_viewport_size(LAPTOP)
    return faults
