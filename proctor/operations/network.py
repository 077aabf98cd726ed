"""Examining the ways in: the HTTP port, the media port, the announced addresses, the receive buffer."""

from __future__ import annotations

import errno
import ipaddress
import socket
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from proctor.config import Config
from proctor.errors import ProctorError, sentence
from proctor.media.mux import WANTED_BUFFER
from proctor.operations.finding import Finding, failure, ok, warning
from proctor.operations.own_server import OwnServer, sockets_at

_KINDS = {"tcp": socket.SOCK_STREAM, "udp": socket.SOCK_DGRAM}
_DATAGRAM_COST = 2_304  # what Linux counts for one full datagram in a receive buffer (its skb's truesize)
_PACKETS_OF_A_CANDIDATE = 80.0  # a second, at the bounds that pages set: 42 of "h", 16 of "l", 17 of sound, reports


def port(name: str, kind: str, option: str, host: str, number: int, server: OwnServer | None) -> Finding:
    """Whether a server can have the port that `option` chooses, or has it. `kind` is "tcp" or "udp"."""
    where = f"{kind.upper()} {number}"
    if number == 0:
        return warning(
            name, f"Cổng {kind.upper()} do hệ thống chọn, mỗi lần chạy một khác.",
            f"The {kind.upper()} port is the system's choice, another one at every start.",
            f"Chọn cổng cố định bằng {option} và mở cổng đó trên tường lửa.",
            f"Choose a fixed one by {option} and open it in the firewall.", port=number,
        )  # fmt: skip
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, _KINDS[kind]) as probe:
        if kind == "tcp":
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, number))
        except OSError as error:
            return _not_bound(name, where, option, host, number, error, server, kind)
    return ok(name, f"{where} ở {host} còn trống.", f"{where} at {host} is free.", port=number, held_by="nobody")


def media_port_over_tcp(config: Config, server: OwnServer | None) -> Finding:
    """The same of picture and sound over TCP, for where UDP is blocked: the number is that of UDP, and cannot be that
    of HTTP too."""
    name, number = "media_port_tcp", config.media_port
    if number and number == config.port:
        return failure(
            name, f"TCP {number} là cổng của trang web; hình và tiếng cũng cần cổng TCP cùng số với UDP.",
            f"TCP {number} is the port of HTTP; picture and sound need the TCP port of their number too.",
            "Chọn cổng khác bằng --media-port.", "Choose another port by --media-port.", port=number,
        )  # fmt: skip
    return port(name, "tcp", "--media-port", config.media_host, number, server)


def _not_bound(
    name: str, where: str, option: str, host: str, number: int, error: OSError, server: OwnServer | None, kind: str
) -> Finding:
    taken = error.errno == errno.EADDRINUSE or bool(sockets_at(kind, number))  # the right to a port is asked first
    if taken and server and server.has(kind, number):
        return ok(name, f"{where}: máy chủ này đang dùng.", f"{where}: our own running server has it.",
                  port=number, held_by="our server")  # fmt: skip
    if taken and server and server.process is None:
        return warning(
            name, f"{where} đang được dùng, có lẽ bởi máy chủ này; hệ thống không cho biết.",
            f"{where} is in use, perhaps by our own server; the system does not tell.",
            "Chạy lại với quyền root.", "Run this as root.",
            port=number, held_by="unknown",
        )  # fmt: skip
    if taken:
        return failure(
            name, f"{where} đang được một chương trình khác dùng.", f"{where} is in use by another program.",
            f"Dừng chương trình đó (xem: ss -lnp) hoặc chọn cổng khác bằng {option}.",
            f"Stop that program (see: ss -lnp) or choose another port by {option}.", port=number, held_by="another",
        )  # fmt: skip
    if error.errno in (errno.EACCES, errno.EPERM):
        return failure(
            name, f"{where}: cổng dưới 1024 cần quyền riêng.", f"{where}: a port below 1024 needs a right of its own.",
            "Cho dịch vụ quyền CAP_NET_BIND_SERVICE (tệp scripts/proctor.service có sẵn), hoặc chọn cổng từ 1024.",
            "Give the service CAP_NET_BIND_SERVICE (scripts/proctor.service does), or choose a port from 1024.",
            port=number,
        )  # fmt: skip
    return failure(
        name, f"Máy này không có địa chỉ {host}.", f"This machine does not have the address {host}.",
        "Sửa --host; 0.0.0.0 là mọi địa chỉ.", "Correct --host; 0.0.0.0 is every address.", port=number, host=host,
    )  # fmt: skip


