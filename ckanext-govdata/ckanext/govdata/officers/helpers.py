"""What templates ask of officers."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ckan.common import current_user
from ckan.plugins import toolkit as tk

from ..roles.actors import actor_of_user
from ..roles.domain import Role


def govdata_sees_officers() -> bool:
    """Whether the register of officers is for whoever asks: an agency's decider, the operator, the authority."""
    if not current_user.is_authenticated:
        return False
    return Role.DECIDER in actor_of_user(current_user).roles or tk.h.check_access("govdata_post_list")


HELPERS: dict[str, Callable[..., Any]] = {"govdata_sees_officers": govdata_sees_officers}
