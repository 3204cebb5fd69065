"""Actions on model texts, versioned, and on the vocabulary of use codes."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any

import rfc8785
import sqlalchemy as sa
from ckan import model
from ckan.logic import validate
from ckan.plugins import toolkit as tk
from ckan.types import Context, DataDict
from sqlalchemy.exc import IntegrityError

from ...catalogue.record import acting
from ...columns import new_id, now
from ...ledger import journal
from ...roles.actors import actor_of_context
from ...roles.domain import Permission, permits
from ..model import Text
from ..words import refused
from . import schema
from .domain import read_text, starting_body
from .vocabulary import vocabulary


@tk.side_effect_free
@validate(schema.nothing)
def govdata_use_code_list(context: Context, data_dict: DataDict) -> list[dict[str, Any]]:
    """Conditions of use as codes (LYG-24, DCF-25), with their words in Chinese and English and the rules behind them.

    :returns: a list of `code`, `value` (the kind of value it takes, or empty), `label`, `plain`, `clause`, `rules`
    """
    tk.check_access("govdata_use_code_list", context, data_dict)
    return [
        {
            "code": one.code,
            "value": one.value.value,
            "label": dict(one.label),
            "plain": dict(one.plain),
            "clause": dict(one.clause),
            "rules": list(one.rules),
        }
        for one in vocabulary().values()
    ]


@tk.side_effect_free
@validate(schema.nothing)
def govdata_agreement_text_list(context: Context, data_dict: DataDict) -> list[dict[str, Any]]:
    """Model texts of agreements by key and version, the newest first; drafts for the authority alone (LYG-19).

    :returns: a list of texts without their bodies
    """
    tk.check_access("govdata_agreement_text_list", context, data_dict)
    rows = sa.select(Text).order_by(Text.key, Text.version.desc())
    rows = rows if _keeps(context) else rows.where(Text.state != "draft")
    return [_shown(row) for row in model.Session.scalars(rows)]


@tk.side_effect_free
@validate(schema.by_id)
def govdata_agreement_text_show(context: Context, data_dict: DataDict) -> dict[str, Any]:
    """A version of a model text with its clauses.

    :param id: the version's id
    :returns: the text, with `body`
    """
    tk.check_access("govdata_agreement_text_show", context, data_dict)
    row = model.Session.get(Text, data_dict["id"])
    if row is None or (row.state == "draft" and not _keeps(context)):
        raise _absent()
    return {**_shown(row), "body": row.body}


@validate(schema.draft)
def govdata_agreement_text_draft(context: Context, data_dict: DataDict) -> dict[str, Any]:
    """Write the next version of a model text; it is in force only when it is put in force.

    :param key: which text, such as `standard`
    :param body: title, opening and clauses, each in `zh_Hans_CN` and `en`; the text that comes with the portal unless given
    :param note: what changed and why
    :returns: the draft
    """
    tk.check_access("govdata_agreement_text_draft", context, data_dict)
    key, body = data_dict["key"], _body(data_dict.get("body"))
    if not re.fullmatch(r"[a-z][a-z0-9_]{0,40}", key):
        raise tk.ValidationError({"key": [tk._("Small letters, digits and underscores, such as standard.")]})
    with refused():
        read_text(body)
    row = model.Session.scalars(sa.select(Text).where(Text.key == key, Text.state == "draft").with_for_update()).first()
    if row is None:
        last = model.Session.scalar(sa.select(sa.func.max(Text.version)).where(Text.key == key))
        row = Text(id=new_id(), key=key, version=(last or 0) + 1, state="draft")
        model.Session.add(row)
    row.body, row.note, row.made_by, row.made_at = body, data_dict["note"][:2000], acting(context), now()
    return _done(row, acting(context), "drafted")


@validate(schema.by_id)
def govdata_agreement_text_enforce(context: Context, data_dict: DataDict) -> dict[str, Any]:
    """Put a draft in force; the version before it is retired. Agreements made from that one stay as they are.

    :param id: the draft's id
    :returns: the text
    """
    tk.check_access("govdata_agreement_text_enforce", context, data_dict)
    row, by = _locked(data_dict["id"], "draft"), acting(context)
    before = model.Session.scalars(sa.select(Text).where(Text.key == row.key, Text.state == "in_force")).first()
    if before is not None:
        before.state, before.retired_at = "retired", now()
        model.Session.flush()
    row.state, row.in_force_at, row.decided_by = "in_force", now(), by
    return _done(row, by, "enforced")


@validate(schema.by_id)
def govdata_agreement_text_retire(context: Context, data_dict: DataDict) -> dict[str, Any]:
    """Take a model text out of force; until another is put in force no agreement is made from its key.

    :param id: the text's id
    :returns: the text
    """
    tk.check_access("govdata_agreement_text_retire", context, data_dict)
    row = _locked(data_dict["id"], "in_force")
    row.state, row.retired_at = "retired", now()
    return _done(row, acting(context), "retired")


def _done(row: Text, by: str, what: str) -> dict[str, Any]:
    """The step's entry in the ledger, and the end of the transaction."""
    fields = {
        "govdata.text.id": row.id,
        "govdata.text.key": row.key,
        "govdata.text.version": row.version,
        "govdata.text.sha256": journal.digest(rfc8785.dumps(row.body).decode()),
    }
    try:
        model.Session.flush()
        journal.change(f"agreement-text-{what}", by, fields, {"govdata.note": row.note} if row.note else None)
        model.Session.commit()
    except IntegrityError as error:
        model.Session.rollback()
        message = tk._("Somebody else changed this at the same moment. Look at it again, then repeat what you wanted.")
        raise tk.ValidationError({"id": [message]}) from error
    return {**_shown(row), "body": row.body}


def _locked(text_id: str, state: str) -> Text:
    row = model.Session.get(Text, text_id, with_for_update=True, populate_existing=True)
    if row is None:
        raise _absent()
    if row.state != state:
        words = {"draft": tk._("Only a draft is put in force."), "in_force": tk._("This text is not in force.")}
        raise tk.ValidationError({"id": [words[state]]})
    return row


def _body(given: Any) -> dict[str, Any]:
    if not given:
        return starting_body()
    try:
        found = json.loads(given) if isinstance(given, str) else given
        rfc8785.dumps(found)
    except (ValueError, TypeError, rfc8785.CanonicalizationError) as error:
        raise tk.ValidationError({"body": [tk._("This is no JSON.")]}) from error
    if not isinstance(found, dict):
        raise tk.ValidationError({"body": [tk._("This is no JSON.")]})
    return found


def _keeps(context: Context) -> bool:
    return permits(actor_of_context(context), Permission.AGREEMENT_TEXT).allowed


def _absent() -> tk.ObjectNotFound:
    return tk.ObjectNotFound(tk._("There is no such model text."))


def _shown(row: Text) -> dict[str, Any]:
    moments = {name: getattr(row, name) for name in ("made_at", "in_force_at", "retired_at")}
    return {
        **{name: getattr(row, name) for name in ("id", "key", "version", "state", "note")},
        "title": row.body.get("title"),
        **{name: f"{value.isoformat()}Z" if value else None for name, value in moments.items()},
    }


ACTIONS: dict[str, Callable[..., Any]] = {
    "govdata_use_code_list": govdata_use_code_list,
    "govdata_agreement_text_list": govdata_agreement_text_list,
    "govdata_agreement_text_show": govdata_agreement_text_show,
    "govdata_agreement_text_draft": govdata_agreement_text_draft,
    "govdata_agreement_text_enforce": govdata_agreement_text_enforce,
    "govdata_agreement_text_retire": govdata_agreement_text_retire,
}
