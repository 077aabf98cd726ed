"""Exams from before there were plans: the regime they are drafts under stands in their plan, as in every other."""

from alembic import op

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    op.execute("""UPDATE exam SET plan = '{"regime":"A"}' WHERE plan = '{}'""")
