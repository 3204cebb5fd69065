"""Writing entries in batches: what `package_create` does, for some hundred entries at once.

Each entry is validated by the catalogue's schema, so tier, basis, publication and `private` are judged exactly as for one
that is typed in. Then the rows of the whole batch go in with one statement a table, hooks run, activity and index documents
are written in bulk, and everything commits together: a batch is there whole or not at all.

Run: `IDatasetForm` schemas (by scheming), `IPackageController.create`, `after_dataset_create`, `after_dataset_show`,
`before_dataset_index`. Not run: session events, chained `package_create`, the `action_succeeded` signal, uploaders, default
views. The caller has authorised the act.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

import sqlalchemy as sa
from ckan import model
from ckan import plugins as p
from ckan.lib.plugins import get_permission_labels
from ckan.plugins import toolkit as tk
from ckan.types import Context
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import selectinload

from ..ledger import journal
from .batch.documents import Dictizer, index_documents
from .batch.rows import known_tags, new_id, rows_of
from .batch.schemas import Plans, make_plans

# What only package_create itself can take.
_ALONE = ("groups", "plugin_data", "relationships_as_subject", "relationships_as_object")


@dataclass(frozen=True)
class Outcome:
    """What became of one record: the entry as `package_show` gives it, or the errors that kept it out."""

    position: int
    entry: dict[str, Any] | None
    errors: dict[str, Any] | None = None


@dataclass
class _Pending:
    position: int
    data: dict[str, Any]
    context: Context


class CatalogueWriter:
    """Writes new entries in the name of one user. Not to be shared between threads."""

    def __init__(self, user: model.User, batch_size: int = 200, *, ask_review: bool = False) -> None:
        """`ask_review` sends what may be published through review, as if its agency had entered it (LYG-12)."""
        self._user_id, self._user_name = user.id, user.name
        self._ask_review = ask_review
        self._batch_size = batch_size
        self._plans: Plans = make_plans(self._context())
        self._dictizer = Dictizer()

    def create(self, records: Iterable[dict[str, Any]]) -> Iterator[Outcome]:
        """Write the records, batch by batch, and say of each what became of it, in order.

        A record that is not valid, or that the database refuses, is left out with its errors; the others are written.
        """
        numbered = enumerate(records)
        while batch := list(islice(numbered, self._batch_size)):
            yield from sorted(self._write(batch), key=lambda outcome: outcome.position)

    def _write(self, batch: Sequence[tuple[int, dict[str, Any]]]) -> list[Outcome]:
        pending, outcomes = self._validated(batch)
        try:
            return outcomes + self._written(pending)
        except (SQLAlchemyError, tk.ValidationError) as error:
            model.Session.rollback()
            if len(pending) == 1:
                return [*outcomes, Outcome(pending[0].position, None, _errors_of(error))]
        # Something in this batch the database refuses: one by one, so that the culprit is found and alone left out.
        singly = [pair for pair in batch if pair[0] in {waiting.position for waiting in pending}]
        return outcomes + [outcome for pair in singly for outcome in self._write([pair])]

    def _context(self) -> Context:
        user = model.Session.get(model.User, self._user_id)
        context = Context(user=self._user_name, ignore_auth=True, session=model.Session)
        if user is not None:
            context["auth_user_obj"] = user
        return context

    def _validated(self, batch: Sequence[tuple[int, dict[str, Any]]]) -> tuple[list[_Pending], list[Outcome]]:
        base = self._context()
        self._plans.names.clear()
        self._plans.names.update(_names_taken(record.get("name") for _, record in batch))
        pending: list[_Pending] = []
        refused: list[Outcome] = []
        for position, record in batch:
            context = Context(base)
            context["govdata_ask_review"] = self._ask_review  # pyright: ignore[reportGeneralTypeIssues]
            data, errors = self._validate(record, context)
            if errors:
                refused.append(Outcome(position, None, tk.ValidationError(errors).error_dict))
            else:
                self._plans.names.add(data["name"])
                pending.append(_Pending(position, data, context))
        return pending, refused

    def _validate(self, record: dict[str, Any], context: Context) -> tuple[dict[str, Any], dict[str, Any]]:
        alone = [name for name in _ALONE if record.get(name)]
        if alone or any(resource.get("upload") for resource in record.get("resources") or []):
            message = tk._("Entries with uploads, groups or relationships are written one by one.")
            return record, {(alone or ["resources"])[0]: [message]}
        data, errors = self._plans.create.run({"type": "dataset", **record}, context)
        data["creator_user_id"] = self._user_id
        return data, errors

    def _written(self, pending: list[_Pending]) -> list[Outcome]:
        if not pending:
            return []
        entries = [waiting.data for waiting in pending]
        tag_ids = known_tags(tag["name"] for entry in entries for tag in entry.get("tags") or [])
        rows_of(entries, tag_ids).insert()
        packages = _loaded([entry["id"] for entry in entries])
        shown = []
        for waiting in pending:
            package = packages[waiting.data["id"]]
            _created(package, waiting)
            dictized = self._dictizer.dictized(package, waiting.data, tag_ids, waiting.context)
            shown.append(self._plans.shown(dictized, Context(waiting.context)))
            _after_show(waiting.context, shown[-1][1])
        self._record_activity(packages, [custom for _, custom in shown])
        index_documents(shown)
        self._record_in_ledger(entries)
        model.repo.commit()
        # The packages were loaded for the hooks alone; kept, they would be read again one by one.
        model.Session.expunge_all()
        return [Outcome(waiting.position, custom) for waiting, (_, custom) in zip(pending, shown, strict=True)]

    def _record_in_ledger(self, entries: list[dict[str, Any]]) -> None:
        """That a batch came in, by whom and out of which lists; each entry's tier is an entry of its own (LYG-21)."""
        lists = sorted({str(entry["list_id"]) for entry in entries if entry.get("list_id")})
        fields = {"govdata.import.count": len(entries), "govdata.import.lists": lists[:20]}
        journal.change("catalogue-import", self._user_id, fields)

    def _record_activity(self, packages: dict[str, model.Package], shown: list[dict[str, Any]]) -> None:
        if not p.plugin_loaded("activity") or not tk.config.get("ckan.activity_streams_enabled"):
            return
        from ckanext.activity.model import Activity

        labels = get_permission_labels()
        moment = sa.func.timezone("utc", sa.func.now())
        rows = [
            {
                "id": new_id(),
                "user_id": self._user_id,
                "object_id": entry["id"],
                "activity_type": "new package",
                "data": {"package": entry, "actor": self._user_name},
                "permission_labels": labels.get_dataset_labels(packages[entry["id"]]),
            }
            for entry in shown
        ]
        model.Session.execute(sa.insert(Activity).values(timestamp=moment), rows)


def _names_taken(names: Iterable[Any]) -> list[str]:
    wanted = sorted({str(name) for name in names if name})
    found = model.Session.query(model.Package.name).filter(
        model.Package.name.in_(wanted), model.Package.state != "deleted"
    )
    return [name for (name,) in found] if wanted else []


def _loaded(ids: list[str]) -> dict[str, model.Package]:
    """The packages as objects for the hooks, by one query; held here, they answer CKAN's look-ups by id without another."""
    found = model.Session.query(model.Package).filter(model.Package.id.in_(ids))
    # Hooks look at an entry's resources: read them for all at once.
    return {package.id: package for package in found.options(selectinload(model.Package.resources_all))}  # pyright: ignore


def _created(package: model.Package, waiting: _Pending) -> None:
    for item in p.PluginImplementations(p.IPackageController):
        item.create(package)
        item.after_dataset_create(waiting.context, waiting.data)


def _after_show(context: Context, entry: dict[str, Any]) -> None:
    for item in p.PluginImplementations(p.IPackageController):
        item.after_dataset_show(context, entry)


def _errors_of(error: Exception) -> dict[str, Any]:
    if isinstance(error, tk.ValidationError):
        return dict(error.error_dict)
    return {"database": [type(error).__name__]}
