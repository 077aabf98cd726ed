"""What is vendored is what `vendor.json` says, file by file, with its licence."""

import hashlib
import json
from pathlib import Path

VENDOR = Path(__file__).parents[2] / "webclient" / "vendor"
FILES = json.loads((VENDOR / "vendor.json").read_text(encoding="utf-8"))["files"]


def test_every_vendored_file_is_unchanged():
    changed = [
        each["file"]
        for each in FILES
        if hashlib.sha256((VENDOR / each["file"]).read_bytes()).hexdigest() != each["sha256"]
    ]
    assert changed == []


def test_every_file_in_the_folder_is_listed_or_a_licence_text():
    listed = {each["file"] for each in FILES} | {"vendor.json"}
    present = {str(path.relative_to(VENDOR)) for path in VENDOR.rglob("*") if path.is_file()}
    assert present - listed == {name for name in present if name.startswith("licences/")}


def test_every_file_names_a_free_licence_and_carries_its_text():
    free = {"MIT", "ISC", "Apache-2.0", "BSD-2-Clause", "BSD-3-Clause", "BSD-3-Clause AND Apache-2.0", "OFL-1.1"}
    assert {each["licence"] for each in FILES} <= free
    assert all((VENDOR / each["licence_text"]).stat().st_size > 200 for each in FILES)
