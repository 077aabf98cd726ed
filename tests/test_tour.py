"""docs/TOUR.md shows pictures that exist and that a test takes, and no picture lies there unshown."""

from __future__ import annotations

import re
from pathlib import Path

TESTS = Path(__file__).parent
DOCS = TESTS.parent / "docs"


def test_every_picture_of_the_tour_exists_and_is_shown() -> None:
    shown = set(re.findall(r"\]\((images/tour/[^)]+)\)", (DOCS / "TOUR.md").read_text(encoding="utf-8")))
    assert shown == {str(picture.relative_to(DOCS)) for picture in (DOCS / "images/tour").iterdir()}


def test_every_picture_of_the_tour_is_one_that_a_test_takes() -> None:
    taken = "|".join(
        re.sub(r"\\{.*?\\}", ".+", re.escape(name)) if form else re.escape(name)
        for test in TESTS.glob("browser/*.py")
        for form, name in re.findall(r'picture\(\w+(?:\.\w+)?, (f?)"([^"]+)"\)', test.read_text(encoding="utf-8"))
    )
    pictures = {picture.stem for picture in (DOCS / "images/tour").iterdir()}
    assert {name for name in pictures if not re.fullmatch(taken, name)} == set()
