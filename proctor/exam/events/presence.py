"""Events of people and pages that come and go, and the server itself."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from proctor.exam.events.base import Event, NotLetIn, Reported, SittingEvent


@dataclass(frozen=True, kw_only=True)
class StaffEntered(Event):
    """A member of staff came into the room; whole minutes left to the start, below 0 when late (A14.2c.1).

    `full_name` of who is not assigned to it, as an inspector may be (X35): no other entry tells who that is.
    """

    kind = "staff_entered"
    staff: str
    role: str
    minutes_before_start: int
    full_name: str = ""


@dataclass(frozen=True, kw_only=True)
class StaffRefused(NotLetIn):
    """A member of staff was turned away before the gate opened; whole minutes left to the start (A14.2c.1).

    `full_name` as in `StaffEntered`.
    """

    kind = "staff_refused"
    staff: str
    role: str
    minutes_before_start: int
    full_name: str = ""

    def told_as(self) -> tuple[str, str]:
        return self.staff, self.kind


@dataclass(frozen=True, kw_only=True)
class StaffLeft(Event):
    """The last connection of a member of staff ended."""

    kind = "staff_left"
    staff: str
    happened_at: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class CandidateJoined(Reported):
    """A page of the candidate was let to the door of the room; it holds connection epoch `epoch` from now on.

    `device` is a digest of the device's secret, never the secret.
    """

    kind = "candidate_joined"
    epoch: int
    device: str


@dataclass(frozen=True, kw_only=True)
class CandidateConnected(SittingEvent):
    """The page's signalling connection stands."""

    kind = "candidate_connected"
    epoch: int


@dataclass(frozen=True, kw_only=True)
class CandidateDisconnected(SittingEvent):
    """The signalling connection was lost or closed; `reason` is how it was noticed."""

    kind = "candidate_disconnected"
    epoch: int
    reason: str
    happened_at: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class ServerRestarted(Event):
    """The server came back under a new owner epoch; every connection it held had ended with it.

    `down_since`: when it was last known to run; None if that cannot be told.
    """

    kind = "server_restarted"
    epoch: int
    down_since: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class ServerStoodStill(Event):
    """The server's process stood still from `since` until now and took nothing from anybody; connections that its pages
    gave up meanwhile are found to have ended from now on."""

    kind = "server_stood_still"
    since: datetime


@dataclass(frozen=True, kw_only=True)
class ClockStepped(Event):
    """The system clock was moved by so many seconds against the server's; no deadline moved with it.

    When no server ran, it was set back by at least that: the entry's time lies before that of the entry before. Only
    at such an entry does a log's time go back, and deadlines count by the clock as it is now.
    """

    kind = "clock_stepped"
    seconds: float


@dataclass(frozen=True, kw_only=True)
class MediaChanged(SittingEvent):
    """The candidate's picture and sound `connected`, `stalled`, `resumed` or `closed`."""

    kind = "media_changed"
    state: str
    happened_at: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class RoomUnattended(Event):
    """No invigilator is in the room while candidates are, or should be (A14.2c.8): an alarm."""

    kind = "room_unattended"


@dataclass(frozen=True, kw_only=True)
class RoomAttended(Event):
    """An invigilator is in the room again."""

    kind = "room_attended"


@dataclass(frozen=True, kw_only=True)
class ShiftOffered(Event):
    """An invigilator hands the room over to another, with the matters that are open."""

    kind = "shift_offered"
    by: str
    to: str
    matters: tuple[str, ...]
    note: str = ""


@dataclass(frozen=True, kw_only=True)
class ShiftTaken(Event):
    """The other invigilator has read these open matters and answers for the room."""

    kind = "shift_taken"
    by: str
    matters: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class ShiftLapsed(Event):
    """The offer that `by` had made stands no more: `to` runs the room no more, by an act of the training office."""

    kind = "shift_lapsed"
    by: str
    to: str


@dataclass(frozen=True, kw_only=True)
class RoomHeld(Event):
    """No paper could go out, or the server was down at the deadline of these candidates: until the office decides,
    nothing follows from the clock for them.

    `missed` is "release" or "deadline" when the server was down from `since` to this entry, "deadline" too when it came
    back just before that and they could not, "invigilator" when nobody was there from `since` to submit-by who could
    release the paper; only "deadline" is not everybody's.
    """

    kind = "room_held"
    missed: str
    since: datetime
    candidates: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class HoldResolved(Event):
    """The training office decided how a held room goes on: `shift`, `accept_saved`, or `refer_to_makeup`, which in
    regime B is `refer_to_deferral`."""

    kind = "hold_resolved"
    outcome: str
    reason: str
