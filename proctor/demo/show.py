"""Runs the demonstration: server, links, and synthetic candidates in a process of their own."""

from __future__ import annotations

import asyncio
import contextlib
import ssl
import sys
from collections.abc import AsyncIterator
from datetime import timedelta

import msgspec

from proctor.app import House
from proctor.config import Config
from proctor.demo.past import put_finished_exam
from proctor.demo.plan import Plan, plan_exam
from proctor.exam.permissions import Role
from proctor.rehearsal.candidate import Cast, numbered
from proctor.server import for_ever, listen, serving
from proctor.sign_in import make_link

CANDIDATES = 12
_STARTS_IN = timedelta(minutes=3)
_WORKING_MINUTES = 45
_LINK_HOURS = 12
_PAGES = {
    Role.TRAINING_OFFICE: ("Phòng Quản lý đào tạo", "Training office"),
    Role.INVIGILATOR: ("Cán bộ coi thi", "Invigilator"),
    Role.SUPERVISOR: ("Cán bộ giám sát", "Supervisor"),
    Role.TECH_SUPPORT: ("Cán bộ hỗ trợ kỹ thuật", "Technical support"),
    Role.INSPECTOR: ("Cán bộ thanh tra", "Inspector"),
    Role.IT_UNIT: ("Đơn vị công nghệ thông tin", "IT unit"),
    Role.UNIT_HEAD: ("Trưởng đơn vị chuyên môn", "Head of the academic unit"),
    Role.CANDIDATE: ("Thí sinh 013 (bạn)", "Candidate 013 (you)"),
}


async def run_demo(config: Config, url: str, context: ssl.SSLContext | None = None) -> None:
    """Serve until cancelled."""
    with contextlib.closing(listen(config)) as listener:
        if not config.data.exists():
            print("Lần đầu: đang tạo một bài thi đã kết thúc để xem lại, mất vài giây...\n"
                  "First start: making a finished exam to replay, some seconds...", flush=True)  # fmt: skip
            await put_finished_exam(config)
        async with serving(config, listener, context) as house:
            plan = await plan_exam(
                house, "Thi thử trực tuyến / Online rehearsal", house.clock.now() + _STARTS_IN, CANDIDATES + 1,
                minutes=_WORKING_MINUTES,
            )  # fmt: skip
            await _print_links(house, plan, url)
            async with _synthetic_candidates(config, plan, context):
                await for_ever()


async def _print_links(house: House, plan: Plan, url: str) -> None:
    until = house.clock.now() + timedelta(hours=_LINK_HOURS)
    people = {**plan.staff, Role.CANDIDATE: plan.candidates[-1]}
    print(f"\nproctor  {url}\n")
    for role, (vi, en) in _PAGES.items():
        print(f"  {vi} / {en}\n    {url}/#link={make_link(house.keys, role, people[role], until)}")
    number, code = plan.codes[-1]
    print(f"\n  Thí sinh đăng nhập tay / Candidate by hand: {number}  {code}")
    print("  Bài thi bắt đầu sau 3 phút; cán bộ vào được ngay. / The exam starts in 3 minutes; staff may enter now.")
    print("  Ctrl-C để dừng. / Ctrl-C to stop.\n", flush=True)


@contextlib.asynccontextmanager
async def _synthetic_candidates(
    config: Config, plan: Plan, context: ssl.SSLContext | None
) -> AsyncIterator[None]:
    """Twelve synthetic candidates; they go when this process does."""
    scheme = "https" if context else "http"
    authority = str(config.authority) if config.authority else None
    cast = Cast(f"{scheme}://{config.host}:{config.port}", plan.room, numbered(plan.codes[:CANDIDATES]), authority)
    playing = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "proctor.rehearsal.candidate", stdin=asyncio.subprocess.PIPE, start_new_session=True
    )
    assert playing.stdin is not None
    playing.stdin.write(msgspec.json.encode(cast) + b"\n")
    try:
        yield
    finally:
        playing.stdin.close()
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(playing.wait(), 3)
        if playing.returncode is None:
            playing.kill()
            await playing.wait()
