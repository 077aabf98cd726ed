"""Bytes that follow a submission, and files that come too late (A14.2b.7)."""

from __future__ import annotations

import hashlib
import json
from datetime import datetime, timedelta

import pytest

from proctor.exam.decisions import answers, closing, conduct, files, presence, timing
from proctor.exam.plan import RoomRules
from proctor.exam.sitting import State, WorkFile
from proctor.regulation.refusal import Refusal
from tests.exam.rooms import MINUTE, Log, T

INSTANT = timedelta(microseconds=1)
BY = T + 90 * MINUTE
SHA = hashlib.sha256(b"x").hexdigest()
OTHER = hashlib.sha256(b"y").hexdigest()


def writing(grace: int = 3) -> Log:
    log = Log().published("c", "d", rules=RoomRules(upload_grace_minutes=grace)).attended().admitted("c", "d")
    log.pass_time(T)
    log.save("một", 0)
    return log


def named(file: str = "f", sha256: str = SHA, size: int = 1) -> answers.Named:
    return answers.Named(file, sha256, size, "bài.jpg", "image/jpeg")


def arrive(log: Log, at: datetime, file: str = "f", sha256: str = SHA, size: int = 1) -> list[str]:
    work = WorkFile(file, "bài.jpg", "image/jpeg", size, sha256)
    return [event.kind for event in log.take(files.receive_file(log.room, at, "c", work, at), at).events]


@pytest.mark.parametrize(("at", "grace", "outcome"), [
    (BY - MINUTE, 3, "submitted"),
    (BY, 3, "submitted"),
    (BY + INSTANT, 3, "submission_rejected"),
    (BY - MINUTE, 0, "upload_incomplete"),
    (BY, 0, "upload_incomplete"),
    (BY + INSTANT, 0, "submission_rejected"),
])  # fmt: skip
def test_a_file_on_its_way_may_be_named_until_submit_by_where_bytes_may_follow(
    at: datetime, grace: int, outcome: str
) -> None:
    log = writing(grace)
    if outcome == "upload_incomplete":
        with pytest.raises(Refusal, match=outcome):
            log.submit(at, files=[named()])
        assert log.room.sittings["c"].state is State.ADMITTED
        return
    assert [event.kind for event in log.submit(at, files=[named()], fresh=["f9"]).events] == [outcome]


def test_no_more_files_are_received_than_work_may_have() -> None:
    log = writing()
    for number in range(files.MAX_FILES):
        assert arrive(log, BY - MINUTE, f"f{number}") == ["file_received"]
    with pytest.raises(Refusal, match="too_large") as refused:
        arrive(log, BY - MINUTE, "one more")
    assert refused.value.details["whole"] == files.MAX_FILES, "no place comes by waiting"
    assert arrive(log, BY - MINUTE, "f0") == []
    assert arrive(log, BY + INSTANT, "late") == ["late_file_kept"]


@pytest.mark.parametrize(("at", "kinds"), [
    (BY - MINUTE, ["file_received", "submission_completed"]),
    (BY, ["file_received", "submission_completed"]),
    (BY + INSTANT, ["file_received", "submission_completed"]),
    (BY + 3 * MINUTE, ["file_received", "submission_completed"]),
    (BY + 3 * MINUTE + INSTANT, ["late_file_kept"]),
])  # fmt: skip
def test_what_was_named_completes_the_submission_until_the_end_of_the_grace(at: datetime, kinds: list[str]) -> None:
    log = writing()
    log.submit(BY - MINUTE, files=[named()], fresh=[""])
    assert arrive(log, at) == kinds
    known = log.room.sittings["c"]
    assert bool(known.awaited) == (kinds == ["late_file_kept"])
    if not known.awaited:
        assert json.loads(known.completion)["submission_sha256"] == known.submission_sha256
        assert known.completion_sha256 == hashlib.sha256(known.completion.encode()).hexdigest()


def test_a_file_that_arrived_while_the_page_named_it_as_not_begun_is_there() -> None:
    log = writing()
    arrive(log, BY - MINUTE, "f")
    log.submit(BY, files=[named("", size=1), named("", OTHER)], fresh=["f8", "f9"])
    known = log.room.sittings["c"]
    assert [each.file for each in known.awaited] == ["f9"]
    assert [each["file"] for each in json.loads(known.manifest)["files"]] == ["f", "f9"]


