"""The table of visitors: who gets which bytes by which route, through real HTTP, and every denial with its reason."""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Callable
from typing import Any

import pytest
from ckan import model
from ckan.lib import api_token
from ckan.plugins import toolkit as tk

from tests.access_table import EXPECTED, render, written

from .stage import PLUGINS, TIERS, VISITORS, Dataset, Stage, content, entries
from .web import Web

pytestmark = [
    pytest.mark.ckan_config("ckan.plugins", PLUGINS),
    pytest.mark.ckan_config("ckan.datastore.sqlsearch.enabled", True),
    pytest.mark.ckan_config("ckan.locale_default", "en"),
]
Ask = Callable[[Any, Stage, str, Dataset], Any]
STATUS = {"sign_in_required": 401, "absent": 404}
# Answers without words: CKAN's page of the table, an answer to HEAD, a storage's answer.
STATUS_ALONE = ("table preview", "head", "issued token")
# Nothing of these has a body where the data would be given: 200 for HEAD, 304 for whoever has the bytes already.
BODILESS = {"head": "200", "what it has already": "304"}
ALLOWED = ("open", "own_agency", "granted")


def get(address: str, **more: Any) -> Ask:
    def ask(web: Web, stage: Stage, visitor: str, dataset: Dataset) -> Any:
        headers = stage.headers(visitor) | more.get("headers", {})
        return web.get(address.format(**vars(dataset), alias=dataset.alias), headers=headers, follow_redirects=False)

    return ask


def table_preview(web: Web, stage: Stage, visitor: str, dataset: Dataset) -> Any:
    form = {"draw": "1", "search[value]": "", "start": "0", "length": "10"}
    return web.post(
        f"/datatables/ajax/{dataset.view}", data=form, headers=stage.headers(visitor), follow_redirects=False
    )


def head(web: Web, stage: Stage, visitor: str, dataset: Dataset) -> Any:
    return web.head(f"/dataset/{dataset.id}/resource/{dataset.file}/download", stage.headers(visitor))


def what_it_has_already(web: Web, stage: Stage, visitor: str, dataset: Dataset) -> Any:
    etag = hashlib.sha256(content(dataset).encode()).hexdigest()
    headers = {**stage.headers(visitor), "If-None-Match": f'"{etag}"'}
    return web.get(f"/dataset/{dataset.id}/resource/{dataset.file}/download", headers=headers)


def issued_token(web: Web, stage: Stage, visitor: str, dataset: Dataset) -> Any:
    """CKAN's own link with a token, which somebody has passed on."""
    place = f"{dataset.file[:3]}/{dataset.file[3:6]}/{dataset.file[6:]}"
    if place not in stage.kept:
        context: Any = {"user": "administrator", "ignore_auth": True}
        stage.kept[place] = tk.get_action("file_register")(context, {"storage": "resources", "location": place})
    claims = {"aud": "trusted_download", "location": place, "storage": "resources", "exp": int(time.time()) + 600}
    return web.get(f"/file/trusted-download/{api_token.encode_token(claims)}", headers=stage.headers(visitor))


def filtered_download(web: Web, stage: Stage, visitor: str, dataset: Dataset) -> Any:
    """The table preview's own download; it sends on to the dump, which is judged by itself."""
    params = {"search": {"value": ""}, "visibleColumns": ["停车场"], "columns": [], "order": []}
    form = {"params": json.dumps(params), "format": "csv"}
    headers = stage.headers(visitor)
    return web.post(f"/datatables/filtered-download/{dataset.view}", data=form, headers=headers)


ROUTES: dict[str, Ask] = {
    "head": head,
    "what it has already": what_it_has_already,
    "issued token": issued_token,
    "download": get("/dataset/{id}/resource/{file}/download/f.csv"),
    "download in another language": get("/zh_Hans_CN/dataset/{name}/resource/{file}/download"),
    "a range": get("/dataset/{id}/resource/{file}/download", headers={"Range": "bytes=0-400"}),
    "rows": get("/api/3/action/datastore_search?resource_id={file}"),
    "rows by id beside another": get("/api/3/action/datastore_search?resource_id=nothing&id={file}"),
    "rows by alias": get("/api/action/datastore_search?resource_id={alias}&records_format=csv"),
    "sql": get('/api/3/action/datastore_search_sql?sql=SELECT * FROM "{file}"'),
    "sql by alias": get('/api/3/action/datastore_search_sql?sql=SELECT x.* FROM "{alias}" x'),
    "dump": get("/datastore/dump/{file}"),
    "dump as json": get("/datastore/dump/{alias}?format=json"),
    "table preview": table_preview,
}


