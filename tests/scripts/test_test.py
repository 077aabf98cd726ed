"""`scripts/test`: that it says which tests this machine cannot run."""

from __future__ import annotations

import os
import re
import shutil
from pathlib import Path

import pytest

from tests.support.command import TOP, started

NETWORK = "no network of its own (there is no `ip` (apt install iproute2)), left out:\n  tests/scripts/test_phone.py"
FIREFOX = "no Firefox (apt install firefox-esr), left out:\n  tests/browser/test_firefox.py"
CERTUTIL = "no certutil (apt install libnss3-tools), left out:\n  tests/scripts/test_phone.py"


@pytest.fixture
def without(tmp_path: Path, installed: dict[str, str]) -> dict[str, str]:
    """The environment of a machine that has nothing of what the long tests need, and where nothing can be installed."""
    programs = tmp_path / "bin"
    programs.mkdir()
    for program in Path("/usr/bin").iterdir():
        if program.name not in ("ip", "tc", "nft", "certutil", "firefox-esr", "turnserver", "apt-get"):
            (programs / program.name).symlink_to(program)
    venv = Path(installed["PROCTOR_VENV"])
    shutil.copy(venv / ".installed", venv / ".installed[dev]")
    return {**installed, "PATH": str(programs)}


async def test_all_names_the_tests_that_are_skipped_and_what_they_would_need(without: dict[str, str]) -> None:
    async with started([TOP / "scripts/test", "--all", "--version"], without) as command:
        await command.says("apt install iproute2.*left out:\n.*\n")
        assert NETWORK in command.said
        assert CERTUTIL in command.said
        assert FIREFOX in command.said


async def test_without_chromium_it_names_what_is_left_out(without: dict[str, str], tmp_path: Path) -> None:
    marked = [file for file in TOP.glob("tests/**/*.py") if re.search(r"mark\.browser", file.read_text("utf-8"))]
    drive = sorted(str(file.relative_to(TOP)) for file in marked)
    assert len(drive) > 50
    environment = {**without, "PROCTOR_CHROMIUM": str(tmp_path / "none")}
    async with started([TOP / "scripts/test", "--version"], environment) as command:
        await command.says(f"  {re.escape(drive[-1])}\n")
        assert "no Chromium (apt install chromium), tests that need a browser are left out:\n" in command.said
        assert "không có Chromium (apt install chromium)" in command.said
        assert re.findall(r"^  (\S+)$", command.said, re.MULTILINE) == drive


@pytest.mark.skipif(os.getuid() != 0, reason="only root may install")
@pytest.mark.parametrize(("more", "packages"), [
    ([], "chromium"), (["--all"], "chromium firefox-esr libnss3-tools iproute2 nftables coturn"),
])  # fmt: skip
async def test_root_gets_from_the_system_what_the_tests_drive(
    without: dict[str, str], tmp_path: Path, more: list[str], packages: str
) -> None:
    """`apt-get` is another program here, which does nothing but what it is told to bring."""
    chromium, asked = tmp_path / "chromium", tmp_path / "asked"
    apt = Path(without["PATH"]) / "apt-get"
    apt.write_text(f'#!/bin/sh\necho "$@" >>{asked}\n[ "$1" = update ] || install -m 755 /dev/null {chromium}\n')
    apt.chmod(0o755)
    environment = {**without, "PROCTOR_CHROMIUM": str(chromium)}
    async with started([TOP / "scripts/test", *more, "--version"], environment) as command:
        await command.says("All checks passed")  # ruff, which comes next
        assert f"installing from Debian's packages: {packages}\n" in command.said
        assert "no Chromium" not in command.said
    update, install = asked.read_text().splitlines()
    assert update.startswith("update") and install.startswith("install -y") and install.endswith(f" {packages}")