def announced(addresses: Sequence[str], *, beyond: bool, unfound: ProctorError | None = None) -> Finding:
    """Whether browsers can reach the media port at the announced addresses. `beyond`: serves other machines; `unfound`:
    why the public one is not among them."""
    name = "announced_address"
    if unfound is not None:
        return failure(
            name, sentence(unfound), sentence(unfound, "en"),
            "Sửa --stun, mở UDP ra ngoài, hoặc ghi địa chỉ công khai bằng --announce thay cho --stun.",
            "Correct --stun, let UDP out, or give the public address by --announce instead of --stun.",
            server=unfound.details["server"],
        )  # fmt: skip
    shown = ", ".join(addresses)
    do = ("Đặt --announce là địa chỉ IP mà máy của thí sinh tới được.",
          "Set --announce to the IP address that candidates' machines reach.")  # fmt: skip
    try:
        parsed = [ipaddress.ip_address(address) for address in addresses]
    except ValueError:
        return failure(name, f"{shown} không phải là địa chỉ IP.", f"{shown} is not an IP address.", *do,
                       addresses=list(addresses))  # fmt: skip
    if beyond and all(address.is_loopback or address.is_unspecified for address in parsed):
        return failure(name, f"Chỉ máy này tới được {shown}.", f"Only this machine itself reaches {shown}.", *do,
                       addresses=list(addresses))  # fmt: skip
    foreign = [str(address) for address in parsed if not _is_ours(str(address))]
    if foreign:
        return warning(
            name, f"Máy này không có địa chỉ {', '.join(foreign)}.",
            f"This machine does not have the address {', '.join(foreign)}.",
            "Nếu máy đứng sau bộ định tuyến (NAT): chuyển cổng hình và tiếng (UDP và TCP) về máy này. "
            "Nếu không: sửa --announce.",
            "Behind a router (NAT): have it forward the media port, UDP and TCP, to this machine. Otherwise correct "
            "--announce.",
            addresses=list(addresses), foreign=foreign,
        )  # fmt: skip
    if beyond and all(address.is_private for address in parsed):
        return warning(
            name, f"{shown} là địa chỉ riêng: chỉ mạng nội bộ tới được.",
            f"{shown} is a private address: only the local network reaches it.",
            "Nếu thí sinh thi ở nhà: thêm --announce với địa chỉ công khai.",
            "If candidates sit at home: add --announce with the public address.", addresses=list(addresses),
        )  # fmt: skip
    return ok(name, f"Hình và tiếng được nhận ở {shown}, địa chỉ của máy này.",
              f"Picture and sound are received at {shown}, an address of this machine.",
              addresses=list(addresses))  # fmt: skip


def _is_ours(address: str) -> bool:
    """Whether this machine has the address: nothing is sent."""
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    with socket.socket(family, socket.SOCK_DGRAM) as probe:
        try:
            probe.bind((address, 0))
        except OSError:
            return False
    return True


def receive_buffer(candidates: int) -> Finding:
    """How many bytes of datagrams the system lets wait while the server is busy, read back as the server does."""
    name = "receive_buffer"
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, WANTED_BUFFER)
        granted = probe.getsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF) // 2  # Linux reports twice what it grants
    most = int(Path("/proc/sys/net/core/rmem_max").read_text())
    seconds = 2 * granted / _DATAGRAM_COST / (candidates * _PACKETS_OF_A_CANDIDATE)
    details: dict[str, Any] = {
        "granted_bytes": granted, "wanted_bytes": WANTED_BUFFER, "rmem_max": most, "seconds": round(seconds, 2)
    }  # fmt: skip
    vi = f"Bộ đệm nhận UDP: {granted} byte, đủ {seconds:.2f} giây của {candidates} thí sinh (rmem_max {most})."
    en = f"UDP receive buffer: {granted} bytes, {seconds:.2f} s of {candidates} candidates (rmem_max {most})."
    if granted >= WANTED_BUFFER:
        return ok(name, vi, en, **details)
    line = f"net.core.rmem_max = {WANTED_BUFFER}"
    return warning(
        name, vi, en,
        f"Ghi dòng '{line}' vào /etc/sysctl.d/90-proctor.conf, chạy: sysctl --system, rồi khởi động lại máy chủ.",
        f"Put the line '{line}' into /etc/sysctl.d/90-proctor.conf, run: sysctl --system, restart the server.",
        sysctl=line, **details,
    )  # fmt: skip
