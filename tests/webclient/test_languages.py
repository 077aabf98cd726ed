"""Every text a page asks for exists in both languages, and none is left over."""

import re
from collections import Counter
from pathlib import Path

import pytest

from proctor.exam.decisions.presence import MATTERS
from proctor.exam.events import EVENTS
from proctor.exam.office_events import OFFICE_EVENTS
from proctor.exam.sitting import State
from proctor.web.pages import PAGES

WEBCLIENT = Path(__file__).parents[2] / "webclient"
MODULES = [*(WEBCLIENT / "pages").rglob("*.js"), *(WEBCLIENT / "lib").glob("*.js")]
PARTS = ("", "ending_", "staff_", "inspection_", "practice_")
"""Files of one language; a page loads the first, and more where it needs them."""
OWN_WORDS = {"practice_"}  # says some of the exam's texts its own way
_LINE = re.compile(r'^  "(?P<key>[a-z0-9_.]+)": (?P<text>".*"),$')
_KEY = re.compile(r'"([a-z_]+(?:\.[a-z0-9_]+)+)"')
_PATTERN = re.compile(r"`([a-z_]+\.[^`\s]*\$\{[^`]*)`")


def entries(part: str, language: str) -> list[tuple[str, str]]:
    """Key and text of every entry of one file, in order."""
    lines = (WEBCLIENT / "lang" / f"{part}{language}.js").read_text(encoding="utf-8").splitlines()
    return [(found["key"], found["text"]) for line in lines if (found := _LINE.match(line))]


def texts(language: str) -> dict[str, str]:
    return dict(entry for part in PARTS for entry in entries(part, language))


def places(text: str) -> set[str]:
    assert not re.search(r"\{[^}]*\{|\{(?!\w+(\|[^|}]*\|[^|}]*)?\})", text), text
    return set(re.findall(r"\{(\w+)", text))


def used() -> tuple[set[str], list[re.Pattern[str]]]:
    """Keys written out, and patterns of the keys that are put together (`state.${name}`)."""
    keys: set[str] = set()
    patterns = []
    for module in MODULES:
        source = module.read_text(encoding="utf-8")
        keys |= set(_KEY.findall(source))
        for template in _PATTERN.findall(source):
            fixed = [re.escape(part) for part in re.split(r"\$\{[^}]*\}", template)]
            patterns.append(re.compile("[a-z0-9_]+".join(fixed)))
    return keys, patterns


VIETNAMESE, ENGLISH = texts("vi"), texts("en")


@pytest.mark.parametrize("part", PARTS)
def test_both_languages_have_the_same_keys_in_the_same_order(part):
    keys = [key for key, _ in entries(part, "vi")]
    assert len(keys) > 40
    assert keys == [key for key, _ in entries(part, "en")]


def test_every_file_of_texts_is_looked_at_and_every_line_of_one_is_an_entry():
    files = {f"{part}{language}.js" for part in PARTS for language in ("vi", "en")}
    assert {file.name for file in (WEBCLIENT / "lang").iterdir()} == files
    for file in files:
        lines = (WEBCLIENT / "lang" / file).read_text(encoding="utf-8").splitlines()
        rest = [line for line in lines if line and not line.startswith("//") and not _LINE.match(line)]
        assert rest == ["export default {", "};"], file


@pytest.mark.parametrize("language", ["vi", "en"])
def test_no_key_stands_twice(language):
    counts = Counter(key for part in PARTS if part not in OWN_WORDS for key, _ in entries(part, language))
    assert [key for key, count in counts.items() if count > 1] == []
    for part in OWN_WORDS:
        keys = [key for key, _ in entries(part, language)]
        assert len(keys) == len(set(keys))


def test_every_kind_of_event_has_a_sentence_and_no_other_has():
    for known in (VIETNAMESE, ENGLISH):
        assert {key.removeprefix("event.") for key in known if key.startswith("event.")} == EVENTS.keys()


def test_every_kind_of_the_office_has_a_sentence_and_no_other_has():
    for known in (VIETNAMESE, ENGLISH):
        said = {key.removeprefix("office_event.") for key in known if key.startswith("office_event.")}
        assert said == OFFICE_EVENTS.keys()


def test_every_matter_that_can_be_open_has_its_texts_and_no_other_has():
    for known in (VIETNAMESE, ENGLISH):
        for group in ("matter.", "inspection.matter_"):
            assert {key.removeprefix(group) for key in known if key.startswith(group)} == MATTERS.keys()


def test_every_state_of_a_sitting_has_a_text_and_no_other_has():
    for known in (VIETNAMESE, ENGLISH):
        assert {key.removeprefix("sitting.") for key in known if key.startswith("sitting.")} == set(State)


def test_both_languages_fill_the_same_places():
    differing = [key for key in VIETNAMESE if places(VIETNAMESE[key]) != places(ENGLISH[key])]
    assert differing == []


def test_no_text_is_empty_and_no_english_text_is_left_in_vietnamese():
    assert [key for key, text in {**VIETNAMESE, **ENGLISH}.items() if len(text) < 3] == []
    same = {key for key in VIETNAMESE if VIETNAMESE[key] == ENGLISH[key]}
    assert same == {"check.camera", "console.camera"}


def test_every_key_that_a_module_writes_out_exists():
    keys, _ = used()
    groups = {key.split(".")[0] for key in VIETNAMESE}
    asked = {key for key in keys if key.split(".")[0] in groups}
    assert sorted(asked - VIETNAMESE.keys()) == []


def test_every_pattern_of_keys_matches_a_text():
    _, patterns = used()
    assert patterns
    unmatched = [each.pattern for each in patterns if not any(each.fullmatch(key) for key in VIETNAMESE)]
    # The address bar's "#room=..." and the like are no keys; a pattern that looks like one has to match.
    assert unmatched == []


def test_every_text_is_used():
    keys, patterns = used()
    unused = [
        key for key in VIETNAMESE if key not in keys and not any(each.fullmatch(key) for each in patterns)
    ]
    assert unused == []


@pytest.mark.parametrize("name", list(PAGES))
def test_a_page_has_the_common_import_map_and_no_inline_style(name):
    import_map = re.compile(r'<script type="importmap">.*?</script>', re.DOTALL)
    page = (WEBCLIENT / f"{name}.html").read_text(encoding="utf-8")
    index = (WEBCLIENT / "index.html").read_text(encoding="utf-8")
    assert import_map.findall(page) == import_map.findall(index)
    assert "style=" not in page
    assert re.findall(r"<script(?! type=\"importmap\"| type=\"module\" src=| src=)", page) == []
