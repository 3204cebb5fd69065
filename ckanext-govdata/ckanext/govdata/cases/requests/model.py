"""Tables of requests for data: what everybody reads once it is shown, the asker's own words sealed, and one voice an account."""

from __future__ import annotations

import datetime

import sqlalchemy as sa
from ckan.plugins import toolkit as tk
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column

from ...columns import now

_TEXT = sa.UnicodeText


class DataRequest(tk.BaseModel):
    """A request beside its case. `title` and `text` are empty until the operator shows them; `words` has the asker's own."""

    __tablename__ = "govdata_data_request"

    case_id: Mapped[str] = mapped_column(_TEXT, primary_key=True)
    number: Mapped[str] = mapped_column(_TEXT, nullable=False, unique=True)
    title: Mapped[str] = mapped_column(_TEXT, nullable=False, default="")
    text: Mapped[str] = mapped_column(_TEXT, nullable=False, default="")
    words: Mapped[bytes] = mapped_column(sa.LargeBinary, nullable=False)
    voices: Mapped[int] = mapped_column(sa.Integer, nullable=False, default=1)
    grams: Mapped[list[str]] = mapped_column(ARRAY(_TEXT), nullable=False, default=list)
    filed_at: Mapped[datetime.datetime] = mapped_column(sa.DateTime, nullable=False, default=now)
    promised: Mapped[datetime.date | None] = mapped_column(sa.Date)
    answered_at: Mapped[datetime.datetime | None] = mapped_column(sa.DateTime)
    late: Mapped[bool | None] = mapped_column(sa.Boolean)
    reply: Mapped[str] = mapped_column(_TEXT, nullable=False, default="")
    package_id: Mapped[str | None] = mapped_column(_TEXT)
    into: Mapped[str | None] = mapped_column(_TEXT)


class DataRequestVoice(tk.BaseModel):
    """Somebody who asks for the same: one row an account."""

    __tablename__ = "govdata_data_request_voice"

    case_id: Mapped[str] = mapped_column(_TEXT, primary_key=True)
    user_id: Mapped[str] = mapped_column(_TEXT, primary_key=True)
    at: Mapped[datetime.datetime] = mapped_column(sa.DateTime, nullable=False, default=now)
