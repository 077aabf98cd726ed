"""`proctor doctor`: every examination, in the order in which a person would put things right; nothing is changed.

It runs before the first start and beside a running server alike.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TextIO

from proctor import __version__
from proctor.config import Config
from proctor.errors import ProctorError
from proctor.operations import machine, network, records
from proctor.operations.certificate import certificate
from proctor.operations.finding import Finding, Level, failure
from proctor.operations.own_server import OwnServer, running_server
from proctor.operations.storage import disk

_SIGNS = {Level.OK: "ok   ", Level.WARNING: "warn ", Level.FAILURE: "FAIL "}


@dataclass(frozen=True)
class Patient:
    """What is examined: the settings of the server, its certificate, for how many candidates it has to do, and why its
    public address is not among the announced ones, if it was to be found."""

    config: Config
    tls_cert: Path | None
    tls_key: Path | None
    candidates: int
    unfound: ProctorError | None = None

    @property
    def beyond(self) -> bool:
        """Whether the server is for other machines too."""
        return self.config.host not in ("127.0.0.1", "::1", "localhost")


def examine(patient: Patient) -> tuple[list[Finding], OwnServer | None]:
    """All findings, and the server that runs on the data."""
    config, count = patient.config, patient.candidates
    server = running_server(config.data)
    now = datetime.now(UTC)
    engine = broken = None
    try:
        engine = records.existing_database(config)
    except Exception as error:  # an address that is none, a driver that is missing
        broken = error
    checks: list[tuple[str, Callable[[], Finding]]] = [
        ("libraries", machine.libraries),
        ("clock", machine.clock),
        ("open_files", lambda: machine.open_files(count, server)),
        ("http_port", lambda: network.port("http_port", "tcp", "--port", config.host, config.port, server)),
        ("media_port", lambda: network.port(
            "media_port", "udp", "--media-port", config.media_host, config.media_port, server)),
        ("media_port_tcp", lambda: network.media_port_over_tcp(config, server)),
        ("announced_address", lambda: network.announced(
            config.announce, beyond=patient.beyond, unfound=patient.unfound)),
        ("receive_buffer", lambda: network.receive_buffer(count)),
        ("tls_certificate", lambda: certificate(
            patient.tls_cert, patient.tls_key, config.public_url, now, beyond=patient.beyond)),
        ("disk", lambda: disk(config, count)),
        ("database", lambda: records.unusable_database(broken) if broken else records.database(engine)),
        ("master_key", lambda: records.master_key(config, engine)),
        ("event_logs", lambda: records.unreadable_logs() if broken else records.event_logs(engine, now)),
    ]  # fmt: skip
    try:
        return [_found(name, check) for name, check in checks], server
    finally:
        if engine is not None:
            engine.dispose()


def report(findings: list[Finding], server: OwnServer | None, *, as_json: bool, to: TextIO) -> int:
    """Print what was found; the exit code: 1 if anything is a failure."""
    worst = max(finding.level for finding in findings)
    if as_json:
        document = {
            "version": __version__,
            "level": worst.name.lower(),
            "server_running": server is not None,
            "checks": [finding.as_json() for finding in findings],
        }
        print(json.dumps(document, ensure_ascii=False, indent=1), file=to)
        return int(worst is Level.FAILURE)
    print("Máy chủ đang chạy trên dữ liệu này. / A server runs on this data.\n" if server else
          "Không có máy chủ nào chạy trên dữ liệu này. / No server runs on this data.\n", file=to)  # fmt: skip
    for finding in findings:
        print(f"{_SIGNS[finding.level]} {finding.name}\n      {finding.vi}\n      {finding.en}", file=to)
        if finding.do_en:
            print(f"   →  {finding.do_vi}\n   →  {finding.do_en}", file=to)
    return int(worst is Level.FAILURE)


def _found(name: str, check: Callable[[], Finding]) -> Finding:
    """One finding; an examination that breaks is a failure of its own and takes none of the others with it."""
    try:
        return check()
    except Exception as error:
        return failure(
            name, "Không kiểm tra được mục này.", "This could not be examined.",
            "Chạy với quyền của người chạy máy chủ; nếu vẫn vậy, báo lỗi chương trình.",
            "Run this as the user who runs the server; if that does not help, report a fault of the program.",
            error=type(error).__name__,
        )  # fmt: skip
