"""Examining the machine: its clock, how many files may be open, Python and the libraries."""

from __future__ import annotations

import ctypes
import importlib.metadata
import platform
import re
import resource

from proctor.operations.finding import Finding, failure, ok, warning
from proctor.operations.own_server import OwnServer

_TIME_ERROR = 5  # adjtimex(2): nobody keeps the clock
_MOST_ERROR_SECONDS = 1.0
# Six connections of a browser, a socket, a recording, its folder, a file under way, picture and sound over TCP from one
# network and from the next.
_FILES_OF_A_CANDIDATE = 12
_FILES_OF_THE_HOUSE = 200
_REQUIREMENT = re.compile(r"^([A-Za-z0-9._-]+)(?:\[[^]]*\])?\s*([^;]*)(;.*)?$")


class _Timex(ctypes.Structure):
    """struct timex of adjtimex(2) as far as it is read here; the rest is room for what the kernel writes."""

    _fields_ = (
        ("modes", ctypes.c_uint), ("offset", ctypes.c_long), ("freq", ctypes.c_long), ("maxerror", ctypes.c_long),
        ("esterror", ctypes.c_long), ("status", ctypes.c_int), ("rest", ctypes.c_byte * 256),
    )  # fmt: skip


def clock() -> Finding:
    """Whether something keeps the system clock in time, as the kernel knows it. Nothing is asked over the network."""
    told = _Timex()  # modes 0: read only
    state = ctypes.CDLL(None, use_errno=True).adjtimex(ctypes.byref(told))
    return clock_that_says(state, told.maxerror / 1e6)


def clock_that_says(state: int, seconds: float) -> Finding:
    """What adjtimex(2) told: the clock's state, and by how many seconds it may be off."""
    name = "clock"
    if state < 0:
        return warning(name, "Hệ thống không cho biết đồng hồ có được đồng bộ không.",
                       "The system does not tell whether the clock is synchronised.",
                       "Kiểm tra bằng: timedatectl", "Check by: timedatectl")  # fmt: skip
    if state == _TIME_ERROR or seconds > _MOST_ERROR_SECONDS:
        return warning(
            name, "Đồng hồ của máy không được đồng bộ; giờ thi là giờ của máy này.",
            "The machine's clock is not synchronised; the times of exams are this machine's.",
            "Cài và bật chrony hoặc systemd-timesyncd; kiểm tra bằng: timedatectl",
            "Install and enable chrony or systemd-timesyncd; check by: timedatectl", synchronised=False,
        )  # fmt: skip
    return ok(name, f"Đồng hồ được đồng bộ, sai nhiều nhất {seconds:.3f} giây.",
              f"The clock is synchronised, off by at most {seconds:.3f} s.",
              synchronised=True, most_error_seconds=seconds)  # fmt: skip


def open_files(candidates: int, server: OwnServer | None) -> Finding:
    """How many files the server may have open, a running one or one started from here, against what it needs."""
    name = "open_files"
    needed = _FILES_OF_THE_HOUSE + candidates * _FILES_OF_A_CANDIDATE
    soft = (server and server.open_file_limit()) or resource.getrlimit(resource.RLIMIT_NOFILE)[0]
    details = {"limit": soft, "needed": needed}
    vi = f"Được mở {soft} tệp cùng lúc; {candidates} thí sinh cần khoảng {needed}."
    en = f"{soft} files may be open at once; {candidates} candidates need about {needed}."
    if soft == resource.RLIM_INFINITY or soft >= needed:
        return ok(name, vi, en, **details)
    return failure(name, vi, en, "Đặt LimitNOFILE=65536 trong tệp dịch vụ, hoặc chạy: ulimit -n 65536",
                   "Set LimitNOFILE=65536 in the service, or run: ulimit -n 65536", **details)  # fmt: skip


def libraries() -> Finding:
    """Whether Python and the installed libraries are those that the project names."""
    name = "libraries"
    python = platform.python_version()
    again = "Cài lại: pip install --editable .", "Install again: pip install --editable ."
    try:
        about = importlib.metadata.metadata("proctor")
        stated = importlib.metadata.requires("proctor") or []
    except importlib.metadata.PackageNotFoundError:
        return warning(name, "Chương trình chưa được cài; không biết cần thư viện nào.",
                       "The program is not installed; which libraries it needs is not known.", *again)  # fmt: skip
    needed = about["Requires-Python"] or ""
    if not all(_within(python, bound.strip()) for bound in needed.split(",") if bound.strip()):
        return failure(name, f"Python {python} không hợp; cần {needed}.", f"Python {python} does not fit: {needed}.",
                       "Cài Python đúng phiên bản.", "Install a Python that does.", python=python)  # fmt: skip
    wrong = [each for each in map(_misfit, stated) if each]
    if wrong:
        shown = "; ".join(wrong)
        return failure(name, f"Thư viện không đúng phiên bản: {shown}.",
                       f"Libraries are not of the right version: {shown}.", *again, wrong=wrong)  # fmt: skip
    return ok(name, f"Python {python}; mọi thư viện đúng phiên bản.",
              f"Python {python}; every library is of the right version.", python=python)  # fmt: skip


def _misfit(requirement: str) -> str | None:
    """What is wrong with the library of a requirement; None when it fits, or belongs to an extra."""
    parsed = _REQUIREMENT.match(requirement)
    if parsed is None or "extra" in (parsed[3] or ""):
        return None
    library, bounds = parsed[1], parsed[2].strip()
    try:
        installed = importlib.metadata.version(library)
    except importlib.metadata.PackageNotFoundError:
        return f"{library} {bounds} (-)"
    fits = all(_within(installed, bound.strip()) for bound in bounds.split(",") if bound.strip())
    return None if fits else f"{library} {bounds} ({installed})"


def _within(installed: str, bound: str) -> bool:
    """Whether a version satisfies one bound of the kinds that pyproject.toml uses."""
    sign, version = re.match(r"(==|>=|<)(.*)", bound).groups()  # type: ignore[union-attr]
    have, asked = _release(installed), _release(version)
    length = max(len(have), len(asked))
    have, asked = have + [0] * (length - len(have)), asked + [0] * (length - len(asked))
    return have == asked if sign == "==" else have >= asked if sign == ">=" else have < asked


def _release(version: str) -> list[int]:
    return [int(part) for part in re.findall(r"\d+", re.split(r"[a-z+-]", version.strip())[0])]
