"""Requests for data: what is public of each, the asker's words sealed, and one voice an account.

Revision ID: 076
Revises: 075
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import ARRAY

revision = "076"
down_revision = "075"
branch_labels = None
depends_on = None


def upgrade():
    op.create_table(
        "govdata_data_request",
        sa.Column("case_id", sa.UnicodeText, primary_key=True),
        sa.Column("number", sa.UnicodeText, nullable=False, unique=True),
        sa.Column("title", sa.UnicodeText, nullable=False),
        sa.Column("text", sa.UnicodeText, nullable=False),
        sa.Column("words", sa.LargeBinary, nullable=False),
        sa.Column("voices", sa.Integer, nullable=False),
        sa.Column("grams", ARRAY(sa.UnicodeText), nullable=False),
        sa.Column("filed_at", sa.DateTime, nullable=False),
        sa.Column("promised", sa.Date),
        sa.Column("answered_at", sa.DateTime),
        sa.Column("late", sa.Boolean),
        sa.Column("reply", sa.UnicodeText, nullable=False),
        sa.Column("package_id", sa.UnicodeText),
        sa.Column("into", sa.UnicodeText),
        sa.CheckConstraint("(answered_at IS NULL) = (late IS NULL)", name="govdata_data_request_answer"),
    )
    op.create_index(
        "govdata_data_request_ranked", "govdata_data_request", [sa.text("voices DESC"), sa.text("filed_at DESC")]
    )
    # Arrays of words are indexed by what PostgreSQL brings; pg_trgm is an extension, and drops Han characters in locale C.
    op.create_index("govdata_data_request_grams", "govdata_data_request", ["grams"], postgresql_using="gin")
    op.create_table(
        "govdata_data_request_voice",
        sa.Column("case_id", sa.UnicodeText, primary_key=True),
        sa.Column("user_id", sa.UnicodeText, primary_key=True),
        sa.Column("at", sa.DateTime, nullable=False),
    )
    op.create_index("govdata_data_request_voice_of", "govdata_data_request_voice", ["user_id"])


def downgrade():
    op.drop_table("govdata_data_request_voice")
    op.drop_table("govdata_data_request")
