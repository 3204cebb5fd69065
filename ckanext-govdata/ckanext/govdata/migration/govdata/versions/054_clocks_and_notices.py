"""Clocks and notices: years of working days, terms on cases, notices and their ways out.

Revision ID: 054
Revises: 052
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "054"
down_revision = "052"
branch_labels = None
depends_on = None

OPEN = "state IN ('running', 'suspended')"


def _text(name, **more):
    return sa.Column(name, sa.UnicodeText, **more)


def _moment(name, nullable=True):
    return sa.Column(name, sa.DateTime, nullable=nullable)


def _json(name):
    return sa.Column(name, JSONB, nullable=False)


def upgrade():
    op.create_table(
        "govdata_day_notice",
        sa.Column("year", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("version", sa.Integer, primary_key=True, autoincrement=False),
        _text("source", nullable=False),
        sa.Column("issued", sa.Date),
        _json("off"),
        _json("work"),
        _moment("imported_at", nullable=False),
        _text("imported_by"),
    )
    op.create_table(
        "govdata_clock",
        _text("id", primary_key=True),
        _text("case_id", nullable=False, index=True),
        _text("topic", nullable=False),
        _text("kind", nullable=False),
        sa.Column("number", sa.Integer, nullable=False),
        _json("basis"),
        _text("agency_id", index=True),
        _text("thing", nullable=False),
        _text("link", nullable=False),
        _json("tell"),
        _moment("received_at", nullable=False),
        sa.Column("due_day", sa.Date, nullable=False),
        _moment("due_at", nullable=False),
        sa.Column("provisional", sa.Boolean, nullable=False),
        _json("tables"),
        sa.Column("extended_by", sa.Integer, nullable=False),
        _text("extension_reason"),
        _text("state", nullable=False),
        *(_moment(name) for name in ("breached_at", "escalated_at", "reminded_at", "ended_at")),
        sa.CheckConstraint("kind IN ('statutory', 'pack', 'promise')", name="govdata_clock_kind"),
        sa.CheckConstraint("state IN ('running', 'suspended', 'met', 'ended')", name="govdata_clock_state"),
        sa.CheckConstraint("(state IN ('met', 'ended')) = (ended_at IS NOT NULL)", name="govdata_clock_end"),
        sa.CheckConstraint("(extended_by = 0) = (extension_reason IS NULL)", name="govdata_clock_extension"),
        sa.CheckConstraint("breached_at IS NULL OR NOT provisional", name="govdata_clock_provisional"),
    )
    op.create_index(
        "govdata_clock_open", "govdata_clock", ["case_id", "topic"], unique=True, postgresql_where=sa.text(OPEN)
    )
    op.create_index("govdata_clock_due", "govdata_clock", ["due_at"], postgresql_where=sa.text("state = 'running'"))
    op.create_table(
        "govdata_clock_event",
        _text("id", primary_key=True),
        sa.Column("clock_id", sa.UnicodeText, sa.ForeignKey("govdata_clock.id"), nullable=False, index=True),
        sa.Column("n", sa.Integer, nullable=False),
        _text("kind", nullable=False),
        _moment("at", nullable=False),
        _text("by"),
        _json("facts"),
        sa.UniqueConstraint("clock_id", "n", name="govdata_clock_event_order"),
    )
    op.create_table(
        "govdata_notice",
        _text("id", primary_key=True),
        _text("user_id", nullable=False),
        _text("key", nullable=False),
        _text("text", nullable=False),
        _json("facts"),
        _text("link", nullable=False),
        _text("about", index=True),
        _moment("created_at", nullable=False),
        _moment("read_at"),
        sa.UniqueConstraint("user_id", "key", name="govdata_notice_once"),
    )
    op.create_index("govdata_notice_box", "govdata_notice", ["user_id", "created_at"])
    unread = sa.text("read_at IS NULL")
    op.create_index("govdata_notice_unread", "govdata_notice", ["user_id"], postgresql_where=unread)
    op.create_table(
        "govdata_notice_delivery",
        _text("id", primary_key=True),
        sa.Column("notice_id", sa.UnicodeText, sa.ForeignKey("govdata_notice.id"), nullable=False),
        _text("channel", nullable=False),
        _text("reference", nullable=False),
        _text("state", nullable=False),
        sa.Column("attempts", sa.Integer, nullable=False),
        _moment("next_at", nullable=False),
        _moment("sent_at"),
        _text("last_error"),
        sa.CheckConstraint("channel IN ('mail', 'sms')", name="govdata_notice_delivery_channel"),
        sa.CheckConstraint("state IN ('waiting', 'sent', 'dropped')", name="govdata_notice_delivery_state"),
        sa.CheckConstraint("(state = 'sent') = (sent_at IS NOT NULL)", name="govdata_notice_delivery_sent"),
        sa.UniqueConstraint("notice_id", "channel", name="govdata_notice_delivery_once"),
    )
    waiting = sa.text("state = 'waiting'")
    op.create_index("govdata_notice_delivery_waiting", "govdata_notice_delivery", ["next_at"], postgresql_where=waiting)
    op.create_table(
        "govdata_notice_contact",
        _text("user_id", primary_key=True),
        sa.Column("mail", sa.Boolean, nullable=False),
        _text("phone"),
        sa.Column("sms", sa.Boolean, nullable=False),
    )


def downgrade():
    for table in (
        "govdata_notice_contact",
        "govdata_notice_delivery",
        "govdata_notice",
        "govdata_clock_event",
        "govdata_clock",
        "govdata_day_notice",
    ):
        op.drop_table(table)
