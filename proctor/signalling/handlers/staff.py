"""Messages of the staff of a room; most are an invigilator's."""

from __future__ import annotations

import secrets
from typing import Any

from proctor.errors import ProctorError
from proctor.exam.decisions import admission, briefing, closing, conduct, notes, papers, presence
from proctor.exam.permissions import Role
from proctor.signalling import messages as m
from proctor.signalling.seat import Seat


async def admit(seat: Seat, message: m.Admit) -> Any:
    done = await seat.act(
        admission.admit, seat.subject, message.candidates, message.seen, checked=tuple(message.checks),
        replaces=message.replaces,
    )  # fmt: skip
    return done.answer


async def check(seat: Seat, message: m.Check) -> Any:
    done = await seat.act(
        admission.check, by=seat.subject, candidate=message.candidate, name=message.check, passed=message.passed,
        reason=message.reason, replaces=message.replaces,
    )  # fmt: skip
    return done.answer


async def ask_again(seat: Seat, message: m.AskAgain) -> None:
    await seat.act(
        admission.ask_again, by=seat.subject, candidate=message.candidate, subject=message.subject, text=message.text,
        replaces=message.replaces,
    )  # fmt: skip


async def refuse_entry(seat: Seat, message: m.RefuseEntry) -> None:
    await seat.act(
        admission.refuse, by=seat.subject, candidate=message.candidate, reason=message.reason,
        replaces=message.replaces,
    )  # fmt: skip


async def decline_device(seat: Seat, message: m.DeclineDevice) -> None:
    await seat.act(
        admission.decline, by=seat.subject, candidate=message.candidate, epoch=message.epoch, reason=message.reason,
        replaces=message.replaces,
    )  # fmt: skip


async def hold_briefing(seat: Seat, message: m.HoldBriefing) -> Any:
    return (await seat.act(briefing.hold, by=seat.subject, topic=message.topic, replaces=message.replaces)).answer


async def acknowledge_missing_briefings(seat: Seat, message: m.AcknowledgeMissingBriefings) -> None:
    await seat.act(briefing.acknowledge_missing, by=seat.subject)


async def delay_release(seat: Seat, message: m.DelayRelease) -> None:
    if message.until.tzinfo is None:
        raise ProctorError("bad_request", field="until")
    await seat.act(
        papers.delay_release, by=seat.subject, until=message.until, reason=message.reason, replaces=message.replaces
    )


async def note_violation(seat: Seat, message: m.NoteViolation) -> Any:
    done = await seat.act(
        conduct.note_violation, by=seat.subject, violation=f"x_{secrets.token_hex(6)}", candidate=message.candidate,
        category=message.category, text=message.text, since=message.since, until=message.until,
    )  # fmt: skip
    return done.answer


async def decide_violation(seat: Seat, message: m.DecideViolation) -> Any:
    done = await seat.act(
        conduct.decide_violation, by=seat.subject, violation=message.violation, status=message.status,
        reason=message.reason, replaces=message.replaces,
    )  # fmt: skip
    return done.answer


async def add_note(seat: Seat, message: m.AddNote) -> Any:
    done = await seat.act(
        notes.add, by=seat.subject, note=f"n_{secrets.token_hex(6)}", text=message.text, candidate=message.candidate,
        violation=message.violation,
    )  # fmt: skip
    return done.answer


async def suspend(seat: Seat, message: m.Suspend) -> None:
    await seat.act(
        conduct.suspend, by=seat.subject, candidate=message.candidate, reason=message.reason,
        replaces=message.replaces,
    )  # fmt: skip


async def resume(seat: Seat, message: m.Resume) -> None:
    await seat.act(
        conduct.resume, by=seat.subject, candidate=message.candidate, reason=message.reason, replaces=message.replaces
    )


async def begin_absence(seat: Seat, message: m.BeginAbsence) -> None:
    await seat.act(
        conduct.begin_absence, by=seat.subject, candidate=message.candidate, why=message.why, replaces=message.replaces
    )


async def end_absence(seat: Seat, message: m.EndAbsence) -> None:
    await seat.act(
        conduct.end_absence, by=seat.subject, candidate=message.candidate, replaces=message.replaces
    )


async def lower_hand(seat: Seat, message: m.LowerHand) -> None:
    candidate = seat.subject if seat.grant.role is Role.CANDIDATE else message.candidate
    await seat.report(message, conduct.lower_hand, candidate or "", by=seat.subject)


async def send_message(seat: Seat, message: m.SendMessage) -> Any:
    to = () if message.to == "room" else tuple(message.to)
    named = f"m_{secrets.token_hex(6)}"
    done = await seat.act(
        conduct.send_message, by=seat.subject, message=named, to=to, text=message.text, answers=message.answers
    )
    return done.answer


async def offer_shift(seat: Seat, message: m.OfferShift) -> None:
    await seat.act(
        presence.offer_shift, by=seat.subject, to=message.to, note=message.note, replaces=message.replaces
    )


async def take_shift(seat: Seat, message: m.TakeShift) -> None:
    await seat.act(presence.take_shift, seat.subject, message.matters)


async def preview_lists(seat: Seat, message: m.PreviewLists) -> Any:
    return closing.preview_lists(seat.live.state)


async def publish_lists(seat: Seat, message: m.PublishLists) -> Any:
    done = await seat.act(
        closing.publish_lists, by=seat.subject, reason=message.reason, replaces=message.replaces, seen=message.seen,
    )
    return done.answer


async def hand_over(seat: Seat, message: m.HandOver) -> Any:
    return await seat.live.hand_over(seat.subject, message.replaces)


async def request_diagnosis(seat: Seat, message: m.RequestDiagnosis) -> dict[str, Any]:
    return {"diagnosis": seat.live.ask_diagnosis(seat.subject, message.candidate)}
