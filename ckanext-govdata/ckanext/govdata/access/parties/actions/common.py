"""What the actions on parties share: who acts, words for refusals, one way to end a transaction."""

from __future__ import annotations

import datetime
from typing import Any, NoReturn

import sqlalchemy as sa
from ckan import model
from ckan.plugins import toolkit as tk
from ckan.types import Context
from sqlalchemy.exc import IntegrityError

from ....roles.actors import actor_of_context
from ..auth import absent
from ..errors import KeysMissing, NumberRefused
from ..model import Party, Verification

NAME_LENGTH = 200
TEXT_LENGTH = 4000


def acting(context: Context) -> str:
    """The id of whoever acts; a visitor has none and is refused."""
    user_id = actor_of_context(context).user_id
    if user_id is None:
        raise tk.NotAuthorized(tk._("Sign in: this is not for visitors."))
    return user_id


def refuse(field: str, message: str) -> NoReturn:
    """Refuse with a message beside its field."""
    raise tk.ValidationError({field: [message]})


def locked(party_id: str) -> Party:
    """The party, held until the transaction ends: what changes a party is done one after the other."""
    rows = sa.select(Party).where(Party.id == party_id).with_for_update().execution_options(populate_existing=True)
    party = model.Session.scalars(rows).first()
    if party is None:
        raise absent()
    return party


def pending(case_id: str) -> Verification:
    """A case that waits, with its party held."""
    found = model.Session.get(Verification, case_id)
    if found is None:
        raise tk.ObjectNotFound(tk._("There is no such case."))
    locked(found.party_id)
    row = model.Session.get(Verification, case_id, populate_existing=True)
    if row is None or row.state != "pending":
        refuse("id", tk._("This has been decided or taken back already. Look at the party's page."))
    return row


def commit() -> None:
    """End the transaction; somebody else's act at the same moment is told, not raised as a fault."""
    try:
        model.Session.commit()
    except IntegrityError as error:
        raise at_the_same_moment() from error


def at_the_same_moment() -> tk.ValidationError:
    model.Session.rollback()
    message = tk._("Somebody else changed this at the same moment. Look at it again, then repeat what you wanted.")
    return tk.ValidationError({"id": [message]})


def short(field: str, text: str, most: int = TEXT_LENGTH) -> str:
    """A text without blanks around it and of at most so many characters."""
    text = text.strip()
    if not text or len(text) > most:
        refuse(field, tk._("Write between 1 and {most} characters.").format(most=most))
    return text


def moment(value: datetime.datetime | None) -> str | None:
    return value.isoformat() + "Z" if value else None


def number_refused(error: NumberRefused) -> tk.ValidationError:
    """A refused number in the reader's words, beside its field; the number itself is not repeated."""
    fields = {"unknown_document": "document", "wrong_kind": "document", "issuer_missing": "issuer"}
    messages: dict[str, str] = {
        "unknown_document": tk._("This kind of document is not known. Choose one from the list."),
        "wrong_kind": tk._("Persons and enterprises have different documents. Choose one of the right kind."),
        "malformed": tk._("The number does not look like one of this document. Compare it character by character."),
        "wrong_check": tk._("The number's check digit, date or place is wrong. Compare it character by character."),
        "issuer_missing": tk._("Give the issuing state by its three letters, as the document shows it, such as CHN."),
    }
    return tk.ValidationError({fields.get(error.code, "number"): [messages[error.code]]})


def keys_missing(error: KeysMissing) -> tk.ValidationError:
    """The operator's fault, not the reader's: told plainly here, and in detail to the log."""
    message = tk._("Identity numbers cannot be kept at the moment. Please tell the operator of the portal.")
    return tk.ValidationError({"number": [message]})


def names_of(user_ids: set[str]) -> dict[str, str]:
    """Display names of users, for those who may see them."""
    rows: Any = model.Session.scalars(sa.select(model.User).where(model.User.id.in_(user_ids)))
    return {user.id: user.fullname or user.name for user in rows}
