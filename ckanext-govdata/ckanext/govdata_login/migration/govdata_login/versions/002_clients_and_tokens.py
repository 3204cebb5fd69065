"""Programs that people registered, and the tokens given to them."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "002"
down_revision = "001"
branch_labels = None
depends_on = None

TEXT = sa.UnicodeText


def moment(name, nullable=False):
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)


def account():
    return sa.Column("user_id", TEXT, sa.ForeignKey("user.id", ondelete="CASCADE"), nullable=False)


def upgrade():
    op.create_table(
        "govdata_login_client",
        sa.Column("id", TEXT, primary_key=True),
        account(),
        *(sa.Column(name, TEXT, nullable=False) for name in ("title", "method", "secret")),
        *(sa.Column(name, JSONB, nullable=False) for name in ("keys", "redirects", "scopes")),
        moment("created_at"),
        moment("rotated_at", nullable=True),
        moment("ended_at", nullable=True),
    )
    op.create_index("govdata_login_client_owner", "govdata_login_client", ["user_id"])
    op.create_table(
        "govdata_login_token",
        sa.Column("id", TEXT, primary_key=True),
        sa.Column("client_id", TEXT, sa.ForeignKey("govdata_login_client.id", ondelete="CASCADE"), nullable=False),
        account(),
        *(sa.Column(name, TEXT, nullable=False) for name in ("family", "access")),
        sa.Column("refresh", TEXT, nullable=True),
        sa.Column("scopes", JSONB, nullable=False),
        *(moment(name) for name in ("created_at", "expires_at")),
        *(moment(name, nullable=True) for name in ("refresh_until", "rotated_at", "ended_at")),
        sa.Column("end_reason", TEXT, nullable=True),
        sa.UniqueConstraint("access", name="govdata_login_token_access"),
    )
    op.create_index(
        "govdata_login_token_refresh",
        "govdata_login_token",
        ["refresh"],
        unique=True,
        postgresql_where=sa.text("refresh IS NOT NULL"),
    )
    op.create_index(
        "govdata_login_token_user", "govdata_login_token", ["user_id"], postgresql_where=sa.text("ended_at IS NULL")
    )
    op.create_index("govdata_login_token_family", "govdata_login_token", ["family"])
    op.create_index("govdata_login_token_client", "govdata_login_token", ["client_id"])


def downgrade():
    for table in ("token", "client"):
        op.drop_table(f"govdata_login_{table}")
