"""What the routes need of the rest of the house. `proctor.app` fills it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from aiohttp import web

if TYPE_CHECKING:
    from proctor.changes import Changes
    from proctor.clock import Clock
    from proctor.config import Config
    from proctor.drafts import Drafts
    from proctor.exam_copies import ExamCopies
    from proctor.office import Office
    from proctor.office_log import OfficeLog
    from proctor.phones import Phones
    from proctor.photos import Photos
    from proctor.practice import Practice
    from proctor.printing import Printing
    from proctor.recording.service import RecordingService
    from proctor.rooms import LiveRooms
    from proctor.rosters import Rosters
    from proctor.sign_in import SignIn
    from proctor.signalling.tickets import Tickets
    from proctor.staff_lists import StaffLists
    from proctor.staff_passwords import StaffPasswords
    from proctor.steering import Steering
    from proctor.store.exams import Exams
    from proctor.store.people import People
    from proctor.submission_archive import SubmissionArchive
    from proctor.token_bucket import Buckets
    from proctor.uploads import Uploads


@dataclass(frozen=True)
class Services:
    """The parts that handlers call."""

    config: Config
    clock: Clock
    changes: Changes
    people: People
    sign_in: SignIn
    office: Office
    office_log: OfficeLog
    rosters: Rosters
    staff_lists: StaffLists
    staff_passwords: StaffPasswords
    copies: ExamCopies
    drafts: Drafts
    printing: Printing
    exams: Exams
    rooms: LiveRooms
    uploads: Uploads
    archive: SubmissionArchive
    photos: Photos
    steering: Steering
    phones: Phones
    practice: Practice
    recording: RecordingService
    tickets: Tickets
    coming: Buckets  # how often a person may join and fetch the paper
    end_sockets: Callable[[str], Awaitable[None]]  # of a session that has ended
    media_port: int
    webclient: Path


SERVICES: web.AppKey[Services] = web.AppKey("services")
