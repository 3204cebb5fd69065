"""The pages that CKAN does not have; each room's addresses stand in its own module."""

from __future__ import annotations

from flask import Blueprint

from . import (
    agreement_life,
    agreements,
    applications,
    case_desk,
    contributions,
    desk,
    grants,
    leaks,
    list_desk,
    lists,
    misuse,
    model_texts,
    notices,
    objections,
    pages,
    parties,
    party_desk,
    requests,
    switch,
    uses,
    withdrawals,
)


def blueprints() -> list[Blueprint]:
    """One blueprint, `govdata_pages`, made anew for each application."""
    blueprint = Blueprint("govdata_pages", __name__)
    for room in (
        agreements,
        agreement_life,
        model_texts,
        lists,
        list_desk,
        pages,
        desk,
        switch,
        parties,
        party_desk,
        uses,
        leaks,
        grants,
        withdrawals,
        objections,
        requests,
        misuse,
        contributions,
        case_desk,
        notices,
        applications,
    ):
        room.add_rules(blueprint)
    return [blueprint]
