"""Rows of the DataStore pass the gate: chained before CKAN's own actions, which administrators' calls reach unasked.

Guarantee: no action of the DataStore gives a row, or lets one be found out, without a delivery that was judged and recorded.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Sequence
from typing import Any

from ckan import model
from ckan.plugins import toolkit as tk
from ckan.types import Context, DataDict

from ..cases.objections import marks
from ..catalogue import hiding
from . import sql
from .delivery import Delivery, Denied, open_delivery
from .domain import Reason
from .gate import is_absent_for
from .headings import columns_of
from .items import headings_for
from .messages import message
from .narrowing import OtherColumn, narrowed

Next = Callable[..., Any]
# Actions that write, and by these flags give back rows as they stand.
_GIVING_BACK = {
    "datastore_create": "include_records",
    "datastore_upsert": "include_records",
    "datastore_delete": "include_deleted_records",
    "datastore_records_delete": "include_deleted_records",
}


def _backend() -> Any:
    from ckanext.datastore.backend import DatastoreBackend  # only where the plugin is on

    return DatastoreBackend.get_active_backend()


def resource_of_table(name: str) -> model.Resource | None:
    """The resource whose rows a table or one of its aliases has."""
    found = model.Resource.get(name) if name else None
    if found is None and name:
        _, real = _backend().resource_id_from_alias(name)
        found = model.Resource.get(real) if real else None
    return found


def _open(resource: model.Resource, context: Context) -> Delivery:
    try:
        return open_delivery(resource, hiding.asker(context))
    except Denied as denied:
        raise tk.NotAuthorized(message(denied.verdict.reason)) from denied


def _settle(delivery: Delivery, columns: Sequence[str], rows: int | None) -> None:
    try:
        delivery.settle(columns=columns, rows=rows)
    except Denied as denied:
        raise tk.NotAuthorized(message(denied.verdict.reason)) from denied


def granted_columns(resource: model.Resource, delivery: Delivery) -> list[str]:
    """The table's columns that the grant covers, in order; raises NotAuthorized when the table has none of them."""
    fields = _backend().resource_fields(resource.id, False, False)["fields"]
    names = [str(field["id"]) for field in fields if not str(field["id"]).startswith("_")]
    wanted = headings_for(resource.package, delivery.items)
    found = [names[place] for place in columns_of(names, wanted)]
    if not found:
        raise tk.NotAuthorized(message(delivery.deny(Reason.UNCUTTABLE).verdict.reason))
    return found


def _table_asked(data_dict: DataDict) -> tuple[model.Resource | None, DataDict]:
    """The resource of an order and the order naming it once: where both are given, CKAN reads `id` and not `resource_id`."""
    name = data_dict.get("id") or data_dict.get("resource_id") or ""
    resource = resource_of_table(str(name))
    if resource is None:
        return None, data_dict
    rest = {key: value for key, value in data_dict.items() if key != "id"}
    return resource, {**rest, "resource_id": resource.id}


def _search(next_action: Next, context: Context, data_dict: DataDict) -> Any:
    resource, order = _table_asked(data_dict)
    if context.get("ignore_auth") or resource is None:
        return next_action(context, data_dict)
    delivery = _open(resource, context)
    columns = granted_columns(resource, delivery) if delivery.items else []
    order = _narrowed(order, columns) if delivery.items else order
    answer = next_action(context, order)
    _settle(delivery, columns, _count(answer.get("records")))
    marks.mark_entries([answer], str(resource.package_id))
    return answer


def _narrowed(data_dict: DataDict, columns: Sequence[str]) -> DataDict:
    try:
        return narrowed(data_dict, columns)
    except OtherColumn as error:
        words = tk._(
            "Your agreement covers these columns: {columns}. Name no others, and search for words by column (q as an object)."
        )
        raise tk.ValidationError({error.field: [words.format(columns=", ".join(columns))]}) from error


def _count(records: Any) -> int | None:
    return len(records) if isinstance(records, list) else None


