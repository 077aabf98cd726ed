"""A page's fixed help cites what holds in the exam's own regime, as the server's refusals do (reading X37)."""

from __future__ import annotations

import re
from typing import Literal

import pytest

from proctor.exam.articles import articles
from proctor.regulation.citation import Citation, Regime, cite, named
from tests.webclient.test_languages import texts

ORDERED_BY = {  # by the start of a key: what it stands on in regulation A, where `articles` knows what B puts there
    "acts.decide_help": "A14.2dd.2",
    "serve.it_unit_by": "A14.2b.1",
}
IMPERSONATION: dict[Regime, str] = {"A": "A25.1d", "B": "B35.2.2"}  # A forbids it; B orders that the sitter is named


def stands_on(key: str, regime: Regime) -> tuple[Citation, ...]:
    if key == "flag.impersonation":
        return cite(IMPERSONATION[regime])
    return articles(regime, ORDERED_BY[key])


@pytest.mark.parametrize("language", ["vi", "en"])
@pytest.mark.parametrize("regime", ["A", "B"])
@pytest.mark.parametrize("key", [*ORDERED_BY, "flag.impersonation"])
def test_help_in_each_regime_cites_its_own_articles(key: str, regime: Regime, language: Literal["vi", "en"]) -> None:
    text = texts(language)[f"{key}_{regime.lower()}"]
    assert f"({named(stands_on(key, regime), language)})" in text


@pytest.mark.parametrize("language", ["vi", "en"])
def test_what_is_shown_in_every_exam_cites_no_regime(language: str) -> None:
    regime = re.compile(r"(?:quy chế|regime) ([AB]): ")
    for key, text in texts(language).items():
        cited = set(regime.findall(text))
        if key.endswith(("_a", "_b")):
            assert cited <= {key[-1].upper()}, key
        else:
            assert cited == set(), key
