"""A token that is held to a grant or a dataset opens that and nothing else, whatever it is tried on."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import sqlalchemy as sa
from ckan import logic, model
from ckan.plugins import toolkit as tk
from ckan.tests.helpers import call_action

from ckanext.govdata.access.model import Grant

from .addresses import filled, rules
from .programs import WITH_PROGRAMS, bearer, program_held_to, token_of
from .stage import Dataset, Stage, add_dataset, add_grant, entries
from .web import Answer, Web

pytestmark = WITH_PROGRAMS


@pytest.fixture
def elsewhere(web: Web, stage: Stage, conditional: tuple[Dataset, str]) -> Iterator[Dataset]:
    """Another conditional dataset that the same person may read whole, and reads without a token that is held."""
    if "elsewhere" not in stage.kept:
        stage.kept["elsewhere"] = add_dataset(stage, "conditional", False, name="data-elsewhere")
    other: Dataset = stage.kept["elsewhere"]
    grant = add_grant(stage, "running", other)
    found = web.get(f"/dataset/{other.id}/resource/{other.file}/download", headers=stage.headers("running"))
    assert other.closed_word in found.get_data(as_text=True), "what is refused below is the token's, not the person's"
    yield other
    model.Session.rollback()
    row = model.Session.get(Grant, grant)
    if row is not None:
        row.state = "revoked"
    # With another number of keys it would be another stage, which the next test would have to set.
    model.Session.execute(sa.delete(model.ApiToken).where(model.ApiToken.name == "held"))
    model.Session.commit()


def _held(web: Web, stage: Stage, scopes: list[str]) -> list[dict[str, str]]:
    """A program's token and a key of CKAN's for each scope."""
    person = stage.people["running"]
    assert person is not None
    found = []
    for scope in scopes:
        order: Any = {"user": person["name"], "name": "held", "scopes": scope}
        key = call_action("api_token_create", {"user": person["name"]}, **order)["token"]
        found += [bearer(token_of(web, *program_held_to(stage, scope))), {"Authorization": key}]
    return found


def _compare(web: Web, address: str, other: Dataset, held: list[dict[str, str]], order: Any = None) -> None:
    """Asked with a held token, an address gives no more than it gives a visitor."""

    def ask(headers: dict[str, str]) -> Answer:
        return web.get(address, headers=headers) if order is None else web.post(address, json=order, headers=headers)

    visitor = ask({})
    for headers in held:
        found = ask(headers)
        assert other.closed_word not in found.get_data(as_text=True), address
        refused = found.status_code >= 400
        assert refused or found.status_code == visitor.status_code, (address, found.status_code, visitor.status_code)


def _everywhere(web: Web, app: Any, stage: Stage, held: list[dict[str, str]], other: Dataset, every: int) -> int:
    person = stage.people["running"]
    assert person is not None
    asked = 0
    for number, rule in enumerate(sorted(set(rules(app)))):
        if number % every == 0 or "download" in rule or "dump" in rule or "datatables" in rule:
            _compare(web, filled(rule, other), other, held)
            asked += 1
    for number, rule in enumerate(sorted(set(rules(app, "POST")))):
        if number % every == 0 and not rule.startswith("/api/"):
            for headers in held:
                refused = web.post(filled(rule, other), json={}, headers=headers)
                assert refused.status_code >= 400, (rule, refused.status_code)
            asked += 1
    tk.get_action("package_show")
    given = {"id": other.id, "resource_id": other.file, "user": person["name"], "user_id": person["id"], "q": "*"}
    given["sql"] = f'SELECT * FROM "{other.file}"'
    for number, action in enumerate(sorted(logic._actions)):
        if number % every == 0 or "datastore" in action or "token" in action or "grant" in action:
            _compare(web, f"/api/3/action/{action}", other, held, given)
            asked += 1
    return asked


@pytest.mark.requirement("LYG-10", "LYG-17")
def test_a_token_of_one_grant_or_dataset_opens_nothing_else(
    web: Web, app: Any, stage: Stage, conditional: tuple[Dataset, str], elsewhere: Dataset, asking: None
) -> None:
    dataset, grant = conditional
    of_program, _, _, key = _held(web, stage, [f"grant:{grant}", f"dataset:{dataset.id}"])
    for one in (of_program, key):
        found = web.get(f"/dataset/{dataset.id}/resource/{dataset.file}/download", headers=one)
        assert dataset.closed_word in found.get_data(as_text=True), "its own it opens"
    before = len(entries())
    assert _everywhere(web, app, stage, [of_program, key], elsewhere, every=12) > 40
    refused = [one for one in entries()[before:] if one["event"]["outcome"] == "failure"]
    of_tokens = [one for one in refused if one.get("govdata", {}).get("client")]
    assert len(of_tokens) >= 4 and all(one["event"]["reason"] for one in of_tokens), "each refusal is on record"


@pytest.mark.long
@pytest.mark.timeout(1800)
@pytest.mark.requirement("LYG-10", "LYG-17")
def test_a_token_of_one_grant_or_dataset_is_tried_on_every_address_and_every_action(
    web: Web, app: Any, stage: Stage, conditional: tuple[Dataset, str], elsewhere: Dataset, asking: None
) -> None:
    dataset, grant = conditional
    held = _held(web, stage, [f"grant:{grant}", f"dataset:{dataset.id}"])
    asked = _everywhere(web, app, stage, held, elsewhere, every=1)
    print(f"{asked} addresses and actions asked as a visitor, and with {len(held)} tokens held to a grant or a dataset")
    assert asked > 300
