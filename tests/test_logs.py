"""What reaches the log."""

from __future__ import annotations

import json

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