@tk.chained_action
@tk.side_effect_free
def datastore_search(next_action: Next, context: Context, data_dict: DataDict) -> Any:
    """Rows of one table, through the gate."""

    def gated(context: Context, data_dict: DataDict) -> Any:
        return _search(next_action, context, data_dict)

    return _hidden_first(gated, context, data_dict)


# Hidden entries answer as entries that never existed, before the gate is asked anything.
_hidden_first = hiding.hiding_action(hiding.OF_PLUGINS["datastore"][0]["datastore_search"], reading=True)


@tk.chained_action
@tk.side_effect_free
def datastore_search_sql(next_action: Next, context: Context, data_dict: DataDict) -> Any:
    """Rows by SQL, through the gate: each table is judged, and held to the columns of its grant."""
    if context.get("ignore_auth"):
        return next_action(context, data_dict)
    tables = _tables(context, str(data_dict.get("sql") or ""))
    opened = {name: _open(resource, context) for name, resource in tables.items()}
    columns = {name: _columns(tables[name], one) for name, one in opened.items()}
    limits = {name: (tables[name].id, columns[name]) for name in opened if columns[name] or name != tables[name].id}
    statement = sql.held_to(str(data_dict["sql"]), limits) if limits else data_dict.get("sql")
    answer = next_action(context, {**data_dict, "sql": statement})
    for name, delivery in opened.items():
        _settle(delivery, columns[name], _count(answer.get("records")))
    at = marks.earliest({str(one.package_id) for one in tables.values()})
    if at:
        answer[marks.FIELD] = at
    return answer


def _columns(resource: model.Resource, delivery: Delivery) -> list[str]:
    """The columns to which a table is held; none where all of it is granted."""
    return ["_id", *granted_columns(resource, delivery)] if delivery.items else []


def _tables(context: Context, statement: str) -> dict[str, model.Resource]:
    """The visible tables that a statement names; the others, and what cannot be read, get CKAN's own denial."""
    try:
        names = sql.tables_of(statement)
    except sql.Unreadable:
        return {}
    user = hiding.asker(context)
    found = {name: resource for name in names if (resource := resource_of_table(name)) is not None}
    shown = {name: one for name, one in found.items() if not is_absent_for(one.package, user)}
    for _ in range(len(found) - len(shown)):
        model.Package.get(str(uuid.uuid4()))  # what CKAN asks of a table of nothing: a hidden one is not told by time
    return shown


def _giving_back(name: str, flag: str) -> Callable[..., Any]:
    """A chained writing action that gives rows back to those alone whom the gate gives them: else it only writes."""
    hidden_first = hiding.hiding_action(hiding.OF_PLUGINS["datastore"][1][name], reading=False)

    @tk.chained_action
    def writing(next_action: Next, context: Context, data_dict: DataDict) -> Any:
        def gated(context: Context, data_dict: DataDict) -> Any:
            resource, order = _table_asked(data_dict)
            asked = tk.asbool(data_dict.get(flag) or False) and not context.get("ignore_auth")
            if not asked or resource is None:
                return next_action(context, data_dict)
            delivery = _open(resource, context)
            if delivery.items:
                raise tk.NotAuthorized(message(delivery.deny(Reason.UNCUTTABLE).verdict.reason))
            _settle(delivery, (), None)
            return next_action(context, order)

        return hidden_first(gated, context, data_dict)

    return writing


def _carrying() -> Callable[..., Any]:
    """A chained action of functions inside of the DataStore, which could carry rows to where no gate stands: nobody's."""

    @tk.chained_action
    def refusing(next_action: Next, context: Context, data_dict: DataDict) -> Any:
        if context.get("ignore_auth"):
            return next_action(context, data_dict)
        raise tk.NotAuthorized(
            tk._(
                "Functions in the DataStore could carry data past the gate. Change the file instead, and upload it again."
            )
        )

    return refusing


ACTIONS: dict[str, Callable[..., Any]] = {
    "datastore_search": datastore_search,
    "datastore_function_create": _carrying(),
    "datastore_run_triggers": _carrying(),
    "datastore_search_sql": datastore_search_sql,
    **{name: _giving_back(name, flag) for name, flag in _GIVING_BACK.items()},
}
