"""Every message of a room, by direction, with its fields.

docs/PROTOCOL.md tells the same with examples; `tests/signalling/test_protocol_page.py` compares the two.
"""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, ClassVar, Literal

import msgspec

Identifier = Annotated[str, msgspec.Meta(min_length=1, max_length=64)]
Digest = Annotated[str, msgspec.Meta(pattern="^[0-9a-f]{64}$")]
Sdp = Annotated[str, msgspec.Meta(min_length=10, max_length=200_000)]
Seen = Annotated[int, msgspec.Meta(ge=0)]
"""The number of the act that the page shows and this one replaces, 0 for none; see `proctor.exam.acts`."""
Text = Annotated[str, msgspec.Meta(max_length=2_000)]


class Message(msgspec.Struct, forbid_unknown_fields=True):
    """A message from a page. Unknown fields are refused: a typing error is not silently ignored."""


# -- from any page ----------------------------------------------------------------------------------------------------


class PingClock(Message):
    client_time: float


# -- from the candidate -----------------------------------------------------------------------------------------------


class FromCandidate(Message, kw_only=True):
    """`client_time`: what the clock of the page's own computer shows, in ISO 8601; kept beside the server's time."""

    client_time: Annotated[str, msgspec.Meta(max_length=40)] = ""


class ReportDevice(FromCandidate):
    camera: dict[str, Any]
    microphone: dict[str, Any]
    speaker: dict[str, Any] = {}  # whether the tone was heard; empty: not tried, and no whole check
    network: dict[str, Any] = {}
    browser: Annotated[str, msgspec.Meta(max_length=400)] = ""
    language: Annotated[str, msgspec.Meta(max_length=16)] = ""


class Consent(FromCandidate):
    version: Annotated[str, msgspec.Meta(min_length=1, max_length=32)]
    text_sha256: Digest


class AcceptRules(FromCandidate):
    version: Annotated[str, msgspec.Meta(min_length=1, max_length=32)]
    text_sha256: Digest


class EnterLobby(FromCandidate):
    pass


class ReadBriefing(FromCandidate):
    topic: Literal["rules", "submission"]


class RaiseHand(FromCandidate):
    pass


class WriteMessage(FromCandidate):
    text: Text


class MaterialReceived(FromCandidate):
    material: Identifier


class ClosingSeen(FromCandidate):
    version: Annotated[int, msgspec.Meta(ge=1)]


class ReportDiagnosis(FromCandidate):
    """What the page found when it was asked; see `request_diagnosis`."""

    diagnosis: Identifier
    findings: dict[str, Any]


class Publish(FromCandidate):
    epoch: int
    sdp: Sdp
    restarts: bool = False
    """ICE of the connection that stands, which goes on."""


class PaperOpened(FromCandidate):
    sha256: Digest
    """Of the sealed paper that was opened; a reserve may have taken its place meanwhile."""


class SaveAnswer(FromCandidate):
    VERBATIM: ClassVar = ("text",)

    epoch: int
    base_revision: int
    text: Annotated[str, msgspec.Meta(max_length=400_000)]


class NamedFile(msgspec.Struct, forbid_unknown_fields=True):
    """`bytes`, `name` and `type` only of a file that is still on its way; `file` is empty if its upload has not
    begun."""

    file: Annotated[str, msgspec.Meta(max_length=64)]
    sha256: Digest
    bytes: Annotated[int, msgspec.Meta(ge=0)] = 0
    name: Annotated[str, msgspec.Meta(max_length=200)] = ""
    type: Annotated[str, msgspec.Meta(max_length=100)] = "application/octet-stream"


class Submit(FromCandidate):
    epoch: int
    revision: int
    text_sha256: Digest
    files: Annotated[list[NamedFile], msgspec.Meta(max_length=100)]


class MessageSeen(FromCandidate):
    message: Identifier


# -- from staff -------------------------------------------------------------------------------------------------------


class Admit(Message):
    candidates: Annotated[list[Identifier], msgspec.Meta(min_length=1, max_length=50)]
    seen: Annotated[dict[Identifier, int], msgspec.Meta(max_length=50)] = {}
    checks: Annotated[list[Literal["eligibility", "camera", "identity"]], msgspec.Meta(max_length=3)] = []
    replaces: Annotated[dict[Identifier, Seen], msgspec.Meta(max_length=50)] = {}  # the refusals that it lifts


class Check(Message):
    candidate: Identifier
    check: Literal["eligibility", "camera", "identity"]
    passed: bool
    reason: Text = ""
    replaces: Seen = 0


