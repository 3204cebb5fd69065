"""Sources, their runs and plans, and what people decided on the way.

Revision ID: 002
Revises: 001
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "002"
down_revision = "001"
branch_labels = None
depends_on = None

TEXT, WHEN, FLAG, NUMBER = sa.UnicodeText, sa.DateTime, sa.Boolean, sa.Integer
OPEN = "state in ('queued', 'planning', 'applying', 'planned', 'in_review')"


def _id():
    return sa.Column("id", TEXT, primary_key=True)


def _of(name, kind, **more):
    return sa.Column(name, kind, nullable=False, **more)


def _job():
    return sa.Column("job_id", TEXT, sa.ForeignKey("govdata_harvest_job.id", ondelete="CASCADE"), nullable=False)


def _source():
    return sa.Column("source_id", TEXT, sa.ForeignKey("govdata_harvest_source.id"), nullable=False)


def _second_person():
    return [
        _of("state", TEXT),
        _of("proposed_by", TEXT),
        _of("proposed_at", WHEN),
        _of("decided_by", TEXT),
        sa.Column("decided_at", WHEN),
        _of("decision_reason", TEXT),
    ]


_DECISION = "state in ('pending', 'holds', 'refused', 'taken_back')"


def upgrade():
    op.create_table(
        "govdata_harvest_source",
        _id(),
        _of("name", TEXT, unique=True),
        _of("title", TEXT),
        _of("kind", TEXT),
        sa.Column("agency_id", TEXT),
        _of("settings", JSONB),
        _of("secrets", TEXT),
        _of("trusted", FLAG),
        _of("state", TEXT),
        _of("every_hours", NUMBER),
        sa.Column("quiet_from", NUMBER),
        sa.Column("quiet_to", NUMBER),
        sa.Column("due_at", WHEN),
        _of("mapping", JSONB),
        _of("mapping_version", NUMBER),
        _of("seen", JSONB),
        _of("failures", NUMBER),
        _of("created_by", TEXT),
        _of("created_at", WHEN),
        sa.CheckConstraint("state in ('active', 'paused', 'deleted')", name="govdata_harvest_source_state"),
    )
    op.create_index("ix_govdata_harvest_source_agency_id", "govdata_harvest_source", ["agency_id"])
    op.create_table(
        "govdata_harvest_mapping",
        _id(),
        _source(),
        _of("version", NUMBER),
        _of("mapping", JSONB),
        _of("reason", TEXT),
        _of("made_by", TEXT),
        _of("made_at", WHEN),
        sa.UniqueConstraint("source_id", "version", name="govdata_harvest_mapping_version"),
    )
    _jobs()
    _plans()
    _decisions()


def _jobs():
    op.create_table(
        "govdata_harvest_job",
        _id(),
        _source(),
        _of("state", TEXT),
        _of("started_by", TEXT),
        *(_of(name, FLAG) for name in ("scheduled", "dry", "agreed", "cancelled")),
        _of("attempts", NUMBER),
        *(sa.Column(name, WHEN) for name in ("not_before", "queued_at", "lease_until")),
        _of("lease_by", TEXT),
        _of("done", NUMBER),
        _of("total", NUMBER),
        _of("file_name", TEXT),
        _of("file_digest", TEXT),
        _of("fetched", JSONB),
        _of("mapping_version", NUMBER),
        sa.Column("run_id", TEXT),
        _of("report", JSONB),
        _of("columns", JSONB),
        _of("cause", TEXT),
        _of("detail", JSONB),
        _of("created_at", WHEN),
        sa.Column("finished_at", WHEN),
        sa.CheckConstraint(
            "state in ('queued', 'planning', 'planned', 'in_review', 'applying', 'finished', 'failed', 'cancelled', "
            "'sent_back')",
            name="govdata_harvest_job_state",
        ),
    )
    op.create_index("ix_govdata_harvest_job_source_id", "govdata_harvest_job", ["source_id"])
    op.create_index(
        "govdata_harvest_job_open", "govdata_harvest_job", ["source_id"], unique=True, postgresql_where=sa.text(OPEN)
    )


def _plans():
    texts = ("sheet", "key", "content", "base", "title", "agency", "package_id", "tier_before", "tier", "asked_tier")
    op.create_table(
        "govdata_harvest_planned",
        sa.Column("id", sa.BigInteger, primary_key=True, autoincrement=True),
        _job(),
        _of("n", NUMBER),
        _of("act", TEXT),
        _of("state", TEXT),
        _of("row", NUMBER),
        *(_of(name, TEXT) for name in texts),
        _of("looser", FLAG),
        _of("decided", FLAG),
        *(_of(name, JSONB) for name in ("causes", "entry", "differences")),
        _of("note", TEXT),
        sa.CheckConstraint(
            "state in ('planned', 'left_out', 'done', 'failed', 'moved')", name="govdata_harvest_planned_state"
        ),
        sa.UniqueConstraint("job_id", "n", name="govdata_harvest_planned_n"),
    )
    op.create_table(
        "govdata_harvest_review",
        _id(),
        _job(),
        _of("reviewer", TEXT),
        sa.Column("accepted", FLAG),
        _of("note", TEXT),
        _of("left_out", NUMBER),
        _of("made_by", TEXT),
        _of("made_at", WHEN),
    )
    op.create_index("ix_govdata_harvest_review_job_id", "govdata_harvest_review", ["job_id"])


def _decisions():
    op.create_table(
        "govdata_harvest_word",
        _id(),
        _source(),
        _of("word", TEXT),
        _of("tier", TEXT),
        _of("reason", TEXT),
        _of("rows", NUMBER),
        *_second_person(),
        sa.CheckConstraint(_DECISION, name="govdata_harvest_word_state"),
    )
    op.create_index("ix_govdata_harvest_word_source_id", "govdata_harvest_word", ["source_id"])
    op.create_table(
        "govdata_harvest_opening",
        _id(),
        _job(),
        _of("reason", TEXT),
        _of("proof_kind", TEXT),
        _of("proof", TEXT),
        *_second_person(),
        sa.CheckConstraint(_DECISION, name="govdata_harvest_opening_state"),
    )
    op.create_index("ix_govdata_harvest_opening_job_id", "govdata_harvest_opening", ["job_id"])


def downgrade():
    for name in ("opening", "word", "review", "planned", "job", "mapping", "source"):
        op.drop_table(f"govdata_harvest_{name}")
