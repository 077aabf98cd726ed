"""The dialog in which the two lists are published, when somebody else was faster (invigilator/closing_part.js)."""

from __future__ import annotations

import pytest
from playwright.async_api import Page

pytestmark = pytest.mark.browser

# Another invigilator publishes while this one reads: the first attempt is refused, with what stands then.
OVERTAKEN = """async () => {
  const { render } = await import("preact");
  const { signal } = await import("@preact/signals");
  const { html } = await import("/lib/html.js");
  await import("/pages/shared/staff_page.js");
  const { PublishDialog } = await import("/pages/invigilator/closing_part.js");
  const drawn = async () => { for (let index = 0; index < 4; index += 1) await new Promise(requestAnimationFrame); };
  const at = "2026-03-02T03:04:05Z", asked = [];
  const reads = [["Thí sinh 002", "d1"], ["Thí sinh 001", "d2"]];
  const watched = {
    lists: signal(null), sittings: signal(new Map()),
    previewLists: async () => {
      const [name, seen] = reads.shift();
      return { did_not_submit: [name], violated: [], undecided: 0, changes: true, seen };
    },
    publishLists: async (...told) => {
      asked.push(told);
      if (asked.length > 1) return;
      watched.lists.value = { version: 1, did_not_submit: [], violated: [], at, seq: 80 };
      const details = { act: "published", by: "s_2", name: "Cán bộ Hai", at, reason: "" };
      throw Object.assign(new Error("overtaken"), { code: "overtaken", details });
    },
  };
  let closed = 0;
  const root = document.body.appendChild(document.createElement("main"));
  render(html`<${PublishDialog} watched=${watched} onClose=${() => { closed += 1; }} />`, root);
  await drawn();
  const find = (name) => document.querySelector(`[data-testid=${name}]`);
  const told = { first: find("publish-dialog").textContent.includes("Thí sinh 002") };
  find("publish-confirm").click();
  await drawn();
  const text = find("publish-dialog").textContent;
  const blocked = find("publish-confirm").disabled;
  Object.assign(told, { says: text.includes("Cán bộ Hai"), newer: text.includes("Thí sinh 001"), closed, blocked });
  find("reason").value = "Nhầm";
  find("reason").dispatchEvent(new Event("input", { bubbles: true }));
  await drawn();
  find("publish-confirm").click();
  await drawn();
  render(null, root);
  return { ...told, asked, after: closed };
}"""


async def test_who_comes_second_is_told_who_published_reads_anew_and_has_to_say_why(module_page: Page) -> None:
    told = await module_page.evaluate(OVERTAKEN)
    assert told == {
        "first": True, "says": True, "newer": True, "closed": 0, "blocked": True, "after": 1,
        "asked": [["", 0, "d1"], ["Nhầm", 80, "d2"]],
    }  # fmt: skip


# Of three candidates two have the same name. The lists before they are published, and then, as staff read them.
NAMESAKES = """async () => {
  const { render } = await import("preact");
  const { signal } = await import("@preact/signals");
  const { html } = await import("/lib/html.js");
  await import("/pages/shared/staff_page.js");
  const { PublishDialog } = await import("/pages/invigilator/closing_part.js");
  const { PublishedLists } = await import("/pages/shared/published_lists.js");
  const named = [["001", "Trần An"], ["002", "Lê Bình"], ["003", "Trần  an"]];
  const sittings = named.map(([number, full_name]) => ({ candidate: number, number, full_name, lists_seen: 0 }));
  const lists = { did_not_submit: ["Trần An"], violated: ["Lê Bình"],
    numbers: { did_not_submit: ["001"], violated: ["002"] } };
  const watched = { lists: signal(null), sittings: signal(new Map(sittings.map((one) => [one.candidate, one]))),
    previewLists: async () => ({ ...lists, undecided: 0, changes: true, seen: "d" }) };
  const root = document.body.appendChild(document.createElement("main"));
  render(html`<${PublishDialog} watched=${watched} />`, root);
  for (let index = 0; index < 4; index += 1) await new Promise(requestAnimationFrame);
  const find = (name) => root.querySelector(`[data-testid=${name}]`);
  const told = [root.querySelector(".lists_two").innerText, find("publish-namesakes").innerText];
  render(html`<${PublishedLists} lists=${{ ...lists, version: 1 }} sittings=${sittings} />
    <${PublishedLists} lists=${{ ...lists, version: 1, numbers: undefined }} sittings=${sittings} />`, root);
  return [...told, ...[...root.querySelectorAll("[data-testid=published-lists]")].map((one) => one.innerText)];
}"""


async def test_staff_tell_namesakes_apart_by_their_numbers_and_are_warned_before_names_go_out(
    module_page: Page,
) -> None:
    preview, warning, published, without = await module_page.evaluate(NAMESAKES)
    for said in (preview, published):
        assert "001 Trần An" in said and "002 Lê Bình" in said
    assert "Trần An" in warning and "Lê Bình" not in warning
    assert "Trần An" in without and "001" not in without
