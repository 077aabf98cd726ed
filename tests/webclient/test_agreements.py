"""What candidates are told is kept of them and who may look at it; and the version of the words that they agree to."""

from __future__ import annotations

import hashlib
import json
import re

import pytest

from proctor.exam.permissions import TABLE, Role
from tests.webclient.test_languages import ENGLISH, VIETNAMESE, WEBCLIENT

SOURCE = (WEBCLIENT / "pages" / "candidate" / "agreements.js").read_text(encoding="utf-8")
PARTS = json.loads(re.findall(r"CONSENT_PARTS = (\[.*?\]);", SOURCE)[0])
POINTS = range(1, int(re.findall(r"RULES_POINTS = (\d+);", SOURCE)[0]) + 1)
AGREED = {
    ("CONSENT", "2026-11"): ["a41b6f7a89f8", "a4c94359be74"],
    ("RULES", "2026-01"): ["f6e836502d12", "9c1264b80f5d"],
}
"""Of each version the beginning of the SHA-256 that the log has for it, in Vietnamese and in English."""


@pytest.mark.parametrize(
    ("which", "keys"),
    [("CONSENT", [f"consent.{part}" for part in PARTS]), ("RULES", [f"rules.{point}" for point in POINTS])],
)
def test_other_words_have_another_version(which: str, keys: list[str]) -> None:
    version = re.findall(rf'{which}_VERSION = "(.*?)";', SOURCE)[0]
    said = ["\n".join(json.loads(texts[key]) for key in keys) for texts in (VIETNAMESE, ENGLISH)]
    assert [hashlib.sha256(text.encode()).hexdigest()[:12] for text in said] == AGREED[which, version]


@pytest.mark.parametrize("texts", [VIETNAMESE, ENGLISH], ids=["vi", "en"])
def test_those_are_named_who_may_look_at_the_photographs_and_nobody_else(texts: dict[str, str]) -> None:
    said = texts["photo.help"].lower()
    roles = {role: texts.get(f"role.{role.value}", "").strip('"').lower() for role in Role}
    assert {role for role, name in roles.items() if name and name in said} == TABLE["view_photos"]