def reason_in(answer: Any) -> str:
    """The reason as a program reads it; a page without one is an absence."""
    try:
        body = json.loads(answer.get_data(as_text=True))
    except ValueError:
        return "absent"
    if not isinstance(body, dict):
        return "absent"
    error = body.get("error")
    return str((error if isinstance(error, dict) else body).get("reason", "absent"))


def outcome(answer: Any, dataset: Dataset) -> str:
    text = answer.get_data(as_text=True)
    got_open, got_closed = dataset.open_word in text, dataset.closed_word in text
    if answer.status_code in (200, 304) and not text:
        return str(answer.status_code)
    if answer.status_code in (200, 206) and got_open:
        return "all" if got_closed else "columns"
    assert not got_open and not got_closed, (answer.status_code, text[:300])
    return f"{answer.status_code} {reason_in(answer)}"


def expected(visitor: str, tier: str, shut: bool, route: str) -> str:
    reason = EXPECTED[tier, shut][visitor]
    if reason in ALLOWED:
        cut = reason == "granted" and visitor == "columns_only"
        if route in BODILESS and not (cut and route != "head"):
            return BODILESS[route]
        return "columns" if cut else "all"
    return f"{STATUS.get(reason, 403)} {reason}"


@pytest.mark.requirement("LYG-9", "LYG-10", "LYG-19", "LYG-26", "YZ-27", "DCF-25", "LYG-40")
@pytest.mark.parametrize("visitor", VISITORS)
def test_each_visitor_gets_what_the_table_says_by_every_route(web: Web, stage: Stage, visitor: str) -> None:
    differing = {}
    for tier in TIERS:
        for shut in (False, True):
            dataset = stage.datasets[tier, shut]
            for route, ask in ROUTES.items():
                if route == "table preview" and EXPECTED[tier, shut][visitor] == "absent":
                    continue
                found = outcome(ask(web, stage, visitor, dataset), dataset)
                wanted = expected(visitor, tier, shut, route)
                if route in STATUS_ALONE and wanted[:3] in ("401", "403", "404"):
                    found, wanted = found[:3], wanted[:3]
                if found != wanted:
                    differing[tier, shut, route] = (wanted, found)
    assert differing == {}


@pytest.mark.requirement("LYG-21")
@pytest.mark.parametrize("visitor", ["anonymous", "ended", "suspended", "operator", "administrator"])
def test_every_denial_of_conditional_data_is_recorded_with_its_reason(web: Web, stage: Stage, visitor: str) -> None:
    dataset = stage.datasets["conditional", False]
    person = stage.people[visitor]
    wanted = EXPECTED["conditional", False][visitor]
    for route in ("download", "rows", "sql", "dump", "table preview"):
        before = len(entries())
        ROUTES[route](web, stage, visitor, dataset)
        fresh = [entry for entry in entries()[before:] if entry["event"].get("reason") == wanted]
        assert len(fresh) == 1, route
        assert fresh[0]["event"]["outcome"] == "failure"
        assert fresh[0]["govdata"]["dataset"]["id"] == dataset.id
        assert fresh[0].get("user", {}).get("id") == (person["id"] if person else None)


