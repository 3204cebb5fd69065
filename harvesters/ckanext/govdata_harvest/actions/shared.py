"""What all actions of harvesting use: finding things, refusing in the reader's language, who is acting."""

from __future__ import annotations

from datetime import datetime
from typing import Any, NoReturn

import sqlalchemy as sa
from ckan import model
from ckan.lib import i18n
from ckan.plugins import toolkit as tk
from ckan.types import Context
from flask import has_request_context

from ckanext.govdata.ledger import journal
from ckanext.govdata.roles.actors import actor_of_context

from ..jobs.domain import Refusal
from ..readers import ListError
from ..source_model import HarvestJob, HarvestSource
from ..words import error_text, language_of, say


def language() -> str:
    """The reader's language: `zh` or `en`."""
    asked = i18n.get_lang() if has_request_context() else ""
    return language_of(str(asked or tk.config.get("ckan.locale_default") or "en"))


def refuse(code: str, field: str, **values: object) -> NoReturn:
    """Refuse with the words of this code."""
    raise tk.ValidationError({field: [say("refusals", code, language(), **values)]})


def refuse_for(refusal: Refusal | None) -> None:
    if refusal is not None:
        refuse(refusal.code, refusal.field)


def refuse_list_error(error: ListError, field: str) -> NoReturn:
    raise tk.ValidationError({field: [error_text(error, language())]}) from None


def source_of(reference: object) -> HarvestSource:
    """A source by id or name. Raises ObjectNotFound."""
    wanted = str(reference or "")
    found = model.Session.scalar(
        sa.select(HarvestSource).where(
            sa.or_(HarvestSource.id == wanted, HarvestSource.name == wanted), HarvestSource.state != "deleted"
        )
    )
    if found is None:
        raise tk.ObjectNotFound(say("refusals", "source_missing", language()))
    return found


def job_of(reference: object, *, lock: bool = False) -> HarvestJob:
    """A run by its id. Raises ObjectNotFound."""
    found = model.Session.get(HarvestJob, str(reference or ""), with_for_update=lock or None, populate_existing=True)
    if found is None:
        raise tk.ObjectNotFound(say("refusals", "run_missing", language()))
    return found


def acting(context: Context) -> str:
    """The id of whoever acts; the portal's own user where nobody is named."""
    actor = actor_of_context(context)
    if actor.user_id:
        return actor.user_id
    found = model.User.get(context.get("user") or tk.get_action("get_site_user")({"ignore_auth": True}, {})["name"])
    return found.id if found else "portal"


def recorded(step: str, context: Context, source_id: str, **more: Any) -> None:
    """Put a decision into the ledger, in the transaction that makes it."""
    fields = {f"govdata.harvest.{name}": value for name, value in more.items() if value not in (None, "")}
    named = {"govdata.harvest.source": source_id} if source_id else {}
    journal.change(step, acting(context), {**named, **fields})


def shown_time(moment: datetime | None) -> str | None:
    return moment.isoformat(timespec="seconds") + "Z" if moment else None


def person(user_id: str) -> str:
    """The name under which a person is shown."""
    user = model.User.get(user_id) if user_id else None
    return (user.fullname or user.name) if user else ""


def agency_title(agency_id: str | None) -> str:
    group = model.Group.get(agency_id) if agency_id else None
    return (group.title or group.name) if group else ""
