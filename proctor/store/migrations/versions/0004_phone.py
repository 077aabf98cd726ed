"""Which telephone an uploaded file came from."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    op.add_column("upload", sa.Column("phone", sa.String(32), nullable=False, server_default=""))
