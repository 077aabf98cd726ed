"""What a roster tells of a candidate beside number and name, and whether anybody was told the code."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    op.add_column("candidate", sa.Column("code_issued_at", sa.String(40)))
    op.add_column("candidate", sa.Column("identity", sa.String(64), nullable=False, server_default=""))
    op.add_column("candidate", sa.Column("shares_place", sa.String(64), nullable=False, server_default=""))
    op.add_column("candidate", sa.Column("wish", sa.String(500), nullable=False, server_default=""))
    op.add_column("candidate", sa.Column("wished_minutes", sa.Integer, nullable=False, server_default="0"))
    # Until now every code was told at the import. When that was, only logs know; not before the exam was planned.
    op.execute(
        "UPDATE candidate SET code_issued_at = (SELECT exam.created_at FROM room JOIN exam ON exam.exam = room.exam"
        " WHERE room.room = candidate.room)"
    )
