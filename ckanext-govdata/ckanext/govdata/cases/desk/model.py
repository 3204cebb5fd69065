"""Notes on cases: for those who handle a case, sealed; the ledger says of each one that it is there."""

from __future__ import annotations

import datetime

import sqlalchemy as sa
from ckan.plugins import toolkit as tk
from sqlalchemy.orm import Mapped, mapped_column

from ...columns import new_id, now

_TEXT = sa.UnicodeText


class CaseNote(tk.BaseModel):
    """What an officer notes on a case, for whoever handles it next."""

    __tablename__ = "govdata_case_note"

    id: Mapped[str] = mapped_column(_TEXT, primary_key=True, default=new_id)
    case_id: Mapped[str] = mapped_column(_TEXT, nullable=False, index=True)
    by: Mapped[str] = mapped_column(_TEXT, nullable=False)
    at: Mapped[datetime.datetime] = mapped_column(sa.DateTime, nullable=False, default=now)
    sealed: Mapped[bytes] = mapped_column(sa.LargeBinary, nullable=False)