def test_one_file_that_arrived_stands_for_one_that_was_named() -> None:
    log = writing()
    arrive(log, BY - MINUTE, "f")
    log.submit(BY, files=[named("f", size=1), named("", size=1)], fresh=["", "f9"])
    assert [each.file for each in log.room.sittings["c"].awaited] == ["f9"]


@pytest.mark.parametrize(("sha256", "size"), [(OTHER, 1), (SHA, 2)])
def test_another_content_than_was_named_is_refused(sha256: str, size: int) -> None:
    log = writing()
    log.submit(BY, files=[named()], fresh=[""])
    with pytest.raises(Refusal, match="not_as_declared"):
        arrive(log, BY + MINUTE, sha256=sha256, size=size)
    assert log.room.sittings["c"].awaited
    assert arrive(log, BY + 2 * MINUTE) == ["file_received", "submission_completed"]


def test_the_submission_is_complete_with_the_last_of_its_files_and_its_manifest_keeps_their_order() -> None:
    log = writing()
    arrive(log, T + MINUTE, "whole", OTHER)
    given = [named("", hashlib.sha256(b"2").hexdigest()), answers.Named("whole", OTHER), named("f")]
    log.submit(BY, files=given, fresh=["n0", "n1", "n2"])
    manifest = json.loads(log.room.sittings["c"].manifest)
    assert [each["file"] for each in manifest["files"]] == ["n0", "whole", "f"]
    assert [each.get("awaited", False) for each in manifest["files"]] == [True, False, True]
    assert [each.begun for each in log.room.sittings["c"].declared] == [False, True]
    assert arrive(log, BY + MINUTE) == ["file_received"]
    assert arrive(log, BY + MINUTE, "n0", hashlib.sha256(b"2").hexdigest()) == [
        "file_received", "submission_completed",
    ]  # fmt: skip
    assert log.submit(BY + 2 * MINUTE, files=given, fresh=["m0", "m1", "m2"]).events == ()  # the receipt was lost


def test_what_never_came_is_listed_as_missing_once() -> None:
    log = writing()
    log.submit(BY, files=[named()], fresh=[""])
    assert timing.next_boundary(log.room, BY + MINUTE) == BY + 3 * MINUTE
    log.pass_time(BY + 3 * MINUTE)
    assert log.room.sittings["c"].incomplete_at is None
    done = log.take(timing.pass_time(log.room, BY + 3 * MINUTE + INSTANT), BY + 3 * MINUTE + INSTANT)
    assert [event.kind for event in done.events] == ["submission_incomplete"]
    assert timing.pass_time(log.room, BY + 4 * MINUTE).events == ()
    assert log.room.sittings["c"].state is State.SUBMITTED


def test_what_the_server_took_of_the_time_for_bytes_is_given_back() -> None:
    log = writing()
    log.submit(BY - MINUTE, files=[named()], fresh=[""])
    back = BY + 3 * MINUTE + INSTANT
    log.take(presence.restart(log.room, back, 2, BY + 2 * MINUTE), back)  # one of the three minutes was still to come
    assert log.room.hold is None or "c" not in log.room.hold.candidates  # whose work was handed in
    assert log.room.awaited_until(log.room.sittings["c"]) == back + MINUTE
    log.pass_time(back + MINUTE)
    assert arrive(log, back + MINUTE) == ["file_received", "submission_completed"]


def test_it_is_given_back_once_more_and_never_beyond_the_end() -> None:
    log = writing()
    log.submit(BY - 3 * MINUTE, candidate="d")  # or the room would be held for d
    log.submit(BY - MINUTE, files=[named()], fresh=[""])
    log.take(presence.restart(log.room, BY - INSTANT, 2, BY - 2 * MINUTE), BY - INSTANT)
    assert log.room.awaited_until(log.room.sittings["c"]) == BY + 4 * MINUTE - INSTANT  # nothing was lost before it
    end = log.room.schedule.end_at
    log.take(presence.restart(log.room, end + MINUTE, 3, BY + 2 * MINUTE), end + MINUTE)
    assert log.room.awaited_until(log.room.sittings["c"]) == end
    log.pass_time(end + MINUTE)
    assert log.room.sittings["c"].incomplete_at == end + MINUTE


