"""Posts in agencies, invitations, training, units in charge.

Revision ID: 068
Revises: 065
"""

import sqlalchemy as sa
from alembic import op

revision = "068"
down_revision = "065"
branch_labels = None
depends_on = None

TEXT = sa.UnicodeText


def texts(*names):
    return [sa.Column(name, TEXT, nullable=False) for name in names]


def upgrade():
    op.create_table(
        "govdata_post",
        sa.Column("id", TEXT, primary_key=True),
        *texts("agency_id", "user_id", "capacity", "duty", "appointed_by", "why"),
        sa.Column("until", sa.Date),
        sa.Column("appointed_at", sa.DateTime, nullable=False),
        sa.Column("ended_at", sa.DateTime),
        sa.Column("ended_by", TEXT),
        sa.CheckConstraint("capacity IN ('member', 'editor', 'admin')", name="govdata_post_capacity"),
        sa.CheckConstraint("(ended_at IS NULL) = (ended_by IS NULL)", name="govdata_post_end"),
    )
    op.create_index(
        "govdata_post_held",
        "govdata_post",
        ["agency_id", "user_id"],
        unique=True,
        postgresql_where=sa.text("ended_at IS NULL"),
    )
    op.create_table(
        "govdata_invitation",
        sa.Column("id", TEXT, primary_key=True),
        *texts("agency_id", "capacity", "duty", "mail", "digest", "invited_by"),
        sa.Column("until", sa.Date),
        sa.Column("invited_at", sa.DateTime, nullable=False),
        sa.Column("expires_at", sa.DateTime, nullable=False),
        sa.Column("accepted_by", TEXT),
        sa.Column("accepted_at", sa.DateTime),
        sa.UniqueConstraint("digest"),
    )
    op.create_table(
        "govdata_training",
        sa.Column("id", TEXT, primary_key=True),
        *texts("agency_id", "user_id", "subject", "recorded_by"),
        sa.Column("held_on", sa.Date, nullable=False),
        sa.Column("recorded_at", sa.DateTime, nullable=False),
    )
    op.create_index("ix_govdata_training_agency_id", "govdata_training", ["agency_id"])
    op.create_table(
        "govdata_unit",
        sa.Column("agency_id", TEXT, primary_key=True),
        *texts("unit", "phone", "changed_by"),
        sa.Column("changed_at", sa.DateTime, nullable=False),
    )


def downgrade():
    for table in ("unit", "training", "invitation", "post"):
        op.drop_table(f"govdata_{table}")
