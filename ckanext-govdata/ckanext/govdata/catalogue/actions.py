"""What is done to entries: changing a tier by two persons, review, release in the negative list."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ckan import model
from ckan.logic import validate
from ckan.plugins import toolkit as tk
from ckan.types import Context, DataDict

from ..columns import now
from ..ledger import journal
from ..roles.actors import actor_of_context
from ..roles.domain import Permission, permits
from . import schema
from .domain import OpenTier, Publication, tier_of
from .listing import govdata_city_show, govdata_figures, govdata_negative_list, govdata_open_list
from .model import Review, TierChange
from .proposal import UnansweredError, propose_tier
from .record import acting
from .standing import digest_of, requirements, reviewers_agreed, standing_of
from .tier_change import Direction, Refusal, TierChangeStatus, direction, refuse_decision, refuse_proposal


def _words(refusal: Refusal) -> str:
    return {
        "no_change": tk._("The dataset has this tier already."),
        "reason_missing": tk._("Give a reason: every change of tier is on record."),
        "proof_missing": tk._(
            "Closed data may be opened only with proof (LYG-7): say whether it was desensitised or the party concerned "
            "consented (proof_kind: desensitised or consent), and name the document (proof)."
        ),
        "already_decided": tk._("This proposal was decided already."),
        "same_person": tk._("A looser tier needs two persons: somebody other than the proposer has to decide."),
    }[refusal.code]


def _refuse(refusal: Refusal | None) -> None:
    if refusal is not None:
        raise tk.ValidationError({refusal.field: [_words(refusal)]})


def _package(reference: str) -> model.Package:
    package = model.Package.get(reference)
    if package is None or package.state == "deleted":
        raise tk.ObjectNotFound(tk._("Dataset not found."))
    return package


def _as_dict(row: TierChange | Review) -> dict[str, Any]:
    return {
        column.key: value.isoformat() + "Z" if hasattr(value, "isoformat") else value
        for column in row.__table__.columns
        for value in [getattr(row, column.key)]
    }


def _own_act(context: Context, **more: Any) -> Context:
    """A context in which the portal carries out what it has authorised itself, in the acting person's name."""
    return tk.fresh_context(context, ignore_auth=True, **more)


@validate(schema.propose)
def govdata_tier_change_propose(context: Context, data_dict: DataDict) -> dict[str, Any]:
    """Propose another tier for a dataset; a stricter one is applied at once, a looser one waits for a second person.

    :param id: id or name of the dataset
    :param open_tier: `unconditional`, `conditional` or `not_open`
    :param reason: why
    :param proof_kind: `desensitised` or `consent`, needed to open closed data (LYG-7)
    :param proof: the document that proves it
    :returns: the change, with `status` `applied` or `pending`
    """
    tk.check_access("govdata_tier_change_propose", context, data_dict)
    package = _package(data_dict["id"])
    old, new = standing_of(package).tier, OpenTier(data_dict["open_tier"])
    proof_kind, proof = str(data_dict.get("proof_kind") or ""), str(data_dict.get("proof") or "")
    _refuse(refuse_proposal(old, new, data_dict["reason"], proof_kind, proof))
    if direction(old, new) is Direction.STRICTER:
        return _apply_stricter(context, package.id, new, data_dict["reason"])
    change = TierChange(
        package_id=package.id,
        from_tier=old.value if old else "",
        to_tier=new.value,
        reason=data_dict["reason"],
        proof_kind=proof_kind,
        proof=proof,
        status=TierChangeStatus.PENDING.value,
        proposed_by=acting(context),
    )
    model.Session.add(change)
    model.Session.commit()
    return _as_dict(change)


def _apply_stricter(context: Context, package_id: str, tier: OpenTier, reason: str) -> dict[str, Any]:
    tk.get_action("package_patch")(
        _own_act(context), {"id": package_id, "open_tier": tier.value, "tier_change_reason": reason}
    )
    latest = model.Session.query(TierChange).filter(TierChange.package_id == package_id)
    return _as_dict(latest.order_by(TierChange.proposed_at.desc()).first())


