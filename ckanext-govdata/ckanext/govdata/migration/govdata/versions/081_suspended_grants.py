"""A suspended grant rests on an agreement that may go on: it does not outlive an agreement that was ended.

Revision ID: 081
Revises: 080
"""

from alembic import op

revision = "081"
down_revision = "080"
branch_labels = None
depends_on = None

# An expired agreement counts: its grant's term is over with it.
_TABLES = """
ALTER TABLE govdata_agreement ADD COLUMN may_go_on boolean
    GENERATED ALWAYS AS (state IN ('effective', 'noticed', 'suspended', 'expired')) STORED;
ALTER TABLE govdata_agreement ADD CONSTRAINT govdata_agreement_going_on UNIQUE (id, may_go_on);
ALTER TABLE govdata_grant ADD COLUMN rests_on_going boolean
    GENERATED ALWAYS AS (CASE WHEN kind = 'agreement' AND state = 'suspended' THEN true END) STORED;
ALTER TABLE govdata_grant ADD CONSTRAINT govdata_grant_suspended
    FOREIGN KEY (agreement, rests_on_going)
    REFERENCES govdata_agreement (id, may_go_on) DEFERRABLE INITIALLY DEFERRED NOT VALID;
"""


def upgrade():
    op.execute(_TABLES)


def downgrade():
    op.execute("ALTER TABLE govdata_grant DROP CONSTRAINT govdata_grant_suspended")
    op.execute("ALTER TABLE govdata_grant DROP COLUMN rests_on_going")
    op.execute("ALTER TABLE govdata_agreement DROP CONSTRAINT govdata_agreement_going_on")
    op.execute("ALTER TABLE govdata_agreement DROP COLUMN may_go_on")
