"""The unit that a member of staff belongs to (A21.3)."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    op.add_column("staff", sa.Column("unit", sa.String(200), nullable=False, server_default=""))
