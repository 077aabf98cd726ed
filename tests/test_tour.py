"""docs/TOUR.md shows pictures that exist, and no picture lies there unshown."""

from __future__ import annotations

import re
from pathlib import Path

DOCS = Path(__file__).parents[1] / "docs"


def test_every_picture_of_the_tour_exists_and_is_shown() -> None:
    shown = set(re.findall(r"\]\((images/tour/[^)]+)\)", (DOCS / "TOUR.md").read_text(encoding="utf-8")))
    assert shown == {str(picture.relative_to(DOCS)) for picture in (DOCS / "images/tour").iterdir()}