@validate(schema.decide)
def govdata_tier_change_decide(context: Context, data_dict: DataDict) -> dict[str, Any]:
    """Accept or refuse a proposed looser tier; the proposer cannot.

    :param id: id of the proposal
    :param accept: true or false
    :param reason: why
    :returns: the change, `applied` or `refused`; the dataset has changed in the same transaction
    """
    tk.check_access("govdata_tier_change_decide", context, data_dict)
    change = model.Session.get(TierChange, data_dict["id"], with_for_update=True)
    if change is None:
        raise tk.ObjectNotFound(tk._("Proposal not found."))
    _refuse(refuse_decision(TierChangeStatus(change.status), change.proposed_by, acting(context), data_dict["reason"]))
    package = _package(change.package_id)
    change.decided_by, change.decided_at = acting(context), now()
    change.decision_reason = data_dict["reason"]
    if not data_dict["accept"]:
        change.status = TierChangeStatus.REFUSED.value
        model.Session.commit()
        return _as_dict(change)
    _refuse_when_moved(change, standing_of(package).tier)
    change.status = TierChangeStatus.APPLIED.value
    tk.get_action("package_patch")(
        _own_act(context, govdata_decided_tier=change.to_tier), {"id": package.id, "open_tier": change.to_tier}
    )
    return _as_dict(change)


def _refuse_when_moved(change: TierChange, tier: OpenTier | None) -> None:
    if tier_of(change.from_tier) is not tier:
        model.Session.rollback()
        message = tk._("The dataset's tier has changed since this was proposed. Propose it anew.")
        raise tk.ValidationError({"id": [message]})


@tk.side_effect_free
@validate(schema.listing)
def govdata_tier_change_list(context: Context, data_dict: DataDict) -> list[dict[str, Any]]:
    """The changes of tier of one dataset, or of all that the asker's agencies have or the asker supervises; newest first.

    :param id: the dataset
    :param status: `pending`, `applied`, `refused` or `taken_back`
    """
    tk.check_access("govdata_tier_change_list", context, data_dict)
    rows = model.Session.query(TierChange)
    if data_dict.get("id"):
        rows = rows.filter(TierChange.package_id == _package(data_dict["id"]).id)
    elif not permits(actor_of_context(context), Permission.CATALOGUE_READ_UNPUBLISHED).allowed:
        own = model.Package.owner_org.in_(actor_of_context(context).agencies)
        rows = rows.join(model.Package, model.Package.id == TierChange.package_id).filter(own)
    if data_dict.get("status"):
        rows = rows.filter(TierChange.status == data_dict["status"])
    rows = rows.order_by(TierChange.proposed_at.desc()).offset(data_dict.get("start", 0))
    return [_as_dict(row) for row in rows.limit(min(data_dict.get("rows", 20), 100))]


@tk.side_effect_free
def govdata_tier_propose(context: Context, data_dict: DataDict) -> dict[str, Any]:
    """Propose a tier from yes-or-no answers to the questions of LYG-6 and LYG-7.

    :returns: `tier`, `exception`, `because` (the answers that decided), `refused` (a state secret: not to be entered)
    """
    tk.check_access("govdata_tier_propose", context, data_dict)
    given = {
        key: value if isinstance(value, bool) else str(value).lower() == "true" for key, value in data_dict.items()
    }
    try:
        proposal = propose_tier(given)
    except UnansweredError as unanswered:
        message = tk._("Answer with true or false.")
        raise tk.ValidationError({question: [message] for question in unanswered.questions}) from None
    return {
        "tier": proposal.tier.value if proposal.tier else None,
        "exception": proposal.exception.value if proposal.exception else None,
        "because": list(proposal.because),
        "refused": proposal.refused,
    }


