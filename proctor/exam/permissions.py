"""Who may do what: one table, asked in one place, deny by default.

A row is an action, named as its message or route is; its value is the roles that may do it. Being allowed is
necessary, not enough: a person also has to be assigned to the room, and the room has to stand where the act makes
sense. `tests/exam/test_permissions.py` walks every pair.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum


class Role(StrEnum):
    """The roles of this table; the names of GLOSSARY."""

    CANDIDATE = "candidate"
    INVIGILATOR = "invigilator"
    SUPERVISOR = "supervisor"
    INSPECTOR = "inspector"
    TECH_SUPPORT = "tech_support"
    TRAINING_OFFICE = "training_office"
    IT_UNIT = "it_unit"
    UNIT_HEAD = "unit_head"  # head of the academic unit that sets the paper (B22.4)
    PHONE = "phone"  # a candidate's telephone: a session that may send files, and nothing else


C, V, P, S, H = Role.CANDIDATE, Role.INVIGILATOR, Role.SUPERVISOR, Role.INSPECTOR, Role.PHONE
K, T, I, U = Role.TECH_SUPPORT, Role.TRAINING_OFFICE, Role.IT_UNIT, Role.UNIT_HEAD  # noqa: E741
IN_THE_ROOM = {V, P, S, K}
"""Staff who come to a room."""

TABLE: Mapping[str, frozenset[Role]] = {
    action: frozenset(roles)
    for action, roles in {
        # planning (A14.2b.1: the training office sets rooms up with the IT unit; invigilators cannot)
        "list_exams": {T, I, U},
        "watch_changes": {T, I, U, V, P, S, K},
        "create_exam": {T},
        "revise_exam": {T},
        "remove_exam": {T},
        "plan_exam": {T},
        "publish_exam": {T},
        "support_room": {I},
        "confirm_paper": {U},
        "acknowledge_assignment": IN_THE_ROOM,
        "create_room": {T},
        "remove_room": {T},
        "import_roster": {T},
        "read_roster": {T},
        "read_list_template": {T},
        "import_staff": {T},
        "clone_exam": {T},
        "move_candidate": {T},
        "remove_candidate": {T},
        "issue_codes": {T},
        "print_slips": {T},
        "print_attendance": {T},
        "list_staff": {T},
        "create_staff": {T},
        "reset_password": {T},
        "assign_staff": {T},
        "load_paper": {T},
        "preview_paper": {T, U},
        "pull_submissions": {T},
        "read_office_events": {S, T},
        # the office while a room runs (A5.3: only it changes times)
        "shift_times": {T},
        "grant_time": {T},
        "allow_late": {T},
        "use_reserve_paper": {T},
        "give_material": {T},
        "resolve_hold": {T},
        "receive_handover": {T},
        "read_handover": {T},
        # a room
        "join": {C, T} | IN_THE_ROOM,
        "read_state": {T} | IN_THE_ROOM,
        "read_events": {S, T},
        "read_support_log": {P, S, T},
        "read_material": {C, T} | IN_THE_ROOM,
        "ping_clock": {C, T} | IN_THE_ROOM,
        # a candidate's own sitting
        "report_device": {C},
        "consent": {C},
        "accept_rules": {C},
        "take_photo": {C},
        "read_briefing": {C},
        "raise_hand": {C},
        "write_message": {C},
        "material_received": {C},
        "closing_seen": {C},
        "report_diagnosis": {C},
        "enter_lobby": {C},
        "publish": {C},
        "fetch_paper": {C},
        "paper_opened": {C},
        "save_answer": {C},
        "leave_words": {C},
        "keep_late_text": {C},
        "upload_file": {C, H},
        "read_file": {C},
        "read_result": {C},
        "pair_phone": {C},
        "read_phone": {H},
        "submit": {C},
        "message_seen": {C},
        # seeing the room, and being seen
        "ice_servers": {C, V, P, S},
        "subscribe": {V, P, S},
        "accept": {V, P, S},
        "show": {V, P, S},
        "view_photos": {V, S, T},  # the office, as with `replay`: of a room that was handed over to it (A14.2e)
        "view_still": {V, P, S, T},
        "view_clip": {V, P},  # of a violation that was noted; inspectors replay all of it
        # running the room (A14.2c)
        "admit": {V},
        "check": {V},
        "ask_again": {V},
        "refuse_entry": {V},
        "decline_device": {V},
        "hold_briefing": {V},
        "acknowledge_missing_briefings": {V},
        "delay_release": {V},
        "lower_hand": {C, V, K},
        "note_violation": {V},
        "decide_violation": {V},
        "add_note": {V},
        "suspend": {V},
        "resume": {V},
        "begin_absence": {V},
        "end_absence": {V},
        "send_message": {V, K},
        "offer_shift": {V},
        "take_shift": {V},
        "preview_lists": {V},
        "publish_lists": {V},
        "hand_over": {V},
        # helping (A14.2b.2)
        "request_diagnosis": {V, K},
        # replay
        "replay": {S, T},
    }.items()
}


def allowed(role: Role, action: str) -> bool:
    """Whether `role` may do `action`. An action without a row is denied to everyone."""
    return role in TABLE.get(action, frozenset())
