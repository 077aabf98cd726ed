"""Every role against every action. The table is written out a second time, by role, so that a slip shows."""

from __future__ import annotations

import pytest

from proctor.exam.permissions import TABLE, Role, allowed
from proctor.signalling.messages import FROM_PAGE

SEEING = {"ice_servers", "subscribe", "accept", "show"}
IN_THE_ROOM = {"join", "ping_clock", "read_state", "read_material", "acknowledge_assignment"}
MAY = {
    Role.CANDIDATE: {
        "join", "ping_clock", "report_device", "consent", "accept_rules", "take_photo", "enter_lobby", "publish",
        "ice_servers",
        "read_briefing", "fetch_paper", "paper_opened", "material_received", "read_material", "save_answer",
        "leave_words", "keep_late_text",
        "upload_file", "submit", "raise_hand", "lower_hand", "write_message", "message_seen", "closing_seen",
        "report_diagnosis", "read_file", "read_result", "pair_phone",
    },
    Role.INVIGILATOR: IN_THE_ROOM | SEEING | {
        "view_photos", "view_still", "view_clip", "admit", "check", "ask_again", "refuse_entry", "decline_device",
        "hold_briefing", "delay_release",
        "acknowledge_missing_briefings",
        "lower_hand", "note_violation", "decide_violation", "add_note", "suspend", "resume", "begin_absence",
        "end_absence", "send_message", "offer_shift", "take_shift", "publish_lists", "hand_over", "request_diagnosis",
        "preview_lists", "watch_changes",
    },
    Role.SUPERVISOR: IN_THE_ROOM | SEEING | {"view_still", "view_clip", "read_support_log", "watch_changes"},
    Role.INSPECTOR: IN_THE_ROOM | SEEING | {
        "view_photos", "view_still", "read_events", "read_office_events", "replay", "read_support_log",
        "watch_changes",
    },
    Role.TECH_SUPPORT: IN_THE_ROOM | {"lower_hand", "send_message", "request_diagnosis", "watch_changes"},
    Role.TRAINING_OFFICE: {
        "join", "ping_clock", "read_state", "read_events", "read_material", "list_exams", "create_exam", "plan_exam",
        "publish_exam", "create_room", "import_roster", "list_staff", "create_staff", "assign_staff", "load_paper",
        "preview_paper", "pull_submissions", "read_office_events", "shift_times", "grant_time", "allow_late",
        "use_reserve_paper", "give_material", "resolve_hold", "receive_handover", "read_roster", "read_list_template",
        "import_staff", "clone_exam", "move_candidate", "issue_codes", "print_slips", "print_attendance",
        "view_still", "read_support_log", "watch_changes", "revise_exam", "remove_room", "remove_candidate",
        "remove_exam", "read_handover", "reset_password", "view_photos", "replay",
    },
    Role.IT_UNIT: {"list_exams", "support_room", "watch_changes"},
    Role.UNIT_HEAD: {"list_exams", "confirm_paper", "preview_paper", "watch_changes"},
    Role.PHONE: {"upload_file", "read_phone"},
}  # fmt: skip
ACTIONS = sorted({*TABLE, *(action for actions in MAY.values() for action in actions)})


@pytest.mark.parametrize("role", list(Role))
@pytest.mark.parametrize("action", ACTIONS)
def test_every_pair(role: Role, action: str) -> None:
    assert allowed(role, action) is (action in MAY[role])


@pytest.mark.parametrize("role", list(Role))
def test_an_action_without_a_row_is_denied(role: Role) -> None:
    assert not allowed(role, "delete_everything")


def test_every_message_has_a_row() -> None:
    assert set(FROM_PAGE) <= set(TABLE)
