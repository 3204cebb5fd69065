"""Parties: persons and enterprises, their people, sealed numbers, verifications, blocks and history.

Revision ID: 020
Revises: 010
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "020"
down_revision = "010"
branch_labels = None
depends_on = None

_TABLES = ("event", "block", "evidence", "verification", "invitation", "number", "member")


def _id():
    return sa.Column("id", sa.UnicodeText, primary_key=True)


def _party():
    return sa.Column("party_id", sa.UnicodeText, sa.ForeignKey("govdata_party.id"), nullable=False, index=True)


def _text(name, *rest, null=False, index=None):
    return sa.Column(name, sa.UnicodeText, *rest, nullable=null, index=index)


def _moment(name, null=True):
    return sa.Column(name, sa.DateTime, nullable=null)


def _unique(table, name, columns, where):
    op.create_index(
        f"govdata_party_{table}_{name}", f"govdata_party_{table}", columns, unique=True, postgresql_where=where
    )


def upgrade():
    _make_party()
    _make_member()
    _make_number()
    _make_invitation()
    _make_verification()
    _make_evidence()
    _make_block()
    op.create_table(
        "govdata_party_event",
        _id(),
        _party(),
        _text("event"),
        _text("by"),
        _moment("at", null=False),
        sa.Column("details", JSONB, nullable=False),
    )


def _make_party():
    op.create_table(
        "govdata_party",
        _id(),
        _text("kind"),
        _text("name"),
        _text("state", index=True),
        _moment("verified_at"),
        _text("verified_by", null=True),
        _text("merged_into", sa.ForeignKey("govdata_party.id"), null=True, index=True),
        _text("created_by"),
        _moment("created_at", null=False),
        _moment("ended_at"),
        _moment("purged_at"),
        sa.CheckConstraint("kind IN ('person', 'enterprise')", name="govdata_party_kind"),
        sa.CheckConstraint("state IN ('unverified', 'verified', 'closed', 'merged')", name="govdata_party_state"),
        sa.CheckConstraint("(state = 'merged') = (merged_into IS NOT NULL)", name="govdata_party_merged"),
        sa.CheckConstraint("(state IN ('closed', 'merged')) = (ended_at IS NOT NULL)", name="govdata_party_ended"),
    )


def _make_member():
    op.create_table(
        "govdata_party_member",
        _id(),
        _party(),
        _text("user_id", index=True),
        _text("role"),
        sa.Column("manages", sa.Boolean, nullable=False),
        _moment("confirmed_at"),
        sa.Column("authorised_until", sa.Date),
        _moment("joined_at", null=False),
        _text("invited_by", null=True),
        _moment("ended_at"),
        _text("ended_by", null=True),
        sa.CheckConstraint(
            "role IN ('self', 'legal_representative', 'signer', 'member')", name="govdata_party_member_role"
        ),
        sa.CheckConstraint("(ended_at IS NULL) = (ended_by IS NULL)", name="govdata_party_member_end"),
        sa.CheckConstraint(
            "role <> 'signer' OR confirmed_at IS NULL OR authorised_until IS NOT NULL",
            name="govdata_party_member_authorised",
        ),
    )
    living = "ended_at IS NULL"
    _unique("member", "living", ["party_id", "user_id"], sa.text(living))
    _unique("member", "self", ["user_id"], sa.text(f"{living} AND role = 'self'"))
    chief = f"{living} AND role = 'legal_representative' AND confirmed_at IS NOT NULL"
    _unique("member", "chief", ["party_id"], sa.text(chief))


def _make_number():
    op.create_table(
        "govdata_party_number",
        _id(),
        _party(),
        _text("document"),
        _text("algorithm"),
        _text("key_id", index=True),
        sa.Column("sealed", sa.LargeBinary, nullable=False),
        _text("digest_algorithm"),
        _text("digest_key_id"),
        _text("digest", index=True),
        _text("state"),
        _text("created_by"),
        _moment("created_at", null=False),
        _moment("retired_at"),
        sa.CheckConstraint("state IN ('claimed', 'verified', 'retired')", name="govdata_party_number_state"),
    )
    _unique("number", "verified", ["digest"], sa.text("state = 'verified'"))
    _unique("number", "living", ["party_id", "state"], sa.text("state IN ('claimed', 'verified')"))


def _make_invitation():
    op.create_table(
        "govdata_party_invitation",
        _id(),
        _party(),
        sa.Column("code_digest", sa.UnicodeText, nullable=False, unique=True),
        _text("note"),
        _text("created_by"),
        _moment("created_at", null=False),
        _moment("expires_at", null=False),
        _text("used_by", null=True),
        _moment("used_at"),
        _moment("revoked_at"),
    )


def _make_verification():
    op.create_table(
        "govdata_party_verification",
        _id(),
        _party(),
        _text("kind"),
        _text("member_id", sa.ForeignKey("govdata_party_member.id")),
        _text("number_id", sa.ForeignKey("govdata_party_number.id"), null=True),
        _text("role"),
        sa.Column("authorised_until", sa.Date),
        _text("note"),
        _text("state"),
        _text("asked_by"),
        _moment("asked_at", null=False),
        _text("decided_by", null=True),
        _moment("decided_at"),
        _text("reason"),
        sa.CheckConstraint(
            "kind IN ('identity', 'representative', 'authorisation')", name="govdata_party_verification_kind"
        ),
        sa.CheckConstraint(
            "state IN ('pending', 'accepted', 'refused', 'taken_back')", name="govdata_party_verification_state"
        ),
        sa.CheckConstraint(
            "state = 'pending' OR (decided_by IS NOT NULL AND decided_at IS NOT NULL)",
            name="govdata_party_verification_decided",
        ),
        # Nobody verifies themselves, whatever code writes the row.
        sa.CheckConstraint(
            "state NOT IN ('accepted', 'refused') OR decided_by <> asked_by",
            name="govdata_party_verification_two_persons",
        ),
    )
    _unique("verification", "pending", ["party_id", "kind", "member_id"], sa.text("state = 'pending'"))
    op.create_index("govdata_party_verification_queue", "govdata_party_verification", ["state", "asked_at"])


def _make_evidence():
    op.create_table(
        "govdata_party_evidence",
        _id(),
        _party(),
        _text("verification_id", sa.ForeignKey("govdata_party_verification.id"), index=True),
        _text("media_type"),
        sa.Column("size", sa.Integer, nullable=False),
        _text("algorithm"),
        _text("key_id", index=True),
        sa.Column("sealed", sa.LargeBinary, nullable=False),
        _text("created_by"),
        _moment("created_at", null=False),
    )


def _make_block():
    op.create_table(
        "govdata_party_block",
        _id(),
        _party(),
        _text("breach"),
        _text("reason"),
        _text("basis"),
        sa.Column("danger", sa.Boolean, nullable=False),
        _text("state", index=True),
        _moment("until", null=False),
        _moment("reply_until", null=False),
        _text("proposed_by"),
        _moment("proposed_at", null=False),
        _moment("in_force_at"),
        _text("reply"),
        _text("replied_by", null=True),
        _moment("replied_at"),
        _text("decided_by", null=True),
        _moment("decided_at"),
        _text("decision"),
        _text("appeal"),
        _text("appealed_by", null=True),
        _moment("appealed_at"),
        _text("appeal_decided_by", null=True),
        _moment("appeal_decided_at"),
        _text("appeal_decision"),
        _text("lift_proposed_by", null=True),
        _text("lift_reason"),
        _text("lifted_by", null=True),
        _moment("lifted_at"),
        sa.CheckConstraint("state IN ('noticed', 'in_force', 'dropped', 'lifted')", name="govdata_party_block_state"),
        sa.CheckConstraint("decided_by IS NULL OR decided_by <> proposed_by", name="govdata_party_block_two_persons"),
        sa.CheckConstraint(
            "state <> 'in_force' OR danger OR decided_by IS NOT NULL", name="govdata_party_block_in_force"
        ),
        sa.CheckConstraint("(state = 'lifted') = (lifted_at IS NOT NULL)", name="govdata_party_block_lifted"),
        sa.CheckConstraint(
            "lifted_by IS NULL OR lift_proposed_by IS NULL OR lifted_by <> lift_proposed_by",
            name="govdata_party_block_lift_two_persons",
        ),
    )


def downgrade():
    for table in _TABLES:
        op.drop_table(f"govdata_party_{table}")
    op.drop_table("govdata_party")
