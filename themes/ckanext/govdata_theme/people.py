"""In whose name a page asks: the reader's, or everybody's."""

from __future__ import annotations

from typing import Any

from ckan import model
from ckan.plugins import toolkit as tk
from ckan.types import Context


def reader() -> Context:
    """A context that sees what this reader may see, signed in or not."""
    person: Any = tk.current_user
    return Context(user=person.name, auth_user_obj=person)


def everybody() -> Context:
    """A context that sees what every visitor sees, whoever reads."""
    anonymous: Any = model.AnonymousUser()
    return Context(user="", auth_user_obj=anonymous)
