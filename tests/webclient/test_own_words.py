"""What is said at a field that cannot be sent: in the page's language, in a browser that has another."""

from __future__ import annotations

import pytest
from playwright.async_api import Page

pytestmark = pytest.mark.browser

SAID = """async (language) => {
  await import("/pages/shared/staff_page.js"); // the words of staff
  await (await import("/lib/i18n.js")).setLanguage(language);
  document.body.innerHTML = `<form><input required><select required><option></option></select>
    <input pattern="[0-9]+:[0-9]+(:[0-9]+)?" title="hh:mm:ss" value="23:14:05.5">
    <input type="number" min="1" max="240" value="500"><input type="number" min="1" value="0">
    <input type="number" min="0" value="1.5"><button></button></form>`;
  const form = document.querySelector("form"), button = form.querySelector("button");
  const fields = [...form.querySelectorAll("input, select")];
  form.reportValidity();
  const said = fields.map((one) => one.validationMessage);
  fields[2].value = "23:14:05";
  fields[2].dispatchEvent(new InputEvent("input", { bubbles: true }));
  const right = fields[2].checkValidity();
  for (const field of fields.slice(3)) field.value = "5"; // by the page, which no input event tells of
  fields[0].value = "x";
  fields[1].append(new Option("x", "x", true, true));
  let sent = 0;
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    sent += 1;
  });
  button.click();
  return [said, right, sent];
}"""


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("vi", ["Hãy điền vào ô này.", "Hãy chọn một mục.", "Hãy nhập theo dạng hh:mm:ss.",
                "Hãy nhập số từ 1 đến 240.", "Hãy nhập số từ 1 trở lên.", "Hãy nhập số nguyên."]),
        ("en", ["Fill in this field.", "Choose one.", "Enter it as hh:mm:ss.", "Enter a number from 1 to 240.",
                "Enter a number of at least 1.", "Enter a whole number."]),
    ],
)  # fmt: skip
async def test_a_field_says_what_is_wrong_in_the_language_of_the_page_until_it_is_right(
    module_page: Page, language: str, words: list[str]
) -> None:
    assert await module_page.evaluate(SAID, language) == [words, True, 1]
