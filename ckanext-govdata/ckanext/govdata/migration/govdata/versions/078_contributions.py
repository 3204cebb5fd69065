"""Contributions on datasets: ratings, questions, suggestions, reuse.

Revision ID: 078
Revises: 077
"""

import sqlalchemy as sa
from alembic import op

revision = "078"
down_revision = "077"
branch_labels = None
depends_on = None


def upgrade():
    op.create_table(
        "govdata_contribution",
        sa.Column("case_id", sa.UnicodeText, primary_key=True),
        sa.Column("package_id", sa.UnicodeText, nullable=False),
        sa.Column("kind", sa.UnicodeText, nullable=False),
        sa.Column("author", sa.UnicodeText, nullable=False, index=True),
        sa.Column("pseudonym", sa.UnicodeText, nullable=False),
        sa.Column("stars", sa.SmallInteger),
        sa.Column("title", sa.UnicodeText, nullable=False),
        sa.Column("text", sa.UnicodeText, nullable=False),
        sa.Column("url", sa.UnicodeText, nullable=False),
        sa.Column("at", sa.DateTime, nullable=False),
        sa.Column("visible", sa.Boolean, nullable=False),
        sa.Column("answer", sa.UnicodeText, nullable=False),
        sa.Column("answered_at", sa.DateTime),
        sa.Column("living", sa.Boolean, nullable=False),
        sa.CheckConstraint(
            "kind <> 'rating' OR NOT living OR stars BETWEEN 1 AND 5", name="govdata_contribution_stars"
        ),
        sa.CheckConstraint(
            "living OR (text = '' AND title = '' AND url = '' AND NOT visible)", name="govdata_contribution_gone"
        ),
    )
    shown = sa.text("visible")
    op.create_index(
        "govdata_contribution_of_dataset",
        "govdata_contribution",
        ["package_id", "kind", sa.text("at DESC")],
        postgresql_where=shown,
    )
    op.create_index(
        "govdata_contribution_newest", "govdata_contribution", ["kind", sa.text("at DESC")], postgresql_where=shown
    )
    # An account rates a dataset once.
    op.create_index(
        "govdata_contribution_one_rating",
        "govdata_contribution",
        ["package_id", "author"],
        unique=True,
        postgresql_where=sa.text("kind = 'rating' AND living"),
    )


def downgrade():
    op.drop_table("govdata_contribution")
