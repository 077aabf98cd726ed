"""What tests of the two scripts share."""

from __future__ import annotations

import os
import subprocess
import sys
import sysconfig
from pathlib import Path

import pytest

from tests.support.command import TOP


@pytest.fixture(scope="session")
def installed(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """The environment of a second start: a virtual environment that `scripts/environment` takes for up to date.

    It finds the libraries where this test found them, so that nothing is downloaded.
    """
    venv = tmp_path_factory.mktemp("installed") / "venv"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", venv], check=True)
    libraries = next(venv.glob("lib/python*/site-packages"))
    (libraries / "libraries.pth").write_text(sysconfig.get_path("purelib") + "\n")
    environment = {"PROCTOR_VENV": str(venv)}
    mark = subprocess.run(
        ["bash", "-c", f"source {TOP}/scripts/environment; fingerprint"],
        env={**os.environ, **environment}, check=True, capture_output=True,
    )  # fmt: skip
    (venv / ".installed").write_bytes(mark.stdout)
    return environment


@pytest.fixture
def places(tmp_path: Path) -> list[str]:
    """Arguments that keep data, recordings and key of a command inside the test's folder."""
    return [
        "--data", str(tmp_path / "data"), "--recordings", str(tmp_path / "recordings"),
        "--master-key", str(tmp_path / "keys/master.key"),
    ]  # fmt: skip
