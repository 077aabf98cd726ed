"""Messages of a candidate's page."""

from __future__ import annotations

import secrets
from typing import Any

import msgspec

from proctor import views
from proctor.errors import ProctorError
from proctor.exam.decisions import admission, answers, briefing, closing, conduct, papers
from proctor.signalling import messages as m
from proctor.signalling.seat import Seat
from proctor.text import safe_name

_REPORT_BYTES = 8_000


async def report_device(seat: Seat, message: m.ReportDevice) -> None:
    await seat.report(message, admission.report_device, seat.subject, _report(message), seat.grant.epoch)


async def report_diagnosis(seat: Seat, message: m.ReportDiagnosis) -> None:
    seat.live.diagnosed(seat.subject, message.diagnosis, _report(message)["findings"])


async def consent(seat: Seat, message: m.Consent) -> None:
    await seat.report(message, admission.consent, seat.subject, message.version, message.text_sha256)


async def accept_rules(seat: Seat, message: m.AcceptRules) -> None:
    await seat.report(message, admission.accept_rules, seat.subject, message.version, message.text_sha256)


async def enter_lobby(seat: Seat, message: m.EnterLobby) -> dict[str, Any]:
    return {"state": (await seat.report(message, admission.enter_lobby, seat.subject)).answer}


async def publish(seat: Seat, message: m.Publish) -> dict[str, Any]:
    _active(seat, message.epoch)
    if message.restarts:
        return {"sdp": seat.live.media.restart(seat.subject, message.epoch, message.sdp)}
    return {"sdp": await seat.live.media.publish(seat.subject, message.epoch, message.sdp)}


async def read_briefing(seat: Seat, message: m.ReadBriefing) -> None:
    await seat.report(message, briefing.read, seat.subject, message.topic)


async def paper_opened(seat: Seat, message: m.PaperOpened) -> None:
    await seat.report(message, papers.open_paper, seat.subject, message.sha256)


async def material_received(seat: Seat, message: m.MaterialReceived) -> None:
    await seat.report(message, papers.receive_material, seat.subject, message.material)


async def save_answer(seat: Seat, message: m.SaveAnswer) -> dict[str, Any]:
    _active(seat, message.epoch)
    done = await seat.report_in_time(
        message, answers.save_answer, epoch=message.epoch, base_revision=message.base_revision, text=message.text
    )
    revision, digest, saved_at = done.answer
    return {"revision": revision, "sha256": digest, "saved_at": views.moment(saved_at)}


async def submit(seat: Seat, message: m.Submit) -> dict[str, Any] | None:
    _active(seat, message.epoch)
    await seat.report_in_time(
        message, answers.submit, submission_id=f"b_{secrets.token_hex(8)}", epoch=message.epoch,
        revision=message.revision, text_sha256=message.text_sha256,
        files=[
            answers.Named(named.file, named.sha256, named.bytes, safe_name(named.name), named.type)
            for named in message.files
        ],
        fresh=[f"f_{secrets.token_hex(8)}" for _ in message.files],
    )  # fmt: skip
    return seat.live.receipt(seat.subject)


async def raise_hand(seat: Seat, message: m.RaiseHand) -> None:
    await seat.report(message, conduct.raise_hand, seat.subject)


async def write_message(seat: Seat, message: m.WriteMessage) -> Any:
    named = f"m_{secrets.token_hex(6)}"
    return (await seat.report(message, conduct.write, candidate=seat.subject, message=named, text=message.text)).answer


async def message_seen(seat: Seat, message: m.MessageSeen) -> None:
    await seat.report(message, conduct.see_message, seat.subject, message.message)


async def closing_seen(seat: Seat, message: m.ClosingSeen) -> None:
    await seat.report(message, closing.see_lists, seat.subject, message.version)


def _active(seat: Seat, epoch: int) -> None:
    if epoch != seat.grant.epoch:
        raise ProctorError("superseded")


def _report(message: m.FromCandidate) -> dict[str, Any]:
    """What a page reports, but for its clock, which stands beside it."""
    encoded = msgspec.json.encode(message)
    if len(encoded) > _REPORT_BYTES:
        raise ProctorError("too_large", limit="8 KB")
    report: dict[str, Any] = msgspec.json.decode(encoded)  # as the log will give it back: no NaN
    report.pop("client_time", None)
    return report
