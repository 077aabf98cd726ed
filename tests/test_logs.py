"""What reaches the log."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest
import structlog

from proctor import logs


def test_a_traceback_shows_no_values(capsys: pytest.CaptureFixture[str]) -> None:
    logs.configure()
    password = "correct horse battery"
    try:
        if len(password) > 3:
            raise ValueError("too long")
    except ValueError:
        structlog.get_logger("test").exception("request failed", path="/api/x")
    line = capsys.readouterr().err
    told = json.loads(line)
    assert (told["event"], told["path"], told["level"]) == ("request failed", "/api/x", "error")
    assert "too long" in line
    assert password not in line


@pytest.mark.parametrize("state", ["full", "closed"])
def test_a_log_that_cannot_be_written_stops_nobody(state: str, monkeypatch: pytest.MonkeyPatch) -> None:
    logs.configure()
    disk = Path("/dev/full").open("w")  # noqa: SIM115  to be closed in the middle
    if state == "closed":
        disk.close()
    monkeypatch.setattr(sys, "stderr", disk)
    structlog.get_logger("test").error("the disk failed")
    monkeypatch.undo()
    if state == "full":
        with pytest.raises(OSError, match="No space"):  # it was tried
            disk.close()
