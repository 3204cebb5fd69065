"""Grants and their use, shut datasets, digests of files.

Revision ID: 030
Revises: 020
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "030"
down_revision = "020"
branch_labels = None
depends_on = None


def upgrade():
    op.create_table(
        "govdata_grant",
        sa.Column("id", sa.UnicodeText, primary_key=True),
        sa.Column("kind", sa.UnicodeText, nullable=False),
        sa.Column("package_id", sa.UnicodeText, nullable=False, index=True),
        sa.Column("party_id", sa.UnicodeText, index=True),
        sa.Column("user_id", sa.UnicodeText, index=True),
        sa.Column("agreement", sa.UnicodeText, nullable=False),
        sa.Column("modes", JSONB, nullable=False),
        sa.Column("items", JSONB, nullable=False),
        sa.Column("files", JSONB, nullable=False),
        sa.Column("addresses", JSONB, nullable=False),
        sa.Column("quota", sa.Integer),
        sa.Column("starts_at", sa.DateTime, nullable=False),
        sa.Column("ends_at", sa.DateTime, nullable=False),
        sa.Column("state", sa.UnicodeText, nullable=False),
        sa.Column("reason", sa.UnicodeText, nullable=False),
        sa.Column("asked_by", sa.UnicodeText, nullable=False),
        sa.Column("asked_at", sa.DateTime, nullable=False),
        sa.Column("decided_by", sa.UnicodeText),
        # An inspection takes two persons, whatever code writes the row.
        sa.CheckConstraint(
            "kind <> 'inspection' OR state IN ('requested', 'refused')"
            " OR (decided_by IS NOT NULL AND decided_by <> asked_by AND decided_by <> user_id)",
            name="govdata_grant_two_persons",
        ),
        sa.CheckConstraint(
            "kind = 'agreement' AND party_id IS NOT NULL AND user_id IS NULL AND agreement <> ''"
            " OR kind = 'inspection' AND user_id IS NOT NULL AND party_id IS NULL",
            name="govdata_grant_holder",
        ),
        sa.CheckConstraint(
            "state IN ('requested', 'running', 'suspended', 'revoked', 'refused')", name="govdata_grant_state"
        ),
        sa.CheckConstraint("starts_at < ends_at", name="govdata_grant_term"),
    )
    op.create_table(
        "govdata_grant_step",
        sa.Column("id", sa.UnicodeText, primary_key=True),
        sa.Column("grant_id", sa.UnicodeText, nullable=False, index=True),
        sa.Column("state", sa.UnicodeText, nullable=False),
        sa.Column("reason", sa.UnicodeText, nullable=False),
        sa.Column("done_by", sa.UnicodeText, nullable=False),
        sa.Column("done_at", sa.DateTime, nullable=False),
    )
    op.create_table(
        "govdata_grant_use",
        sa.Column("grant_id", sa.UnicodeText, primary_key=True),
        sa.Column("day", sa.Date, primary_key=True),
        sa.Column("count", sa.Integer, nullable=False),
    )
    op.create_table(
        "govdata_shutting",
        sa.Column("id", sa.UnicodeText, primary_key=True),
        sa.Column("package_id", sa.UnicodeText, nullable=False, index=True),
        sa.Column("reason", sa.UnicodeText, nullable=False),
        sa.Column("shut_by", sa.UnicodeText, nullable=False),
        sa.Column("shut_at", sa.DateTime, nullable=False),
        sa.Column("proposed_by", sa.UnicodeText),
        sa.Column("proposed_at", sa.DateTime),
        sa.Column("proposal", sa.UnicodeText, nullable=False),
        sa.Column("opened_by", sa.UnicodeText),
        sa.Column("opened_at", sa.DateTime),
        # Opening again takes two persons, whatever code writes the row.
        sa.CheckConstraint(
            "opened_by IS NULL OR (proposed_by IS NOT NULL AND opened_by <> proposed_by)",
            name="govdata_shutting_two_persons",
        ),
        sa.CheckConstraint("(opened_by IS NULL) = (opened_at IS NULL)", name="govdata_shutting_opened"),
    )
    op.create_index(
        "govdata_shutting_now",
        "govdata_shutting",
        ["package_id"],
        unique=True,
        postgresql_where=sa.text("opened_at IS NULL"),
    )
    op.create_table(
        "govdata_file_digest",
        sa.Column("location", sa.UnicodeText, primary_key=True),
        sa.Column("stamp", sa.UnicodeText, nullable=False),
        sa.Column("sha256", sa.UnicodeText, nullable=False),
    )


def downgrade():
    for table in (
        "govdata_file_digest",
        "govdata_shutting",
        "govdata_grant_use",
        "govdata_grant_step",
        "govdata_grant",
    ):
        op.drop_table(table)
