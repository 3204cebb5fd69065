"""What the portal says of uses: counts to everybody, an agency's to the agency, one's own, and traces to the offices."""

from __future__ import annotations

import datetime
import re
from collections.abc import Callable
from typing import Any

from ckan import model
from ckan.logic import validate
from ckan.plugins import toolkit as tk
from ckan.types import Context, DataDict

from ..catalogue.record import acting
from ..ledger import journal
from . import schema, statistics, tracing

_ROWS, _MOST_ROWS = 50, 1000
# What an agency learns of a use of its conditional data: which party, under which agreement, what; not the person.
_FOR_AGENCIES = (
    *("entry_id", "at", "mode", "outcome", "reason", "tier", "dataset_id", "resource_id", "version", "columns", "rows"),
    *("bytes", "whole", "grant_id", "agreement_id", "party_id"),
)
_UNCONDITIONAL = "unconditional"
_NOT_UNCONDITIONAL = ("conditional", "not_open")
# What a trace may start from.
_STARTS = {"dataset": "dataset_id", "resource": "resource_id", "version": "version", "sha256": "sha256"} | {
    "party": "party_id",
    "user": "user_id",
}

# An id, a digest, the moment that names a version.
_IDENTIFIER = re.compile(r"[0-9a-f-]{32,64}|[0-9T:.Z+-]{10,32}|v?[0-9.]{1,16}")


@tk.side_effect_free
@validate(schema.of_dataset)
def govdata_use_statistics(context: Context, data_dict: DataDict) -> dict[str, Any]:
    """How often a dataset was viewed, downloaded and called by month (UTC), by COUNTER's rules; robots are left out.

    :param id: the dataset
    :returns: `months`, oldest first: `month`, `views`, `downloads`, `api_calls`, and of these those `_by_scripts`
    """
    tk.check_access("govdata_use_statistics", context, data_dict)
    entry = tk.get_action("package_show")(tk.fresh_context(context), {"id": data_dict["id"]})
    return {"dataset": entry["name"], "months": statistics.months_of(entry["id"])}


@tk.side_effect_free
@validate(schema.of_agency)
def govdata_use_list(context: Context, data_dict: DataDict) -> dict[str, Any]:
    """How an agency's data is used (YZ-30). For the agency's own people, the operator and the authority.

    Uses and denials of conditional data one by one, with party and agreement; of unconditional data counts, never persons.

    :param agency: name or id of the agency
    :param id: only of this dataset
    :param since: from this moment on (ISO, UTC)
    :param until: before this moment
    :returns: `count` and `results` (newest first; `rows`, at most 1000, from `start`), `counts` of unconditional data
    """
    tk.check_access("govdata_use_list", context, data_dict)
    tracing.project()
    where = {"agency_id": _agency(data_dict["agency"]).id}
    if data_dict.get("id"):
        package = model.Package.get(data_dict["id"])
        where["dataset_id"] = package.id if package else data_dict["id"]
    single = {**where, "tier": _NOT_UNCONDITIONAL}
    found = tracing.uses(single, *_term(data_dict), *_page(data_dict))
    return {
        "count": tracing.number(single, *_term(data_dict)),
        "results": [{name: row[name] for name in _FOR_AGENCIES} for row in found],
        "counts": tracing.counts_of({**where, "tier": _UNCONDITIONAL}),
    }


@tk.side_effect_free
@validate(schema.page)
def govdata_use_own(context: Context, data_dict: DataDict) -> dict[str, Any]:
    """What the signed-in user has taken, and what was denied. Each entry's receipt: `govdata_ledger_receipt`.

    :returns: `count` and `results`, newest first; `rows`, at most 1000, from `start`
    """
    tk.check_access("govdata_use_own", context, data_dict)
    tracing.project()
    where = {"user_id": acting(context)}
    found = tracing.uses(where, *_term(data_dict), *_page(data_dict))
    return {"count": tracing.number(where, *_term(data_dict)), "results": found}


@validate(schema.trace)
def govdata_use_trace(context: Context, data_dict: DataDict) -> dict[str, Any]:
    """Who has this version, what has this party (LYG-21, LYG-26). For operator and authority; the trace is itself an entry.

    Names and addresses are told as far as they are not purged.

    :param reason: why it is traced; the ledger commits to it
    :param dataset: id or name; or any of `resource`, `version`, `sha256`, `party`, `user` (id or name); all given must fit
    :returns: `count` and `results`, newest first; `rows`, at most 1000, from `start`
    """
    tk.check_access("govdata_use_trace", context, data_dict)
    where = _where(data_dict)
    tracing.project()
    found = tracing.uses(where, *_term(data_dict), *_page(data_dict))
    behind = tracing.persons([row["entry_id"] for row in found])
    answer = {
        "count": tracing.number(where, *_term(data_dict)),
        "results": [{**row, **behind.get(row["entry_id"], {})} for row in found],
    }
    _record_trace(context, data_dict["reason"], where, len(found))
    return answer


def _record_trace(context: Context, reason: str, where: dict[str, Any], shown: int) -> None:
    """Before anybody reads the answer: who has looked persons up, by what, how many."""
    by = {f"govdata.trace.{name.removesuffix('_id')}": value for name, value in where.items()}
    # Somebody may have asked by a person's name; what is no identifier is committed to like the reason.
    words = {name: value for name, value in by.items() if not _IDENTIFIER.fullmatch(value)}
    plain = {name: value for name, value in by.items() if name not in words}
    said = {**plain, "govdata.trace.shown": shown}
    journal.change("uses-traced", acting(context), said, {**words, **journal.in_words(reason)})
    model.Session.commit()


def _where(data_dict: DataDict) -> dict[str, Any]:
    given = {column: str(data_dict[name]) for name, column in _STARTS.items() if data_dict.get(name)}
    if not given:
        message = tk._("Say what to trace: a dataset, a resource, a version, a digest, a party or a user.")
        raise tk.ValidationError({"dataset": [message]})
    for column, kind in (("dataset_id", model.Package), ("user_id", model.User)):
        found = kind.get(given[column]) if column in given else None
        if found is not None:
            given[column] = found.id
    return given


def _agency(reference: str) -> model.Group:
    agency = model.Group.get(reference)
    if agency is None or not agency.is_organization:
        raise tk.ObjectNotFound(tk._("Agency not found."))
    return agency


def _term(data_dict: DataDict) -> tuple[datetime.datetime | None, datetime.datetime | None]:
    return data_dict.get("since"), data_dict.get("until")


def _page(data_dict: DataDict) -> tuple[int, int]:
    return min(int(data_dict.get("rows") or _ROWS), _MOST_ROWS), int(data_dict.get("start") or 0)


ACTIONS: dict[str, Callable[..., Any]] = {
    "govdata_use_statistics": govdata_use_statistics,
    "govdata_use_list": govdata_use_list,
    "govdata_use_own": govdata_use_own,
    "govdata_use_trace": govdata_use_trace,
}
