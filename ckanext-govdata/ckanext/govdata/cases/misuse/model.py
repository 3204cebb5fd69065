"""Tables of reports of misuse: how each stands, and all words sealed. No column is for an address, an account or a name."""

from __future__ import annotations

import datetime
from typing import Any

import sqlalchemy as sa
from ckan.plugins import toolkit as tk
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

_TEXT = sa.UnicodeText


class MisuseReport(tk.BaseModel):
    """A report beside its case. `party_id` and `agreements` are what handlers tied it to; who reported is nowhere."""

    __tablename__ = "govdata_misuse_report"

    case_id: Mapped[str] = mapped_column(_TEXT, primary_key=True)
    number: Mapped[str] = mapped_column(_TEXT, nullable=False, unique=True)
    code: Mapped[str] = mapped_column(_TEXT, nullable=False)
    kind: Mapped[str] = mapped_column(_TEXT, nullable=False)
    day: Mapped[datetime.date] = mapped_column(sa.Date, nullable=False)
    party_id: Mapped[str | None] = mapped_column(_TEXT, index=True)
    agreements: Mapped[list[Any]] = mapped_column(JSONB, nullable=False, default=list)


class MisuseWords(tk.BaseModel):
    """A piece of what was said, encrypted: by whoever reports (`report`, `added`), or by the handler (`question`, `reply`)."""

    __tablename__ = "govdata_misuse_words"

    case_id: Mapped[str] = mapped_column(_TEXT, primary_key=True)
    n: Mapped[int] = mapped_column(sa.Integer, primary_key=True)
    kind: Mapped[str] = mapped_column(_TEXT, nullable=False)
    day: Mapped[datetime.date] = mapped_column(sa.Date, nullable=False)
    sealed: Mapped[bytes] = mapped_column(sa.LargeBinary, nullable=False)
