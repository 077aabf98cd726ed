"""scripts/fuzz: the property tests for longer, and what it says of them."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

TOP = Path(__file__).resolve().parents[2]


@pytest.mark.long  # it runs pytest
def test_a_round_by_its_seed_runs_all_property_tests_and_ends_with_json() -> None:
    command = [sys.executable, "scripts/fuzz", "--seed", "7", "--examples", "5"]
    done = subprocess.run(command, cwd=TOP, capture_output=True, text=True, timeout=120, check=True)
    told = json.loads(done.stdout.splitlines()[-1])
    assert told["rounds"] == 1 and told["tests"] >= 20 and told["failed"] == []


@pytest.mark.long
def test_what_a_round_finds_is_told_and_ends_it_with_another_code() -> None:
    """pytest that finds nothing to run is a failure too: nothing was tried."""
    command = [sys.executable, "scripts/fuzz", "--seed", "7", "--examples", "5"]
    nothing = {**os.environ, "PYTEST_ADDOPTS": "-k no_such_test"}
    done = subprocess.run(command, cwd=TOP, capture_output=True, text=True, timeout=120, check=False, env=nothing)
    assert done.returncode == 1
    assert json.loads(done.stdout.splitlines()[-1])["failed"] == ["pytest ended with 5"]
