"""Passwords that were set at the command line, until they stand on the office's log."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    op.create_table(
        "password_change",
        sa.Column("change", sa.String(32), primary_key=True),
        sa.Column("staff", sa.String(32), sa.ForeignKey("staff.staff"), nullable=False),
        sa.Column("at", sa.String(40), nullable=False),
    )
