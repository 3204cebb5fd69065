"""Tables of access."""

from __future__ import annotations

import sqlalchemy as sa
from ckan.plugins import toolkit as tk
from sqlalchemy.orm import Mapped, mapped_column


class SealedLink(tk.BaseModel):
    """The address of a linked resource whose dataset is not open to everybody.

    CKAN shows `url` to whoever may read the metadata, indexes it and copies it into activities; so such an address is kept
    here, and the gate redirects to it for those who may have the data.
    """

    __tablename__ = "govdata_sealed_link"

    resource_id: Mapped[str] = mapped_column(sa.UnicodeText, primary_key=True)
    package_id: Mapped[str] = mapped_column(sa.UnicodeText, nullable=False, index=True)
    url: Mapped[str] = mapped_column(sa.UnicodeText, nullable=False)
