"""Where the page says that the last words of a text are."""

import pytest
from playwright.async_api import Page

pytestmark = pytest.mark.browser

AT = 1_000

STATES = [
    ({"dirty": False}, "nothing"),
    ({"dirty": False, "serverAt": AT}, "server"),
    ({"dirty": False, "serverAt": AT, "readOnly": "superseded"}, "server"),
    ({"dirty": True}, "local"),
    ({"dirty": True, "serverAt": AT}, "local"),
    ({"dirty": True, "excess": 1}, "here_only"),
    ({"dirty": True, "readOnly": "superseded"}, "here_only"),
    ({"dirty": True, "readOnly": "suspended"}, "kept"),
    ({"dirty": True, "readOnly": "held"}, "kept"),
    ({"dirty": True, "excess": 1, "readOnly": "held"}, "here_only"),
    ({"dirty": True, "readOnly": "after_submit_by"}, "missed"),
    ({"dirty": True, "excess": 1, "readOnly": "after_submit_by"}, "too_long"),
    ({"dirty": True, "readOnly": "superseded", "handed": True}, "handed_over"),
    ({"dirty": True, "readOnly": "superseded", "handed": True, "storeError": True}, "handed_over"),
    ({"dirty": True, "handed": True}, "local"),  # taken back, and not saved from here
    ({"dirty": True, "readOnly": "referred"}, "missed"),
    ({"dirty": True, "readOnly": "after_submit_by", "lateAt": AT}, "late"),
    ({"dirty": True, "readOnly": "referred", "lateAt": AT}, "late"),
    ({"dirty": True, "lateAt": AT}, "local"),  # time was given, and it is work again
    ({"dirty": True, "serverAt": AT, "storeError": True}, "local_failed"),
]


async def test_each_state_of_a_text_has_its_word(module_page: Page) -> None:
    told = await module_page.evaluate(
        "async (states) => states.map((await import('/pages/candidate/answer_editor.js')).whereSaved)",
        [{"excess": 0, "storeError": False, "readOnly": None, "serverAt": None} | state for state, _ in STATES],
    )
    assert [(state, word) for (state, _), word in zip(STATES, told, strict=True)] == STATES
