"""What is decided of an exam before it is published; papers by what they are for, with their confirmation."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    with op.batch_alter_table("exam") as exam:
        exam.add_column(sa.Column("plan", sa.Text, nullable=False, server_default="{}"))
        exam.add_column(sa.Column("published_at", sa.String(40)))
    with op.batch_alter_table("paper") as paper:
        paper.add_column(sa.Column("kind", sa.String(16), nullable=False, server_default="main"))
        paper.add_column(sa.Column("type", sa.String(100), nullable=False, server_default="application/pdf"))
        paper.add_column(sa.Column("confirmed_by", sa.String(32)))
        paper.add_column(sa.Column("confirmed_at", sa.String(40)))