@pytest.mark.requirement("LYG-21")
@pytest.mark.parametrize("route", [route for route in ROUTES if route != "head"])
def test_each_way_of_taking_conditional_data_is_one_entry_with_grant_and_agreement(
    web: Web, stage: Stage, route: str
) -> None:
    dataset = stage.datasets["conditional", False]
    before = len(entries())
    answer = ROUTES[route](web, stage, "columns_only", dataset)
    assert dataset.open_word in answer.get_data(as_text=True)
    fresh = [entry for entry in entries()[before:] if entry["event"]["action"] != "dataset-delivered"]
    (entry,) = fresh
    assert entry["event"]["outcome"] == "success"
    assert entry["govdata"]["grant"]["id"] == stage.grants["columns_only", dataset.id]
    assert entry["govdata"]["agreement"]["id"] == stage.grant("columns_only", dataset).agreement
    assert entry["govdata"]["party"]["id"] == stage.parties["columns_only"]
    assert set(entry["govdata"]["columns"]) - {"_id"} == {"停车场", "泊位数"}
    assert answer.headers["X-Delivery-Number"] == entry["event"]["id"]
    assert "no-store" in answer.headers["Cache-Control"]
    assert "public" not in answer.headers["Cache-Control"]


@pytest.mark.requirement("LYG-10", "LYG-26")
def test_the_tables_own_download_gives_nobody_a_word_by_itself(web: Web, stage: Stage) -> None:
    for dataset in stage.datasets.values():
        for visitor in ("anonymous", "ended", "columns_only", "running", "operator", "administrator"):
            answer = filtered_download(web, stage, visitor, dataset)
            text = answer.get_data(as_text=True) + str(answer.headers)
            assert dataset.open_word not in text and dataset.closed_word not in text, (visitor, dataset.key)


@pytest.mark.requirement("LYG-21")
def test_asking_for_the_head_or_for_what_one_has_is_no_delivery(web: Web, stage: Stage) -> None:
    dataset = stage.datasets["conditional", False]
    before = len(entries())
    assert head(web, stage, "running", dataset).status_code == 200
    assert what_it_has_already(web, stage, "running", dataset).status_code == 304
    assert len(entries()) == before


@pytest.mark.requirement("YZ-27")
def test_where_the_city_asks_for_it_unconditional_data_needs_a_sign_in(
    web: Web, stage: Stage, with_city: Callable[[str], None]
) -> None:
    with_city("yangzhou")
    dataset = stage.datasets["unconditional", False]
    for route in ("download", "rows", "dump"):
        assert outcome(ROUTES[route](web, stage, "anonymous", dataset), dataset).startswith(("401", "403"))
        assert outcome(ROUTES[route](web, stage, "signed_in", dataset), dataset) == "all"
    page = web.get(
        f"/dataset/{dataset.id}/resource/{dataset.file}/download",
        headers={"Accept": "text/html"},
        follow_redirects=False,
    )
    assert page.status_code == 302
    assert "/user/login" in page.headers["Location"]


@pytest.mark.requirement("LYG-10")
def test_links_of_conditional_data_lead_nowhere_for_others_than_its_agency(web: Web, stage: Stage) -> None:
    dataset = stage.datasets["conditional", False]
    host = f"link{dataset.key}.example"
    for visitor in VISITORS:
        for address in (
            f"/dataset/{dataset.id}/resource/{dataset.link}/download",
            f"/dataset/{dataset.id}/resource/{dataset.link}/proxy",
        ):
            answer = web.get(address, headers=stage.headers(visitor), follow_redirects=False)
            leads = host in answer.headers.get("Location", "") + answer.get_data(as_text=True)
            assert leads == (visitor == "own_agency"), (visitor, address)


def test_the_table_in_the_documentation_is_the_one_that_is_proven() -> None:
    assert written() == render(), "run `python -m tests.access_table` to write docs/access.md anew"


def test_a_member_who_leaves_the_party_has_nothing_more(web: Web, stage: Stage) -> None:
    from ckanext.govdata.access.parties.model import Member
    from ckanext.govdata.columns import now

    dataset = stage.datasets["conditional", False]
    person = stage.people["other_member"]
    assert person is not None
    term = model.Session.query(Member).filter(Member.user_id == person["id"]).one()
    term.ended_at, term.ended_by = now(), "portal"
    model.Session.commit()
    try:
        assert outcome(ROUTES["download"](web, stage, "other_member", dataset), dataset) == "403 agreement_required"
    finally:
        term = model.Session.query(Member).filter(Member.user_id == person["id"]).one()
        term.ended_at = term.ended_by = None
        model.Session.commit()
