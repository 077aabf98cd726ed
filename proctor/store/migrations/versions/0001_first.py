"""People, sessions, exams, rooms, papers, uploads, and the ledger."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

BIG = sa.BigInteger().with_variant(sa.Integer, "sqlite")


def upgrade() -> None:
    op.create_table(
        "installation",
        sa.Column("key", sa.String(32), primary_key=True),
        sa.Column("value", sa.Text, nullable=False),
    )
    op.create_table(
        "staff",
        sa.Column("staff", sa.String(32), primary_key=True),
        sa.Column("name", sa.String(64), nullable=False, unique=True),
        sa.Column("full_name", sa.String(200), nullable=False),
        sa.Column("role", sa.String(32), nullable=False),
        sa.Column("password_hash", sa.String(200), nullable=False),
    )
    op.create_table(
        "session",
        sa.Column("digest", sa.String(64), primary_key=True),
        sa.Column("role", sa.String(32), nullable=False),
        sa.Column("subject", sa.String(32), nullable=False),
        sa.Column("expires_at", sa.String(40), nullable=False),
    )
    op.create_table(
        "exam",
        sa.Column("exam", sa.String(32), primary_key=True),
        sa.Column("title", sa.String(200), nullable=False),
        sa.Column("starts_at", sa.String(40), nullable=False),
        sa.Column("release_at", sa.String(40), nullable=False),
        sa.Column("working_minutes", sa.Integer, nullable=False),
        sa.Column("submit_by", sa.String(40), nullable=False),
        sa.Column("end_at", sa.String(40), nullable=False),
        sa.Column("created_at", sa.String(40), nullable=False),
    )
    op.create_table(
        "room",
        sa.Column("room", sa.String(32), primary_key=True),
        sa.Column("exam", sa.String(32), sa.ForeignKey("exam.exam"), nullable=False),
        sa.Column("title", sa.String(200), nullable=False),
        sa.Column("owner_epoch", sa.Integer, nullable=False),
    )
    op.create_table(
        "candidate",
        sa.Column("candidate", sa.String(32), primary_key=True),
        sa.Column("room", sa.String(32), sa.ForeignKey("room.room"), nullable=False),
        sa.Column("number", sa.String(64), nullable=False),
        sa.Column("full_name", sa.String(200), nullable=False),
        sa.Column("code_digest", sa.String(64), nullable=False, unique=True),
        sa.UniqueConstraint("room", "number"),
    )
    op.create_index("candidate_number", "candidate", ["number"])
    op.create_table(
        "paper",
        sa.Column("number", sa.Integer, primary_key=True, autoincrement=True),
        sa.Column("exam", sa.String(32), sa.ForeignKey("exam.exam"), nullable=False),
        sa.Column("sha256", sa.String(64), nullable=False),
        sa.Column("size", sa.Integer, nullable=False),
        sa.Column("wrapped_key", sa.LargeBinary, nullable=False),
    )
    op.create_table(
        "upload",
        sa.Column("file", sa.String(32), primary_key=True),
        sa.Column("room", sa.String(32), sa.ForeignKey("room.room"), nullable=False),
        sa.Column("candidate", sa.String(32), sa.ForeignKey("candidate.candidate"), nullable=False),
        sa.Column("name", sa.String(255), nullable=False),
        sa.Column("type", sa.String(100), nullable=False),
        sa.Column("length", sa.Integer, nullable=False),
        sa.Column("sha256", sa.String(64)),
        sa.Column("removed", sa.Integer, nullable=False),
    )
    op.create_index("upload_candidate", "upload", ["room", "candidate"])
    op.create_table(
        "ledger_entry",
        sa.Column("room", sa.String(32), primary_key=True),
        sa.Column("seq", BIG, primary_key=True),
        sa.Column("epoch", sa.Integer, nullable=False),
        sa.Column("at", sa.String(40), nullable=False),
        sa.Column("kind", sa.String(64), nullable=False),
        sa.Column("actor", sa.String(64), nullable=False),
        sa.Column("header", sa.LargeBinary, nullable=False),
        sa.Column("hash", sa.LargeBinary(32), nullable=False),
    )
    op.create_table(
        "ledger_payload",
        sa.Column("room", sa.String(32), primary_key=True),
        sa.Column("seq", BIG, primary_key=True),
        sa.Column("salt", sa.LargeBinary(16), nullable=False),
        sa.Column("payload", sa.LargeBinary, nullable=False),
        sa.ForeignKeyConstraint(["room", "seq"], ["ledger_entry.room", "ledger_entry.seq"]),
    )
