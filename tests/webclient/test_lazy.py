"""A part of a page whose modules come later (pages/shared/lazy.js)."""

import pytest
from playwright.async_api import Page

pytestmark = pytest.mark.browser

# `come`: when the modules are there, against the first drawing and what follows it a frame later.
SHOWN = """async (come) => {
  const { render } = await import("preact");
  const { html } = await import("/lib/html.js");
  const { lazy } = await import("/pages/shared/lazy.js");
  const root = document.body.appendChild(document.createElement("main"));
  let there;
  const modules = { Named: () => html`<p>Đây</p>` };
  const Part = lazy(() => new Promise((resolve) => { there = () => resolve(modules); }), "Named");
  const loaded = Part.load();
  const frames = async () => { for (let index = 0; index < 4; index += 1) await new Promise(requestAnimationFrame); };
  if (come === "before") { there(); await loaded; }
  render(html`<${Part} />`, root);
  if (come === "between") { there(); await loaded; }
  await frames();
  if (come === "after") { there(); await loaded; await frames(); }
  await new Promise((resolve) => setTimeout(resolve, 100));
  return root.textContent;
}"""


@pytest.mark.parametrize("come", ["before", "between", "after"])
async def test_it_is_drawn_whenever_its_modules_come(module_page: Page, come: str):
    assert await module_page.evaluate(SHOWN, come) == "Đây"
