"""Uses: requests to count, counts by month, deliveries and denials as rows.

Revision ID: 040
Revises: 030
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "040"
down_revision = "030"
branch_labels = None
depends_on = None


def _text(name, **more):
    return sa.Column(name, sa.UnicodeText, **more)


def upgrade():
    op.create_table(
        "govdata_use_event",
        sa.Column("id", sa.BigInteger, primary_key=True, autoincrement=True),
        sa.Column("at", sa.DateTime, nullable=False, index=True),
        *(_text(name, nullable=False) for name in ("dataset_id", "kind", "client", "item")),
        sa.Column("visitor", sa.LargeBinary, nullable=False),
    )
    op.create_table(
        "govdata_use_count",
        _text("dataset_id", primary_key=True),
        sa.Column("month", sa.Date, primary_key=True),
        _text("kind", primary_key=True),
        _text("client", primary_key=True),
        sa.Column("count", sa.BigInteger, nullable=False),
    )
    op.create_table(
        "govdata_use",
        sa.Column("entry_id", sa.UUID(as_uuid=False), primary_key=True),
        sa.Column("at", sa.DateTime, nullable=False),
        _text("mode", nullable=False),
        _text("outcome", nullable=False),
        *(_text(name) for name in ("reason", "tier", "dataset_id", "agency_id", "resource_id", "version", "sha256")),
        sa.Column("columns", JSONB),
        sa.Column("rows", sa.BigInteger),
        sa.Column("bytes", sa.BigInteger),
        sa.Column("whole", sa.Boolean),
        *(_text(name) for name in ("grant_id", "agreement_id", "party_id", "user_id", "client_id")),
    )
    for what, column in (
        ("dataset", "dataset_id"),
        ("agency", "agency_id"),
        ("party", "party_id"),
        ("user", "user_id"),
    ):
        op.create_index(f"govdata_use_of_{what}", "govdata_use", [column, "at"])
    op.create_index("govdata_use_of_version", "govdata_use", ["resource_id", "version"])
    op.create_table(
        "govdata_use_progress",
        _text("name", primary_key=True),
        sa.Column("seq", sa.BigInteger, nullable=False),
    )


def downgrade():
    for table in ("govdata_use_progress", "govdata_use", "govdata_use_count", "govdata_use_event"):
        op.drop_table(table)
