"""Terms of office of authority and operator get a last day.

Revision ID: 073
Revises: 072
"""

import sqlalchemy as sa
from alembic import op

revision = "073"
down_revision = "072"
branch_labels = None
depends_on = None


def upgrade():
    op.add_column("govdata_officer", sa.Column("until", sa.Date, nullable=True))


def downgrade():
    op.drop_column("govdata_officer", "until")
