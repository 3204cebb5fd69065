"""Identities bound to accounts, sessions on the server, second factors."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "001"
down_revision = None
branch_labels = None
depends_on = None

TEXT = sa.UnicodeText
OPEN = sa.text("ended_at IS NULL")


def moment(name, nullable=False):
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)


def account():
    return sa.Column("user_id", TEXT, sa.ForeignKey("user.id", ondelete="CASCADE"), nullable=False)


def upgrade():
    op.create_table(
        "govdata_login_identity",
        sa.Column("id", TEXT, primary_key=True),
        account(),
        sa.Column("provider", TEXT, nullable=False),
        sa.Column("issuer", TEXT, nullable=False),
        sa.Column("subject", TEXT, nullable=False),
        sa.Column("facts", JSONB, nullable=False),
        sa.Column("memberships", JSONB, nullable=False),
        moment("linked_at"),
        moment("signed_in_at"),
        moment("lapsed_at", nullable=True),
        sa.UniqueConstraint("issuer", "subject", name="govdata_login_identity_once"),
    )
    op.create_index("govdata_login_identity_user", "govdata_login_identity", ["user_id"])
    op.create_table(
        "govdata_login_session",
        sa.Column("id", TEXT, primary_key=True),
        sa.Column("digest", TEXT, nullable=False),
        account(),
        sa.Column("method", TEXT, nullable=False),
        *(sa.Column(name, TEXT, nullable=True) for name in ("provider", "issuer", "subject")),
        *(sa.Column(name, TEXT, nullable=True) for name in ("provider_session", "id_token")),
        moment("auth_time"),
        sa.Column("acr", TEXT, nullable=True),
        sa.Column("factors", JSONB, nullable=False),
        sa.Column("waiting", sa.Boolean, nullable=False),
        *(sa.Column(name, TEXT, nullable=False) for name in ("password_mark", "address", "browser")),
        *(moment(name) for name in ("created_at", "seen_at", "expires_at")),
        moment("ended_at", nullable=True),
        sa.Column("end_reason", TEXT, nullable=True),
        sa.UniqueConstraint("digest", name="govdata_login_session_once"),
    )
    op.create_index("govdata_login_session_user", "govdata_login_session", ["user_id"], postgresql_where=OPEN)
    op.create_index(
        "govdata_login_session_provider", "govdata_login_session", ["issuer", "subject"], postgresql_where=OPEN
    )
    op.create_table(
        "govdata_login_factor",
        sa.Column("id", TEXT, primary_key=True),
        account(),
        *(sa.Column(name, TEXT, nullable=False) for name in ("kind", "title", "secret")),
        sa.Column("reference", TEXT, nullable=True),
        sa.Column("counter", sa.BigInteger, nullable=False),
        sa.Column("confirmed", sa.Boolean, nullable=False),
        moment("created_at"),
        moment("used_at", nullable=True),
    )
    op.create_index("govdata_login_factor_user", "govdata_login_factor", ["user_id", "kind"])
    op.create_index(
        "govdata_login_factor_passkey",
        "govdata_login_factor",
        ["reference"],
        unique=True,
        postgresql_where=sa.text("reference IS NOT NULL"),
    )


def downgrade():
    for table in ("factor", "session", "identity"):
        op.drop_table(f"govdata_login_{table}")
