"""Every message of a room, by direction, with its fields.

docs/PROTOCOL.md tells the same with examples; `tests/signalling/test_protocol_page.py` compares the two.
"""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

import msgspec

Identifier = Annotated[str, msgspec.Meta(min_length=1, max_length=64)]
Digest = Annotated[str, msgspec.Meta(pattern="^[0-9a-f]{64}$")]
Sdp = Annotated[str, msgspec.Meta(min_length=10, max_length=200_000)]
Text = Annotated[str, msgspec.Meta(max_length=2_000)]


class Message(msgspec.Struct, forbid_unknown_fields=True):
    """A message from a page. Unknown fields are refused: a typing error is not silently ignored."""


# -- from any page ----------------------------------------------------------------------------------------------------


class PingClock(Message):
    client_time: float


# -- from the candidate -----------------------------------------------------------------------------------------------


class ReportDevice(Message):
    camera: dict[str, Any]
    microphone: dict[str, Any]
    network: dict[str, Any] = {}
    browser: Annotated[str, msgspec.Meta(max_length=400)] = ""
    language: Annotated[str, msgspec.Meta(max_length=16)] = ""


class Consent(Message):
    version: Annotated[str, msgspec.Meta(min_length=1, max_length=32)]
    text_sha256: Digest


class EnterLobby(Message):
    pass


class Publish(Message):
    epoch: int
    sdp: Sdp


class PaperOpened(Message):
    pass


class SaveAnswer(Message):
    epoch: int
    base_revision: int
    text: Annotated[str, msgspec.Meta(max_length=400_000)]
    client_time: Annotated[str, msgspec.Meta(max_length=40)]


class NamedFile(msgspec.Struct, forbid_unknown_fields=True):
    file: Identifier
    sha256: Digest


class Submit(Message):
    epoch: int
    revision: int
    text_sha256: Digest
    files: Annotated[list[NamedFile], msgspec.Meta(max_length=100)]


class MessageSeen(Message):
    message: Identifier


# -- from the invigilator ---------------------------------------------------------------------------------------------


class Admit(Message):
    candidates: Annotated[list[Identifier], msgspec.Meta(min_length=1, max_length=50)]
    seen: Annotated[dict[Identifier, int], msgspec.Meta(max_length=50)] = {}


class Subscribe(Message):
    tiles: Annotated[int, msgspec.Meta(ge=1, le=56)]


class Accept(Message):
    subscription: Identifier
    sdp: Sdp


class Show(Message):
    subscription: Identifier
    tiles: Annotated[dict[str, Identifier | None], msgspec.Meta(max_length=56)]
    focus: Identifier | None = None


class NoteViolation(Message):
    candidate: Identifier
    category: Annotated[str, msgspec.Meta(max_length=32)]
    text: Text = ""
    since: datetime | None = msgspec.field(name="from", default=None)
    until: datetime | None = msgspec.field(name="to", default=None)


class SendMessage(Message):
    to: Annotated[list[Identifier], msgspec.Meta(min_length=1, max_length=50)] | Literal["room"]
    text: Text


FROM_PAGE: dict[str, type[Message]] = {
    "ping_clock": PingClock,
    "report_device": ReportDevice,
    "consent": Consent,
    "enter_lobby": EnterLobby,
    "publish": Publish,
    "paper_opened": PaperOpened,
    "save_answer": SaveAnswer,
    "submit": Submit,
    "message_seen": MessageSeen,
    "admit": Admit,
    "subscribe": Subscribe,
    "accept": Accept,
    "show": Show,
    "note_violation": NoteViolation,
    "send_message": SendMessage,
}

# -- from the server: the shapes are those of `proctor.views` ---------------------------------------------------------

FROM_SERVER = (
    "welcome", "room", "sitting", "me", "paper_key", "message", "violation", "vitals", "showing", "superseded",
    "rejoin", "signed_out", "closing",
)  # fmt: skip
