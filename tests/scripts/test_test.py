"""`scripts/test`: that it says which tests this machine cannot run."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.support.command import TOP, started

NETWORK = "no network of its own (there is no `ip` (apt install iproute2)), left out:\n  tests/scripts/test_phone.py"
CERTUTIL = "no certutil (apt install libnss3-tools), left out:\n  tests/scripts/test_phone.py"


@pytest.fixture
def without(tmp_path: Path, installed: dict[str, str]) -> dict[str, str]:
    """The environment of a machine on which neither `ip` nor `certutil` is installed."""
    programs = tmp_path / "bin"
    programs.mkdir()
    for program in Path("/usr/bin").iterdir():
        if program.name not in ("ip", "certutil"):
            (programs / program.name).symlink_to(program)
    venv = Path(installed["PROCTOR_VENV"])
    shutil.copy(venv / ".installed", venv / ".installed[dev]")
    return {**installed, "PATH": str(programs)}


async def test_all_names_the_tests_that_are_skipped_and_what_they_would_need(without: dict[str, str]) -> None:
    async with started([TOP / "scripts/test", "--all", "--version"], without) as command:
        await command.says("apt install iproute2.*left out:\n.*\n")
        assert NETWORK in command.said
        assert CERTUTIL in command.said
