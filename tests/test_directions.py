"""What import-linter does not tell of the directions of imports: that no module is left out, and libraries."""

from __future__ import annotations

import ast
import pkgutil
import re
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

import proctor

TOP = Path(proctor.__file__).parent
CONTRACTS = tomllib.loads((TOP.parent / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["importlinter"]


def imported(file: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (name.name for name in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert not node.level, f"{file}: names say where they come from"
            yield from (f"{node.module}.{name.name}" for name in node.names)


def test_every_module_stands_in_the_layers() -> None:
    (layers,) = [each["layers"] for each in CONTRACTS["contracts"] if each["type"] == "layers"]
    placed = re.findall(r"proctor\.(\w+)", " ".join(layers))
    assert sorted(placed) == sorted([module.name for module in pkgutil.iter_modules(proctor.__path__)])


@pytest.mark.parametrize(("room", "more"), [("exam", "proctor.exam"), ("regulation", "yaml")])
def test_the_pure_rooms_import_only_the_standard_library_and_regulation(room: str, more: str) -> None:
    for file in (TOP / room).rglob("*.py"):
        for name in imported(file):
            pure = name.partition(".")[0] in sys.stdlib_module_names or f"{name}.".startswith("proctor.regulation.")
            assert pure or f"{name}.".startswith(f"{more}."), f"{file} imports {name}"
