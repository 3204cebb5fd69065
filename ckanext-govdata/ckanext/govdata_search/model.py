"""The table that every index is a projection of: the latest state of each search document, numbered in order of commit."""

from __future__ import annotations

import sqlalchemy as sa
from ckan.plugins import toolkit as tk
from sqlalchemy import event

TABLE = "govdata_search_document"
SEQUENCE = "govdata_search_number"


class SearchDocument(tk.BaseModel):  # type: ignore[name-defined]
    """One document as CKAN built it, or its deletion.

    A row is written without a number in the transaction that changes the dataset. Once committed it gets the next number,
    and what it replaces is removed; so numbers never appear out of order, and reading on from a number misses nothing.
    A row without a key deletes all documents of its site.
    """

    __tablename__ = TABLE
    __table_args__ = (
        sa.Index("govdata_search_document_waiting", "id", postgresql_where=sa.text("number IS NULL")),
        sa.Index("govdata_search_document_key", "index_id"),
        sa.Index("govdata_search_document_number", "number", unique=True),
    )

    id = sa.Column(sa.BigInteger, primary_key=True, autoincrement=True)
    number = sa.Column(sa.BigInteger, nullable=True)
    index_id = sa.Column(sa.UnicodeText, nullable=True)
    site_id = sa.Column(sa.UnicodeText, nullable=False)
    document = sa.Column(sa.UnicodeText, nullable=True)
    written_at = sa.Column(sa.DateTime(timezone=True), nullable=False, server_default=sa.func.now())


NUMBERS = sa.Sequence(SEQUENCE, data_type=sa.BigInteger, metadata=tk.BaseModel.metadata)

# As migration 002 does it: PostgreSQL before 14, and one that was built without it, has no lz4.
event.listen(
    SearchDocument.__table__,
    "after_create",
    sa.DDL(
        f"""DO $$ BEGIN
        IF EXISTS (SELECT FROM pg_settings WHERE name = 'default_toast_compression' AND 'lz4' = ANY (enumvals)) THEN
            ALTER TABLE {TABLE} ALTER COLUMN document SET COMPRESSION lz4;
        END IF;
        END $$"""
    ),
)
