"""Lists, the runs that took them in, and what each run did to which entry.

Revision ID: 001
Revises:
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade():
    op.create_table(
        "govdata_harvest_list",
        sa.Column("id", sa.UnicodeText, primary_key=True),
        sa.Column("created_at", sa.DateTime, nullable=False),
        sa.Column("created_by", sa.UnicodeText, nullable=False),
    )
    op.create_table(
        "govdata_harvest_run",
        sa.Column("id", sa.UnicodeText, primary_key=True),
        sa.Column("list_id", sa.UnicodeText, sa.ForeignKey("govdata_harvest_list.id"), nullable=False),
        sa.Column("revision", sa.Integer, nullable=False),
        sa.Column("state", sa.UnicodeText, nullable=False),
        sa.Column("user_id", sa.UnicodeText, nullable=False),
        sa.Column("file_name", sa.UnicodeText, nullable=False),
        sa.Column("file_digest", sa.UnicodeText, nullable=False),
        sa.Column("file_kept", sa.Boolean, nullable=False),
        sa.Column("started_at", sa.DateTime, nullable=False),
        sa.Column("finished_at", sa.DateTime),
        sa.Column("report", JSONB, nullable=False),
        sa.CheckConstraint("state in ('running', 'finished', 'failed', 'undone')", name="govdata_harvest_run_state"),
        sa.UniqueConstraint("list_id", "revision", name="govdata_harvest_run_revision"),
    )
    op.create_index(
        "govdata_harvest_run_running",
        "govdata_harvest_run",
        ["list_id"],
        unique=True,
        postgresql_where=sa.text("state = 'running'"),
    )
    op.create_table(
        "govdata_harvest_step",
        sa.Column("id", sa.BigInteger, primary_key=True, autoincrement=True),
        sa.Column(
            "run_id", sa.UnicodeText, sa.ForeignKey("govdata_harvest_run.id", ondelete="CASCADE"), nullable=False
        ),
        sa.Column("act", sa.UnicodeText, nullable=False),
        sa.Column("package_id", sa.UnicodeText, nullable=False),
        sa.Column("row", sa.Integer, nullable=False),
        sa.Column("sheet", sa.UnicodeText, nullable=False),
        sa.Column("differences", JSONB, nullable=False),
        sa.CheckConstraint("act in ('added', 'changed', 'returned', 'withdrawn')", name="govdata_harvest_step_act"),
    )
    op.create_index("govdata_harvest_step_run", "govdata_harvest_step", ["run_id"])
    op.create_index("govdata_harvest_step_package", "govdata_harvest_step", ["package_id"])


def downgrade():
    op.drop_table("govdata_harvest_step")
    op.drop_table("govdata_harvest_run")
    op.drop_table("govdata_harvest_list")
