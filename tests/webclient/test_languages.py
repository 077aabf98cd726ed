"""Every text a page asks for exists in both languages, and none is left over."""

import re
from pathlib import Path

import pytest

from proctor.web.pages import PAGES

WEBCLIENT = Path(__file__).parents[2] / "webclient"
MODULES = [*(WEBCLIENT / "pages").rglob("*.js"), *(WEBCLIENT / "lib").glob("*.js")]
_LINE = re.compile(r'^  "(?P<key>[a-z0-9_.]+)": (?P<text>".*"),$')
_KEY = re.compile(r'"([a-z_]+(?:\.[a-z0-9_]+)+)"')
_PATTERN = re.compile(r"`([a-z_]+\.[^`\s]*\$\{[^`]*)`")


def texts(language: str) -> dict[str, str]:
    files = [WEBCLIENT / "lang" / f"{name}{language}.js" for name in ("", "staff_", "practice_")]
    lines = [line for file in files for line in file.read_text(encoding="utf-8").splitlines()]
    return {found["key"]: found["text"] for line in lines if (found := _LINE.match(line))}


def places(text: str) -> set[str]:
    return set(re.findall(r"\{(\w+)\}", text))


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


def test_both_languages_have_the_same_keys_in_the_same_order():
    assert len(VIETNAMESE) > 300
    assert list(VIETNAMESE) == list(ENGLISH)


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
    assert re.findall(r"<script(?! type=\"importmap\"| type=\"module\" src=)", page) == []
