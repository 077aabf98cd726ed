"""Which uploaded files came too late, and are kept as evidence."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    op.add_column("upload", sa.Column("rejected", sa.Integer, nullable=False, server_default="0"))
