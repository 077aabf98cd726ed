"""The tables. Moments are ISO 8601 texts in UTC: they sort, and both databases keep their zone."""

from __future__ import annotations

from sqlalchemy import Column, ForeignKey, Index, Integer, LargeBinary, MetaData, String, Table, Text, UniqueConstraint

metadata = MetaData()

installation = Table(
    "installation",
    metadata,
    Column("key", String(32), primary_key=True),
    Column("value", Text, nullable=False),
)

data_keys = Table(
    "data_key",
    metadata,
    Column("purpose", String(32), primary_key=True),
    Column("wrapped_key", LargeBinary, nullable=False),  # under the master key
)

staff = Table(
    "staff",
    metadata,
    Column("staff", String(32), primary_key=True),
    Column("name", String(64), nullable=False, unique=True),
    Column("full_name", String(200), nullable=False),
    Column("role", String(32), nullable=False),
    Column("password_hash", String(200), nullable=False),
    Column("unit", String(200), nullable=False, server_default=""),
)

password_changes = Table(  # set at the command line, and not yet on the office's log
    "password_change",
    metadata,
    Column("change", String(32), primary_key=True),
    Column("staff", ForeignKey("staff.staff"), nullable=False),
    Column("at", String(40), nullable=False),
)

sessions = Table(
    "session",
    metadata,
    Column("digest", String(64), primary_key=True),  # of the cookie's value, which is stored nowhere
    Column("role", String(32), nullable=False),
    Column("subject", String(32), nullable=False),
    Column("expires_at", String(40), nullable=False),
)

exams = Table(
    "exam",
    metadata,
    Column("exam", String(32), primary_key=True),
    Column("title", String(200), nullable=False),
    Column("starts_at", String(40), nullable=False),
    Column("release_at", String(40), nullable=False),
    Column("working_minutes", Integer, nullable=False),
    Column("submit_by", String(40), nullable=False),
    Column("end_at", String(40), nullable=False),
    Column("created_at", String(40), nullable=False),
    Column("plan", Text, nullable=False, server_default="{}"),  # exam/plan.py as JSON
    Column("published_at", String(40)),
)

rooms = Table(
    "room",
    metadata,
    Column("room", String(32), primary_key=True),
    Column("exam", ForeignKey("exam.exam"), nullable=False),
    Column("title", String(200), nullable=False),
    Column("owner_epoch", Integer, nullable=False, default=0),
)

candidates = Table(
    "candidate",
    metadata,
    Column("candidate", String(32), primary_key=True),
    Column("room", ForeignKey("room.room"), nullable=False),
    Column("number", String(64), nullable=False),
    Column("full_name", String(200), nullable=False),
    Column("code_digest", String(64), nullable=False, unique=True),
    Column("code_issued_at", String(40)),  # null: nobody was told the code
    Column("identity", String(64), nullable=False, server_default=""),  # tells people of one name apart
    Column("shares_place", String(64), nullable=False, server_default=""),
    # What the candidate asks for, which may tell of an illness: it stands here, where it can be erased, and in no log.
    Column("wish", String(500), nullable=False, server_default=""),
    Column("wished_minutes", Integer, nullable=False, server_default="0"),
    UniqueConstraint("room", "number"),
    Index("candidate_number", "number"),
)

papers = Table(
    "paper",
    metadata,
    Column("number", Integer, primary_key=True, autoincrement=True),  # the newest of a kind is the exam's
    Column("exam", ForeignKey("exam.exam"), nullable=False),
    Column("sha256", String(64), nullable=False),
    Column("size", Integer, nullable=False),
    Column("wrapped_key", LargeBinary, nullable=False),
    Column("kind", String(16), nullable=False, server_default="main"),  # main, reserve, material
    Column("type", String(100), nullable=False, server_default="application/pdf"),
    Column("confirmed_by", String(32)),  # head of the academic unit
    Column("confirmed_at", String(40)),
)

uploads = Table(
    "upload",
    metadata,
    Column("file", String(32), primary_key=True),
    Column("room", ForeignKey("room.room"), nullable=False),
    Column("candidate", ForeignKey("candidate.candidate"), nullable=False),
    Column("name", String(255), nullable=False),
    Column("type", String(100), nullable=False),
    Column("length", Integer, nullable=False),
    Column("sha256", String(64)),  # once it arrived whole
    Column("removed", Integer, nullable=False, default=0),
    Column("phone", String(32), nullable=False, default="", server_default=""),  # that sent it, if one did
    Column("rejected", Integer, nullable=False, default=0, server_default="0"),  # came too late: evidence
    Column("device", String(64), nullable=False, default="", server_default=""),  # that began it, as the log knows it
    Index("upload_candidate", "room", "candidate"),
)
