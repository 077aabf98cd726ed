"""The device at which a file of the work was begun."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    op.add_column("upload", sa.Column("device", sa.String(64), nullable=False, server_default=""))
