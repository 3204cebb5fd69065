"""The gate with CKAN around it: finds the facts of a dataset and a visitor, and asks the domain."""

from __future__ import annotations

import datetime
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from ckan import model
from ckan.common import current_user
from flask import g, has_request_context, request

from .. import config
from ..catalogue.hiding import is_hidden_from
from ..catalogue.standing import standing_of
from ..catalogue.visibility import labels_of_user
from ..columns import now
from ..roles.actors import actor_of_user, forget_actors
from .bearers import Bearer, bearer
from .domain import Facts, GrantFacts, Mode, Verdict, decide
from .grants import grants_for
from .model import Shutting

# How each route takes data; whatever is not named here shows it on a page.
_DOWNLOADING = ("resource.download", "govdata_data.version", "datastore.dump", "resource_proxy.proxy_view", "file.")


@dataclass(frozen=True)
class Asking:
    """Who asks for which dataset's data, of which file, how, and from where; enough to ask again without the request."""

    package_id: str
    user_id: str | None
    file: str | None = None
    mode: Mode | None = None
    address: str | None = None
    bearer: Bearer | None = None

    def verdict(self) -> Verdict | None:
        """What the gate says at this moment; None when the dataset is gone."""
        forget_actors()
        package = model.Session.get(model.Package, self.package_id, populate_existing=True)
        user = model.Session.get(model.User, self.user_id, populate_existing=True) if self.user_id else None
        return _judge(package, user, self) if package else None


def asking(package: model.Package, user: Any, file: str | None = None) -> Asking:
    """The question of the request that is being answered; outside of requests, no address is judged."""
    user_id = actor_of_user(user).user_id
    if not has_request_context():
        return Asking(package.id, user_id, file, Mode.API)
    return Asking(package.id, user_id, file, mode_of_request(), request.remote_addr or "unknown", bearer())


def mode_of_request() -> Mode:
    """How the present request takes data."""
    endpoint = request.endpoint or ""
    if any(part in endpoint for part in _DOWNLOADING):
        return Mode.DOWNLOAD
    return Mode.API if endpoint.endswith("api.action") else Mode.VIEW


def verdict_for(package: model.Package, user: Any, question: Asking) -> Verdict:
    """The gate's answer to a question of this request."""
    return _judge(package, user, question)


def verdict_for_package(package: model.Package, user: Any) -> Verdict:
    """May this user (None or CKAN's anonymous user for visitors) have data of this dataset at all? For pages and offers."""
    return _judge(package, user, Asking(package.id, actor_of_user(user).user_id, bearer=bearer()))


def verdict_for_resource(resource_id: str, user: Any) -> Verdict | None:
    """The same for one file, asked in the way of the present request; None when there is no such file."""
    resource = model.Resource.get(resource_id)
    package = resource.package if resource else None
    return _judge(package, user, asking(package, user, resource_id)) if package else None


def _judge(package: model.Package, user: Any, question: Asking) -> Verdict:
    standing = standing_of(package)
    actor = actor_of_user(user)
    is_file_there = package.state == "active"
    return decide(
        Facts(
            tier=standing.tier if is_file_there else None,
            publication=standing.publication,
            signed_in=actor.user_id is not None or question.bearer is not None,
            own_agency=package.owner_org is not None and package.owner_org in actor.agencies,
            sign_in_for_unconditional=config.rule_pack().sign_in_for_unconditional,
            shut=is_shut(package.id),
            mode=question.mode,
            file=question.file,
            address=question.address,
            now=now(),
            # Under other tiers agreements give nothing, but an inspection does.
            grants=_grants(actor.user_id, package.id, question.bearer),
        )
    )


def _grants(user_id: str | None, package_id: str, program: Bearer | None) -> tuple[GrantFacts, ...]:
    """The grants that count: a person's own, or those of them to which the program's token is held; none of a closed account."""
    if program is None:
        return grants_for(user_id, package_id)
    person = model.Session.get(model.User, program.user_id, populate_existing=True)
    if actor_of_user(person).user_id is None:
        return ()
    return tuple(one for one in grants_for(program.user_id, package_id) if program.covers(one.id, package_id))


def is_absent_for(package: model.Package | None, user: Any) -> bool:
    """Whether the answer has to be that of a dataset that never existed: there is none, or it is hidden from this user."""
    labels_of_user(user)  # asked of nothing too: a hidden dataset makes no more work than none, and is not told by time
    return package is None or (not getattr(user, "sysadmin", False) and is_hidden_from(package, user))


def is_shut(package_id: str) -> bool:
    """Whether the switch is thrown for this dataset (LYG-26)."""
    return model.Session.scalar(_shut_now(package_id)) is not None


def was_shut_since(package_id: str, moment: datetime.datetime) -> bool:
    """Whether the switch was thrown for this dataset at that moment or later, opened again or not."""
    shut = sa.select(Shutting.id).where(Shutting.package_id == package_id, Shutting.shut_at >= moment)
    return model.Session.scalar(shut.limit(1)) is not None


def _shut_now(package_id: str) -> Any:
    return sa.select(Shutting.id).where(Shutting.package_id == package_id, Shutting.opened_at.is_(None))


def asker() -> Any:
    """The user of the present request, None for visitors."""
    known: Any = current_user
    return known._get_current_object() if known and known.is_authenticated else None


def once(name: str) -> dict[Any, Any]:
    """A store that lives as long as the request; outside of requests a new one each time."""
    return g.setdefault(f"_govdata_access_{name}", {}) if has_request_context() else {}
