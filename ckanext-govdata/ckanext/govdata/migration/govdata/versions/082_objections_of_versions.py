"""Which version an objection is about, whether a right of the objector's own is concerned, and what its correction changed.

Revision ID: 082
Revises: 081
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "082"
down_revision = "081"
branch_labels = None
depends_on = None


def upgrade():
    op.add_column("govdata_objection", sa.Column("version", sa.Integer))
    op.add_column("govdata_objection", sa.Column("own_right", sa.Boolean, nullable=False, server_default=sa.false()))
    op.add_column("govdata_objection", sa.Column("changes", JSONB, nullable=False, server_default="[]"))
    # A version is one of a file.
    op.create_check_constraint(
        "govdata_objection_version", "govdata_objection", "version IS NULL OR resource_id IS NOT NULL"
    )


def downgrade():
    for column in ("changes", "own_right", "version"):
        op.drop_column("govdata_objection", column)
