"""Which conditions an agreement has, and on which clauses a breach of it can rest."""

from __future__ import annotations

import json
from typing import Any

from ckan import model

from ..applications.domain import Content
from ..applications.vocabulary import purposes
from ..documents.domain import read
from ..model import Document
from ..texts.domain import CONDITIONS
from ..texts.vocabulary import Condition, read_conditions

# By rule for every user: no passing on, no other purpose (LYG-24, YZ-31), source and date in products (DCF-25).
BY_RULE = ("no_third_party", "purpose_only", "cite_source")


def conditions_of_dataset(package_id: str, content: Content) -> tuple[Condition, ...]:
    """The use codes by rule, those that the dataset publishes (field use_codes), and those of the purpose; no others (ZB-9)."""
    package = model.Session.get(model.Package, package_id)
    published = _published(dict(package.extras or {}).get("use_codes")) if package else []
    purpose = purposes().get(content.purpose)
    more = ["research_only"] if purpose and purpose.public_good else []
    more += ["award_only"] if purpose and purpose.commercial and content.award.strip() else []
    return read_conditions([*BY_RULE, *published, *more])


def _published(given: Any) -> list[str]:
    """The field as the catalogue keeps it: a JSON list, or words by comma or line."""
    text = str(given or "").strip()
    if text.startswith("["):
        return [str(one) for one in json.loads(text)]
    return [word.strip() for word in text.replace("\n", ",").split(",") if word.strip()]


def clauses_on(paper: Document) -> list[str]:
    """Keys of the clauses that stand on the paper, whatever model text it was made from; the heading over conditions is none."""
    return [clause["key"] for clause in read(paper.canonical)["clauses"] if clause["key"] != CONDITIONS]