@validate(schema.review)
def govdata_review_decide(context: Context, data_dict: DataDict) -> dict[str, Any]:
    """Accept an entry that waits for review, or send it back to its agency's drafts (LYG-12, ZB-10, YZ-10).

    :param id: the dataset
    :param reviewer: in which capacity: `agency`, `operator` or `authority`
    :param accept: true or false
    :param note: what has to be mended; needed when it is sent back
    :returns: `publication` after this word, and `outstanding`, the reviewers still to be heard
    """
    tk.check_access("govdata_review_decide", context, data_dict)
    package = _package(data_dict["id"])
    note = str(data_dict.get("note") or "")
    if standing_of(package).publication is not Publication.IN_REVIEW:
        raise tk.ValidationError({"id": [tk._("This entry does not wait for review.")]})
    if not data_dict["accept"] and not note.strip():
        raise tk.ValidationError({"note": [tk._("Say what has to be mended.")]})
    entry = tk.get_action("package_show")(_own_act(context), {"id": package.id})
    digest = digest_of(entry)
    said = {"reviewer": data_dict["reviewer"], "accepted": data_dict["accept"], "note": note}
    model.Session.add(Review(package_id=package.id, digest=digest, decided_by=acting(context), **said))
    model.Session.flush()
    outstanding = [name for name in requirements().reviewers if name not in reviewers_agreed(package.id, digest)]
    publication = "draft" if not data_dict["accept"] else entry["publication"] if outstanding else "published"
    if publication == entry["publication"]:
        model.Session.commit()
    else:
        own = _own_act(context, govdata_asked=publication)
        entry = tk.get_action("package_patch")(own, {"id": package.id, "publication": publication})
    return {"id": package.id, "publication": entry["publication"], "outstanding": outstanding}


@tk.side_effect_free
@validate(schema.listing)
def govdata_review_list(context: Context, data_dict: DataDict) -> dict[str, Any]:
    """The entries that wait for review or are held, as far as the asker may see them.

    :param status: `in_review` (default) or `held`
    :returns: `count` and `results` (datasets with `outstanding` reviewers)
    """
    tk.check_access("govdata_review_list", context, data_dict)
    status = "held" if data_dict.get("status") == "held" else "in_review"
    found = tk.get_action("package_search")(
        tk.fresh_context(context),
        {
            "fq": f"+publication:{status}",
            "include_private": True,
            "start": data_dict.get("start", 0),
            "rows": min(data_dict.get("rows", 20), 100),
            "sort": "metadata_modified desc",
        },
    )
    for entry in found["results"]:
        agreed = reviewers_agreed(entry["id"], digest_of(entry))
        entry["outstanding"] = [name for name in requirements().reviewers if name not in agreed]
    return {"count": found["count"], "results": found["results"], "roles": sorted(actor_of_context(context).roles)}


@validate(schema.release)
def govdata_release(context: Context, data_dict: DataDict) -> dict[str, Any]:
    """Release a *not open* entry to the public in the negative list, or take it back (GY-c2); its agency decides.

    :param id: the dataset
    :param released: true or false
    :returns: `id` and `released`
    """
    tk.check_access("govdata_release", context, data_dict)
    package = _package(data_dict["id"])
    standing = standing_of(package)
    if standing.tier is not OpenTier.NOT_OPEN or standing.publication is not Publication.PUBLISHED:
        message = tk._("Only a registered entry that is not open can stand in the negative list.")
        raise tk.ValidationError({"id": [message]})
    word = "true" if data_dict["released"] else "false"
    step = "entry-released" if data_dict["released"] else "entry-taken-back"
    journal.change(step, acting(context), {"govdata.dataset.id": package.id})
    tk.get_action("package_patch")(_own_act(context, govdata_released=word), {"id": package.id, "released": word})
    return {"id": package.id, "released": data_dict["released"]}


ACTIONS: dict[str, Callable[..., Any]] = {
    "govdata_tier_change_propose": govdata_tier_change_propose,
    "govdata_tier_change_decide": govdata_tier_change_decide,
    "govdata_tier_change_list": govdata_tier_change_list,
    "govdata_tier_propose": govdata_tier_propose,
    "govdata_review_decide": govdata_review_decide,
    "govdata_review_list": govdata_review_list,
    "govdata_release": govdata_release,
    "govdata_negative_list": govdata_negative_list,
    "govdata_open_list": govdata_open_list,
    "govdata_figures": govdata_figures,
    "govdata_city_show": govdata_city_show,
}
