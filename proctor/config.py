"""What an operator sets. Defaults make a development machine work; every value can come from the command line."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path


@dataclass(frozen=True)
class Config:
    """One server process.

    `public_url` is what pages are told to talk to; `announce` are the addresses written into media descriptions.
    """

    data: Path
    recordings: Path
    master_key: Path
    host: str = "127.0.0.1"
    port: int = 8080
    media_host: str = "127.0.0.1"
    media_port: int = 0  # 0: any free one
    announce: Sequence[str] = field(default_factory=lambda: ["127.0.0.1"])
    turn: Sequence[str] = ()  # addresses of a TURN server, which relays where neither UDP nor our TCP port passes
    turn_secret: str = field(default="", repr=False)  # that it shares with us
    public_url: str = ""  # empty: from the request
    database_url: str = ""  # empty: SQLite in `data`
    it_unit: str = ""  # the school's unit in charge of information technology; empty: as the regulation has it
    authority: Path | None = None  # certificate of the local authority that signed ours, offered at /ca.crt
    free_bytes: int = 512 << 20  # of disk that files of the work leave to answers and the log
    workers: int = 1  # processes for finalising, hashing and archives

    @property
    def database(self) -> str:
        return self.database_url or f"sqlite:///{self.data / 'proctor.db'}"

    @property
    def papers(self) -> Path:
        return self.data / "papers"

    @property
    def photos(self) -> Path:
        return self.data / "photos"

    @property
    def uploads(self) -> Path:
        return self.data / "uploads"
