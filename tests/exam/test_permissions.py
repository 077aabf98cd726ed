"""Every role against every action. The table is written out a second time, by role, so that a slip shows."""

from __future__ import annotations

import pytest

from proctor.exam.permissions import TABLE, Role, allowed
from proctor.signalling.messages import FROM_PAGE

MAY = {
    Role.CANDIDATE: {
        "join", "ping_clock", "report_device", "consent", "enter_lobby", "publish", "fetch_paper", "paper_opened",
        "save_answer", "upload_file", "read_file", "pair_phone", "submit", "message_seen",
    },
    Role.INVIGILATOR: {
        "join", "ping_clock", "read_state", "admit", "subscribe", "accept", "show", "note_violation", "send_message",
    },
    Role.INSPECTOR: {"join", "ping_clock", "read_state", "read_events", "read_office_events", "replay"},
    Role.TRAINING_OFFICE: {
        "join", "ping_clock", "read_state", "read_events", "list_exams", "create_exam", "create_room",
        "import_roster", "list_staff", "create_staff", "assign_staff", "load_paper", "preview_paper",
        "pull_submissions", "read_office_events",
    },
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
