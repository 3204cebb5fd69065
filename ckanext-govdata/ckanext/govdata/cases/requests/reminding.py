"""Days that agencies named for opening data: when one passes, agency and authority hear of it, once a day named."""

from __future__ import annotations

import sqlalchemy as sa
from ckan import model

from ...columns import now
from ...notices import recipients
from ...notices.telling import tell
from ...rules.working_days import day_in_shanghai
from ...workflow.model import Case
from .model import DataRequest


def remind() -> int:
    """Tell of each request that is agreed and whose day has passed; commits. Returns how many notices were written."""
    late = (
        sa.select(DataRequest, Case)
        .join(Case, Case.id == DataRequest.case_id)
        .where(Case.state == "agreed", DataRequest.promised < day_in_shanghai(now()))
    )
    told = 0
    for row, case in model.Session.execute(late).all():
        facts = {"title": row.title, "number": row.number, "day": row.promised.isoformat()}
        to = [recipients.AUTHORITY, *([recipients.agency(case.agency)] if case.agency else [])]
        key = f"promised:{case.id}:{row.promised}"
        told += tell(to, "request_overdue", facts, link=f"/requests/{row.number}", about=case.id, key=key)
    model.Session.commit()
    return told
