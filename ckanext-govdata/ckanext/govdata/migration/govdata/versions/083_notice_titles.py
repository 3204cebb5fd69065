"""The title on the notice of a withdrawn dataset; none where it is withheld.

Revision ID: 083
Revises: 082
"""

import sqlalchemy as sa
from alembic import op

revision = "083"
down_revision = "082"
branch_labels = None
depends_on = None


def upgrade():
    op.add_column("govdata_withdrawal", sa.Column("notice_title", sa.UnicodeText, nullable=False, server_default=""))


def downgrade():
    op.drop_column("govdata_withdrawal", "notice_title")
