"""Everything that can happen in a room, by kind; one file a subject.

An event is a fact in the past tense. It is written once, to the room's log, and never changed; a correction is a new
event. `EVENTS` maps the kind that stands in the log to the class. Adding a field needs a default, so that old logs
still fold; removing or renaming one is not possible.
"""

from __future__ import annotations

from proctor.exam.events.base import *
from proctor.exam.events.conduct import *
from proctor.exam.events.entry import *
from proctor.exam.events.papers import *
from proctor.exam.events.planning import *
from proctor.exam.events.presence import *
from proctor.exam.events.recording import *
from proctor.exam.events.work import *

EVENTS: dict[str, type[Event]] = all_events(Event)
