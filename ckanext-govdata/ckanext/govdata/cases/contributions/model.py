"""The table of contributions: what is said of a dataset, under which pseudonym, and the agency's answer."""

from __future__ import annotations

import datetime

import sqlalchemy as sa
from ckan.plugins import toolkit as tk
from sqlalchemy.orm import Mapped, mapped_column

from ...columns import now

_TEXT = sa.UnicodeText
# The index of the database by which an account rates a dataset but once.
ONE_RATING = "govdata_contribution_one_rating"


class Contribution(tk.BaseModel):
    """A contribution beside its case. `visible` follows the case's state; what its author deletes is emptied."""

    __tablename__ = "govdata_contribution"

    case_id: Mapped[str] = mapped_column(_TEXT, primary_key=True)
    package_id: Mapped[str] = mapped_column(_TEXT, nullable=False)
    kind: Mapped[str] = mapped_column(_TEXT, nullable=False)
    author: Mapped[str] = mapped_column(_TEXT, nullable=False)
    pseudonym: Mapped[str] = mapped_column(_TEXT, nullable=False)
    stars: Mapped[int | None] = mapped_column(sa.SmallInteger)
    title: Mapped[str] = mapped_column(_TEXT, nullable=False, default="")
    text: Mapped[str] = mapped_column(_TEXT, nullable=False, default="")
    url: Mapped[str] = mapped_column(_TEXT, nullable=False, default="")
    at: Mapped[datetime.datetime] = mapped_column(sa.DateTime, nullable=False, default=now)
    visible: Mapped[bool] = mapped_column(sa.Boolean, nullable=False, default=False)
    answer: Mapped[str] = mapped_column(_TEXT, nullable=False, default="")
    answered_at: Mapped[datetime.datetime | None] = mapped_column(sa.DateTime)
    living: Mapped[bool] = mapped_column(sa.Boolean, nullable=False, default=True)
