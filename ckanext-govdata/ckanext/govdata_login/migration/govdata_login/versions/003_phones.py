"""Telephone numbers that people proved to be theirs."""

import sqlalchemy as sa
from alembic import op

revision = "003"
down_revision = "002"
branch_labels = None
depends_on = None

TEXT = sa.UnicodeText


def upgrade():
    op.create_table(
        "govdata_login_phone",
        sa.Column("user_id", TEXT, sa.ForeignKey("user.id", ondelete="CASCADE"), primary_key=True),
        *(sa.Column(name, TEXT, nullable=False) for name in ("mark", "sealed")),
        sa.Column("proved_at", sa.DateTime(timezone=True), nullable=False),
        sa.UniqueConstraint("mark", name="govdata_login_phone_once"),
    )


def downgrade():
    op.drop_table("govdata_login_phone")