def test_nobody_is_given_time_whose_files_came_or_whose_time_was_over() -> None:
    log = writing()
    log.submit(BY, files=[named()], fresh=[""])
    log.pass_time(BY + 3 * MINUTE + INSTANT)
    kinds = [event.kind for event in presence.restart(log.room, BY + 6 * MINUTE, 2, BY + 4 * MINUTE).events]
    assert kinds == ["server_restarted"]
    log = writing()
    arrive(log, T + MINUTE)
    log.submit(BY)
    kinds = [event.kind for event in presence.restart(log.room, BY + 2 * MINUTE, 2, BY + MINUTE).events]
    assert kinds == ["server_restarted"]


def test_the_hand_over_waits_for_the_files_and_names_the_missing_and_the_late() -> None:
    log = writing()
    log.submit(BY, files=[named()], fresh=[""])
    log.pass_time(BY + MINUTE)
    log.take(closing.publish_lists(log.room, BY + MINUTE, by="s", reason=""), BY + MINUTE)
    handing = {"by": "s", "handover": "h", "log_head": (1, "0")}
    with pytest.raises(Refusal, match="room_not_over"):
        closing.hand_over(log.room, BY + MINUTE, **handing)
    log.pass_time(BY + 4 * MINUTE)
    arrive(log, BY + 4 * MINUTE)
    log.pass_time(log.room.schedule.end_at + INSTANT)
    (over,) = closing.hand_over(log.room, BY + 4 * MINUTE, **handing).events
    manifest = json.loads(over.manifest)
    assert manifest["submissions"][0]["missing"] == [{"name": "bài.jpg", "sha256": SHA}]
    assert [each["candidate"] for each in manifest["rejected"]] == ["c"]


@pytest.mark.parametrize(("at", "outcome"), [
    (BY - MINUTE, files.Arrival.WORK),
    (BY, files.Arrival.WORK),
    (BY + INSTANT, files.Arrival.EVIDENCE),
    (T + 95 * MINUTE, files.Arrival.EVIDENCE),
    (T + 95 * MINUTE + INSTANT, "room_ended"),
])  # fmt: skip
def test_as_what_a_file_is_taken_of_who_did_not_submit(at: datetime, outcome: str) -> None:
    log = writing()
    if outcome == "room_ended":
        with pytest.raises(Refusal, match="room_ended"):
            files.may_upload(log.room, at, "c", "laptop")
    else:
        assert files.may_upload(log.room, at, "c", "laptop") is outcome


def test_the_grace_ends_with_the_room_and_grows_with_the_candidates_own_time() -> None:
    log = writing(grace=30)
    known = log.room.sittings["c"]
    assert log.room.awaited_until(known) == T + 95 * MINUTE
    log = writing(grace=3)
    log.submit(BY, files=[named()], fresh=[""])
    with pytest.raises(Refusal, match="room_ended"):
        files.may_upload(log.room, T + 95 * MINUTE + INSTANT, "c", "laptop", "f")


def test_who_submitted_sends_nothing_more_but_what_was_named() -> None:
    log = writing()
    log.submit(BY - MINUTE, files=[named()], fresh=[""])
    assert files.may_upload(log.room, BY - MINUTE, "c", "laptop", "f") is files.Arrival.AWAITED
    with pytest.raises(Refusal, match="already_submitted"):
        files.may_upload(log.room, BY - MINUTE, "c", "laptop", "another")
    with pytest.raises(Refusal, match="not_found"):
        files.to_be_announced(log.room.sittings["c"], "f")  # its upload had begun under that name


@pytest.mark.parametrize("at", [T + MINUTE, BY, BY + INSTANT], ids=["at work", "at the deadline", "as evidence"])
def test_bytes_come_from_the_bound_device_alone(at: datetime) -> None:
    log = writing()
    with pytest.raises(Refusal, match="readmission_needed"):
        files.may_upload(log.room, at, "c", "elsewhere")
    log.take(presence.join_candidate(log.room, at, "c", "elsewhere"), at)
    with pytest.raises(Refusal, match="readmission_needed"):  # asking to take over is not being admitted
        files.may_upload(log.room, at, "c", "elsewhere")
    assert files.may_upload(log.room, at, "c", "laptop")


