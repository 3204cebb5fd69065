"""What everybody may ask of working days and terms: the calendar, and when an answer would be due."""

from __future__ import annotations

import datetime
from collections.abc import Callable
from typing import Any

from ckan import model
from ckan.logic import validate
from ckan.plugins import toolkit as tk
from ckan.types import Context, DataDict

from ..rules.working_days import YearNotice
from . import keeping, schema
from .days import calendar


@tk.side_effect_free
@validate(schema.foresee)
def govdata_term_foresee(context: Context, data_dict: DataDict) -> dict[str, Any]:
    """When an answer would be due if it were asked for now, and why: each day that is counted or skipped.

    :param topic: such as `open_application_answer`; the topics of rule packs and of promises
    :param received_at: optional, the moment of receipt (ISO, UTC)
    :returns: `running` (false where neither rule nor promise gives a term) and then `kind` (`statutory`, `pack`, `promise`),
        `number`, `article`, `words`, `due_day`, `due_at`, `provisional`, `steps`
    """
    tk.check_access("govdata_term_foresee", context, data_dict)
    found = keeping.foresee(data_dict["topic"], data_dict.get("received_at"))
    return {"running": True, **found.as_dict()} if found else {"running": False}


@tk.side_effect_free
@validate(schema.year)
def govdata_days_show(context: Context, data_dict: DataDict) -> dict[str, Any]:
    """The days off and the weekends worked of a year, by the State Council's notice.

    :param year: this year unless given
    :returns: `year`, `known` (false: every date in that year is provisional), `version`, `source`, `issued`, `off` and
        `work` (`day`, `holiday`), `years` that are known
    """
    tk.check_access("govdata_days_show", context, data_dict)
    days = calendar()
    year = data_dict.get("year") or datetime.datetime.now(datetime.timezone.utc).year
    notice = days.notices.get(year)
    known = {"year": year, "known": notice is not None, "years": sorted(days.notices)}
    return {**known, **_notice(notice)} if notice else {**known, "off": [], "work": []}


@tk.side_effect_free
@validate(schema.agency)
def govdata_term_list(context: Context, data_dict: DataDict) -> list[dict[str, Any]]:
    """Open terms by date, overdue ones first: an agency's for its own people; all for operator and authority.

    :param agency: name or id; without it, every agency's
    :param rows: at most so many, 100 unless given
    :returns: the terms, with `agency_title`, `thing` and `link`
    """
    tk.check_access("govdata_term_list", context, data_dict)
    agency = model.Group.get(data_dict["agency"]) if data_dict.get("agency") else None
    return [one.as_dict() for one in keeping.opened(agency.id if agency else None, min(data_dict["rows"], 1000))]


def _notice(notice: YearNotice) -> dict[str, Any]:
    return {
        "version": notice.version,
        "source": notice.source,
        "issued": notice.issued.isoformat() if notice.issued else None,
        "off": [{"day": day.isoformat(), "holiday": name} for day, name in sorted(notice.off.items())],
        "work": [{"day": day.isoformat(), "holiday": name} for day, name in sorted(notice.work.items())],
    }


ACTIONS: dict[str, Callable[..., Any]] = {
    function.__name__: function for function in (govdata_term_foresee, govdata_days_show, govdata_term_list)
}
