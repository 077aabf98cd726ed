"""What is vendored is what `vendor.json` says, file by file, with its licence."""

import hashlib
import json
from pathlib import Path

import pytest

TOP = Path(__file__).parents[2]
FREE = {"MIT", "ISC", "Apache-2.0", "BSD-2-Clause", "BSD-3-Clause", "BSD-3-Clause AND Apache-2.0", "OFL-1.1"}
# Folders, and the licences that what lies there may have: tests may use what is not shipped to anybody.
FOLDERS = {TOP / "webclient/vendor": FREE, TOP / "tests/browser/vendor": {*FREE, "MPL-2.0"}}

pytestmark = pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.parent.name)


def listed(folder: Path) -> list[dict[str, str]]:
    return json.loads((folder / "vendor.json").read_text(encoding="utf-8"))["files"]


def test_every_vendored_file_is_unchanged(folder: Path):
    changed = [
        each["file"]
        for each in listed(folder)
        if hashlib.sha256((folder / each["file"]).read_bytes()).hexdigest() != each["sha256"]
    ]
    assert changed == []


def test_every_file_in_the_folder_is_listed_or_a_licence_text(folder: Path):
    known = {each["file"] for each in listed(folder)} | {"vendor.json"}
    present = {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}
    assert present - known == {name for name in present if name.startswith("licences/")}


def test_every_file_names_a_free_licence_and_carries_its_text(folder: Path):
    assert {each["licence"] for each in listed(folder)} <= FOLDERS[folder]
    assert all((folder / each["licence_text"]).stat().st_size > 200 for each in listed(folder))