def test_nothing_is_taken_of_who_was_not_admitted_or_waits_for_the_office_or_once_the_room_is_over() -> None:
    waiting = Log().published("c").attended().waiting("c").pass_time(T)
    with pytest.raises(Refusal, match="not_admitted"):
        files.may_upload(waiting.room, T + MINUTE, "c", "laptop")
    with pytest.raises(Refusal, match="not_admitted"):
        files.arrival(waiting.room, T + MINUTE, waiting.room.sittings["c"])

    held, end = writing(), T + 95 * MINUTE
    held.take(presence.restart(held.room, BY + MINUTE, 2, BY - MINUTE), BY + MINUTE)
    for at in (BY + 2 * MINUTE, end + MINUTE):
        with pytest.raises(Refusal, match="room_held"):
            files.may_upload(held.room, at, "c", "laptop")

    over = writing()
    assert files.may_upload(over.room, end, "c", "laptop") is files.Arrival.EVIDENCE
    with pytest.raises(Refusal, match="room_ended"):
        files.may_upload(over.room, end + INSTANT, "c", "laptop")  # whatever the timer wrote so far
    over.pass_time(end + INSTANT)
    with pytest.raises(Refusal, match="room_ended"):
        files.may_upload(over.room, end, "c", "laptop")


def suspended(log: Log, at: datetime) -> None:
    log.take(conduct.suspend(log.room, at, by="s", candidate="c", reason="Dùng tài liệu"), at)


def resumed(log: Log, at: datetime) -> None:
    replaces = log.stands("suspension", "c")
    log.take(conduct.resume(log.room, at, by="s", candidate="c", reason="Nhầm", replaces=replaces), at)


@pytest.mark.parametrize(("arrived", "kinds", "why"), [
    (T + MINUTE - INSTANT, ["file_received"], None),  # hashed while the exam was suspended; it was there before
    (T + MINUTE, ["late_file_kept"], "suspended"),
    (BY, ["late_file_kept"], "suspended"),
    (BY + INSTANT, ["late_file_kept"], "late"),
])  # fmt: skip
def test_what_comes_of_who_is_suspended_is_evidence_that_says_why(
    arrived: datetime, kinds: list[str], why: str | None
) -> None:
    log = writing()
    suspended(log, T + MINUTE)
    assert arrive(log, arrived) == kinds
    known = log.room.sittings["c"]
    assert [late.why for late in known.late_files] == ([why] if why else [])
    assert bool(known.files) == (why is None)
    over = BY + 6 * MINUTE
    log.pass_time(over).take(closing.publish_lists(log.room, over, by="s", reason=""), over)
    handed = closing.hand_over(log.room, over, by="s", handover="h", log_head=(9, "ab"))
    manifest = json.loads(handed.events[0].manifest)
    assert [each["why"] for each in manifest["rejected"]] == ([why] if why else [])


def test_who_goes_on_sends_the_file_anew_and_it_counts() -> None:
    log = writing()
    suspended(log, T + MINUTE)
    assert files.may_upload(log.room, T + 2 * MINUTE, "c", "laptop") is files.Arrival.EVIDENCE
    assert arrive(log, T + 2 * MINUTE) == ["late_file_kept"]
    resumed(log, T + 3 * MINUTE)
    assert files.may_upload(log.room, T + 4 * MINUTE, "c", "laptop") is files.Arrival.WORK
    assert arrive(log, T + 4 * MINUTE, "anew") == ["file_received"]


def test_nothing_is_taken_of_who_is_suspended_before_the_release() -> None:
    log = Log().published("c").attended().admitted("c")
    suspended(log, T - MINUTE)
    with pytest.raises(Refusal, match="suspended"):
        files.may_upload(log.room, T - MINUTE, "c", "laptop")


def test_another_file_than_was_named_says_so() -> None:
    log = writing()
    log.submit(BY, files=[named()], fresh=[""])
    work = WorkFile("other", "bài.jpg", "image/jpeg", 1, OTHER)
    log.take(files.keep_other(log.room, BY + MINUTE, "c", work, BY + MINUTE), BY + MINUTE)
    assert [late.why for late in log.room.sittings["c"].late_files] == ["not_as_declared"]