class AskAgain(Message):
    candidate: Identifier
    subject: Literal["face", "card", "camera", "device"]
    text: Text = ""
    replaces: Seen = 0


class RefuseEntry(Message):
    candidate: Identifier
    reason: Text
    replaces: Seen = 0


class DeclineDevice(Message):
    candidate: Identifier
    epoch: Annotated[int, msgspec.Meta(ge=1)]  # of the page that asks, as it was seen
    reason: Text
    replaces: Seen = 0


class HoldBriefing(Message):
    topic: Literal["rules", "submission"]
    replaces: Seen = 0


class AcknowledgeMissingBriefings(Message):
    pass


class DelayRelease(Message):
    until: datetime
    reason: Text
    replaces: Seen = 0


class IceServers(FromCandidate):  # and of whoever watches
    pass


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


class AddNote(Message):
    """To a violation, about a candidate, or, with neither, about the room."""

    text: Text
    candidate: Annotated[str, msgspec.Meta(max_length=64)] = ""
    violation: Annotated[str, msgspec.Meta(max_length=64)] = ""


class DecideViolation(Message):
    violation: Identifier
    status: Literal["confirmed", "dismissed"]
    reason: Text = ""
    replaces: Seen = 0


class Suspend(Message):
    candidate: Identifier
    reason: Text
    replaces: Seen = 0


class Resume(Message):
    candidate: Identifier
    reason: Text
    replaces: Seen = 0


class BeginAbsence(Message):
    candidate: Identifier
    why: Text = ""
    replaces: Seen = 0


class EndAbsence(Message):
    candidate: Identifier
    replaces: Seen = 0


class LowerHand(FromCandidate):
    candidate: Identifier | None = None  # a candidate lowers the own one


class SendMessage(Message):
    to: Annotated[list[Identifier], msgspec.Meta(min_length=1, max_length=50)] | Literal["room"]
    text: Text
    answers: Annotated[str, msgspec.Meta(max_length=64)] = ""


class OfferShift(Message):
    to: Identifier
    note: Text = ""
    replaces: Seen = 0


class TakeShift(Message):
    matters: list[Identifier] = []


class PreviewLists(Message):
    pass


class PublishLists(Message):
    reason: Text = ""
    replaces: Seen = 0
    seen: Annotated[str, msgspec.Meta(max_length=64)] = ""  # of `preview_lists`; empty: any


class HandOver(Message):
    replaces: Seen = 0


class RequestDiagnosis(Message):
    candidate: Identifier


FROM_PAGE: dict[str, type[Message]] = {
    # any page
    "ping_clock": PingClock,
    # candidate
    "report_device": ReportDevice,
    "consent": Consent,
    "accept_rules": AcceptRules,
    "enter_lobby": EnterLobby,
    "publish": Publish,
    "read_briefing": ReadBriefing,
    "paper_opened": PaperOpened,
    "material_received": MaterialReceived,
    "save_answer": SaveAnswer,
    "submit": Submit,
    "raise_hand": RaiseHand,
    "write_message": WriteMessage,
    "message_seen": MessageSeen,
    "closing_seen": ClosingSeen,
    "report_diagnosis": ReportDiagnosis,
    # those who see the room, or are seen
    "ice_servers": IceServers,
    "subscribe": Subscribe,
    "accept": Accept,
    "show": Show,
    # invigilator
    "check": Check,
    "ask_again": AskAgain,
    "refuse_entry": RefuseEntry,
    "decline_device": DeclineDevice,
    "admit": Admit,
    "hold_briefing": HoldBriefing,
    "acknowledge_missing_briefings": AcknowledgeMissingBriefings,
    "delay_release": DelayRelease,
    "note_violation": NoteViolation,
    "decide_violation": DecideViolation,
    "add_note": AddNote,
    "suspend": Suspend,
    "resume": Resume,
    "begin_absence": BeginAbsence,
    "end_absence": EndAbsence,
    "offer_shift": OfferShift,
    "take_shift": TakeShift,
    "preview_lists": PreviewLists,
    "publish_lists": PublishLists,
    "hand_over": HandOver,
    # those who help
    "lower_hand": LowerHand,
    "send_message": SendMessage,
    "request_diagnosis": RequestDiagnosis,
}

# -- from the server: the shapes are those of `proctor.views` ---------------------------------------------------------

FROM_SERVER = (
    "welcome", "room", "sitting", "me", "paper_key", "message", "violation", "note", "staff", "material", "lists",
    "vitals", "showing", "thinned", "diagnose", "diagnosis", "receipt", "superseded", "declined", "rejoin",
    "signed_out", "closing", "words_left",
)  # fmt: skip
