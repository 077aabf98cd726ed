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
    INSPECTOR = "inspector"
    TRAINING_OFFICE = "training_office"
    PHONE = "phone"  # a candidate's telephone: a session that may send files, and nothing else


C, V, S, T = Role.CANDIDATE, Role.INVIGILATOR, Role.INSPECTOR, Role.TRAINING_OFFICE
P = Role.PHONE

TABLE: Mapping[str, frozenset[Role]] = {
    action: frozenset(roles)
    for action, roles in {
        # planning (A14.2b.1: the training office sets rooms up; invigilators cannot)
        "list_exams": {T},
        "create_exam": {T},
        "create_room": {T},
        "import_roster": {T},
        "list_staff": {T},
        "create_staff": {T},
        "assign_staff": {T},
        "load_paper": {T},
        "preview_paper": {T},
        "pull_submissions": {T},
        "read_office_events": {S, T},
        # a room
        "join": {C, V, S, T},
        "read_state": {V, S, T},
        "read_events": {S, T},
        "ping_clock": {C, V, S, T},
        # a candidate's own sitting
        "report_device": {C},
        "consent": {C},
        "enter_lobby": {C},
        "publish": {C},
        "fetch_paper": {C},
        "paper_opened": {C},
        "save_answer": {C},
        "upload_file": {C, P},
        "read_file": {C},
        "pair_phone": {C},
        "read_phone": {P},
        "submit": {C},
        "message_seen": {C},
        # running the room (A14.2c)
        "admit": {V},
        "subscribe": {V},
        "accept": {V},
        "show": {V},
        "note_violation": {V},
        "send_message": {V},
        # replay
        "replay": {S},
    }.items()
}


def allowed(role: Role, action: str) -> bool:
    """Whether `role` may do `action`. An action without a row is denied to everyone."""
    return role in TABLE.get(action, frozenset())
