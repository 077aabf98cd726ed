"""A second machine on the same network: a network namespace joined to this one by a pair of virtual interfaces."""

from __future__ import annotations

import contextlib
import os
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Neighbour:
    """The other machine. `address` is ours as it sees us; `own` is its own."""

    namespace: str
    interface: str
    address: str
    own: str

    def received(self) -> int:
        """Bytes that came in from it so far."""
        return int(Path(f"/sys/class/net/{self.interface}/statistics/rx_bytes").read_text())

    def running(self, program: str, folder: Path) -> Path:
        """A script in `folder` that starts `program` over there."""
        script = folder / f"{Path(program).name}-at-{self.namespace}"
        script.write_text(f'#!/bin/sh\nexec ip netns exec {self.namespace} {program} "$@"\n')
        script.chmod(0o755)
        return script


def why_no_neighbour() -> str:
    """Why this machine cannot make one; empty when it can."""
    probe = f"proctor-probe-{os.getpid()}"
    try:
        made = subprocess.run(["ip", "netns", "add", probe], check=False, capture_output=True, text=True)
    except FileNotFoundError:
        return "there is no `ip` (apt install iproute2)"
    if made.returncode != 0:
        return f"no network namespace can be made: {made.stderr.strip()}"
    try:
        link = ["ip", "link", "add", f"pp{os.getpid()}", "type", "veth", "peer", "name", "eth0", "netns", probe]
        made = subprocess.run(link, check=False, capture_output=True, text=True)
    finally:
        subprocess.run(["ip", "netns", "del", probe], check=True)
    return f"no pair of interfaces can be made: {made.stderr.strip()}" if made.returncode else ""


@contextlib.contextmanager
def neighbour() -> Iterator[Neighbour]:
    """A machine at 10.213.71.2 whose only way out leads to us at 10.213.71.1."""
    other = Neighbour(f"proctor-{os.getpid()}", f"pv{os.getpid()}", "10.213.71.1", "10.213.71.2")
    there = ["-n", other.namespace]
    _ip("netns", "add", other.namespace)
    try:
        _ip("link", "add", other.interface, "type", "veth", "peer", "name", "eth0", "netns", other.namespace)
        _ip("addr", "add", f"{other.address}/24", "dev", other.interface)
        _ip("link", "set", other.interface, "up")
        _ip(*there, "addr", "add", f"{other.own}/24", "dev", "eth0")
        _ip(*there, "link", "set", "lo", "up")
        _ip(*there, "link", "set", "eth0", "up")
        yield other
    finally:
        _ip("netns", "del", other.namespace)  # takes the pair with it


def _ip(*arguments: str) -> None:
    subprocess.run(["ip", *arguments], check=True)
