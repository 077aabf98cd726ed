"""A second machine on the same network: a network namespace joined to this one by a pair of virtual interfaces."""

from __future__ import annotations

import asyncio
import contextlib
import ctypes
import os
import shutil
import signal
import subprocess
from collections.abc import AsyncIterator, Collection, Iterator
from dataclasses import dataclass
from pathlib import Path

_LIBC = ctypes.CDLL(None, use_errno=True)
_NET = 0x40000000  # CLONE_NEWNET


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

    def running(self, program: str, folder: Path, *arguments: str) -> Path:
        """A script in `folder` that starts `program` over there, with `arguments` before those that it is given."""
        script = folder / f"{Path(program).name}-at-{self.namespace}"
        script.write_text(f'#!/bin/sh\nexec ip netns exec {self.namespace} {" ".join([program, *arguments])} "$@"\n')
        script.chmod(0o755)
        return script

    @contextlib.contextmanager
    def inside(self) -> Iterator[None]:
        """Sockets that this thread makes meanwhile are of the other machine, and stay so."""
        with Path("/proc/thread-self/ns/net").open() as here, Path("/run/netns", self.namespace).open() as there:
            _enter(there.fileno())
            try:
                yield
            finally:
                _enter(here.fileno())

    def appear_at(self, address: str) -> None:
        """From now on what it sends over UDP comes from `address`, and what is sent to another one of its is lost: a
        router on the way gave it another place, and told it nothing. Its `own` gives it its own again."""
        self._rules("table ip router; delete table ip router;")
        if address == self.own:
            return
        _ip("-n", self.namespace, "addr", "replace", f"{address}/24", "dev", "eth0")
        out = f"ip saddr {self.own} ip protocol udp ip saddr set {address};"
        to = f"ip daddr != {address} ip protocol udp drop; ip protocol udp ip daddr set {self.own};"
        self._rules(
            "table ip router {\n"
            f"chain out {{ type filter hook postrouting priority -300; {out} }}\n"
            f"chain to {{ type filter hook prerouting priority -300; {to} }}\n}}\n"
        )

    def renumber(self, address: str) -> None:
        """From now on it has this address and no other, without having been without any: what it has open is dead."""
        promote = "sysctl --quiet net.ipv4.conf.eth0.promote_secondaries=1"  # or those added later go with the first
        _ip("netns", "exec", self.namespace, *promote.split())
        _ip("-n", self.namespace, "addr", "replace", f"{address}/24", "dev", "eth0")
        show = ["ip", "-n", self.namespace, "-4", "-br", "addr", "show", "eth0"]
        told = subprocess.run(show, check=True, capture_output=True, text=True).stdout.split()
        for before in told[2:]:
            if before != f"{address}/24":
                _ip("-n", self.namespace, "addr", "del", before, "dev", "eth0")

    def drop_udp(self, *, but_tcp: Collection[int] = ()) -> None:
        """From now on its network lets no UDP through, neither out nor in, and says nothing of it; nor TCP to any ports
        but those named, if some are."""
        dropped = ["meta l4proto udp counter drop"]
        if but_tcp:
            dropped.append(f"oifname eth0 tcp dport != {{ {', '.join(map(str, but_tcp))} }} drop")
        rules = "table inet firewall {\n" + "".join(
            f"chain {way} {{ type filter hook {way} priority 0; {'; '.join(dropped[:most])}; }}\n"
            for way, most in (("input", 1), ("output", 2))
        ) + "}\n"  # fmt: skip
        self._rules(rules)

    def _rules(self, rules: str) -> None:
        nft = ["ip", "netns", "exec", self.namespace, "nft", "--file", "-"]
        subprocess.run(nft, input=rules, text=True, check=True)

    def dropped(self) -> int:
        """Datagrams of UDP that its network did not let through so far."""
        nft = ["ip", "netns", "exec", self.namespace, "nft", "list", "table", "inet", "firewall"]
        told = subprocess.run(nft, check=True, capture_output=True, text=True).stdout.split()
        return sum(int(told[at + 1]) for at, word in enumerate(told) if word == "packets")


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


def why_no_firewall() -> str:
    """Why this machine cannot make one whose network drops UDP; empty when it can."""
    if not shutil.which("nft"):
        return "there is no `nft` (apt install nftables)"
    if why := why_no_neighbour():
        return why
    with neighbour() as other:
        try:
            other.drop_udp()
        except subprocess.CalledProcessError:
            return "the system takes no rules of nftables"
    return ""


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
        # The pair goes with the namespace, but by and by.
        subprocess.run(["ip", "link", "del", other.interface], check=False, capture_output=True)
        _ip("netns", "del", other.namespace)


@contextlib.contextmanager
def two_machines() -> Iterator[tuple[Neighbour, Neighbour]]:
    """Two machines that reach each other, at 10.213.72.1 and 10.213.72.2, and nobody else. What still runs there at the
    end is killed."""
    first, second = "10.213.72.1", "10.213.72.2"
    pair = (
        Neighbour(f"proctor-{os.getpid()}-1", "eth0", second, first),
        Neighbour(f"proctor-{os.getpid()}-2", "eth0", first, second),
    )
    made: list[Neighbour] = []
    try:
        for machine in pair:
            _ip("netns", "add", machine.namespace)
            made.append(machine)
            _ip("-n", machine.namespace, "link", "set", "lo", "up")
        there = ["-n", pair[0].namespace]
        _ip(*there, "link", "add", "eth0", "type", "veth", "peer", "name", "eth0", "netns", pair[1].namespace)
        for machine in pair:
            _ip("-n", machine.namespace, "addr", "add", f"{machine.own}/24", "dev", "eth0")
            _ip("-n", machine.namespace, "link", "set", "eth0", "up")
        yield pair
    finally:
        for machine in made:
            pids = ["ip", "netns", "pids", machine.namespace]
            for left in map(int, subprocess.run(pids, capture_output=True, text=True, check=False).stdout.split()):
                with contextlib.suppress(ProcessLookupError):
                    os.kill(left, signal.SIGKILL)
            subprocess.run(["ip", "netns", "del", machine.namespace], check=False, capture_output=True)


@contextlib.asynccontextmanager
async def relayed(url: str, host: str) -> AsyncIterator[str]:
    """The server at `url`, which listens on loopback, at our address that the other machine sees."""
    port = int(url.rpartition(":")[2])

    async def pipe(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(ConnectionError):
            while data := await reader.read(65536):
                writer.write(data)
                await writer.drain()
        writer.close()

    async def relay(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        there, back = await asyncio.open_connection("127.0.0.1", port)
        await asyncio.gather(pipe(reader, back), pipe(there, writer))

    listening = await asyncio.start_server(relay, host, port)
    try:
        yield f"http://{host}:{port}"
    finally:
        listening.close()


def _enter(namespace: int) -> None:
    if _LIBC.setns(namespace, _NET):
        raise OSError(ctypes.get_errno(), "setns")


def _ip(*arguments: str) -> None:
    subprocess.run(["ip", *arguments], check=True)
