"""The ledger's schema, where `ckan govdata ledger setup` has not made it: then it belongs to the portal's own role.

Revision ID: 010
Revises: 003
"""

from alembic import op

from ckanext.govdata.ledger.tables import create

revision = "010"
down_revision = "003"
branch_labels = None
depends_on = None


def upgrade():
    connection = op.get_bind()
    if connection.exec_driver_sql("SELECT to_regclass('govdata_ledger.personal')").scalar() is None:
        create(connection.connection.cursor())


def downgrade():
    """Nothing: a ledger is not taken away by going back to an earlier version."""
