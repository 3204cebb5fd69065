"""A hostile visitor: every route and every readable action of the running portal is asked for the words of a closed file.

Not by the list of what is gated, but by what comes back: whatever answers with a word of the file, of its rows or of the
address of its link has let something out, whoever classified it how.
"""

from __future__ import annotations

import itertools
import json
import re
import secrets
from collections.abc import Iterator
from typing import Any

import pytest
from ckan import model
from ckan.logic import get_action
from ckan.tests.helpers import call_action

from .hearing import ask, heard, leaked, said
from .spellings import spellings
from .stage import PLUGINS, Dataset, Stage, add_dataset, add_grant

SHUT = (False,)
pytestmark = [
    pytest.mark.ckan_config("ckan.plugins", PLUGINS),
    pytest.mark.ckan_config("ckan.datastore.sqlsearch.enabled", True),
    pytest.mark.ckan_config("ckan.locale_default", "en"),
    pytest.mark.requirement("LYG-10", "LYG-19", "YZ-27"),
]
OUTSIDERS = ("anonymous", "ended", "other_agency", "operator", "administrator")
_STATIC = ("static", "webassets.index", "_debug_toolbar.static", "user.logout", "user.logged_out_page")


def pool(stage: Stage, dataset: Dataset) -> dict[str, list[str]]:
    """What an attacker knows and puts into addresses and orders."""
    place = f"{dataset.file[:3]}/{dataset.file[3:6]}/{dataset.file[6:]}"
    return {
        "id": [dataset.id, dataset.name, dataset.file],
        "resource_id": [dataset.file, dataset.link],
        "view_id": [dataset.view],
        "resource_view_id": [dataset.view],
        "package_type": ["dataset"],
        "storage": ["resources"],
        "location": [place],
        "path": [place],
        "filename": ["data.csv"],
        "form": ["csv"],
        "_format": ["ttl", "jsonld"],
    }


def addresses(app: Any, known: dict[str, list[str]]) -> Iterator[str]:
    """Each rule of the portal's URL map with known names in its places."""
    with app.flask_app.test_request_context():
        adapter = app.flask_app.create_url_adapter(None) or app.flask_app.url_map.bind("test.ckan.net")
        for rule in app.flask_app.url_map.iter_rules():
            if rule.endpoint in _STATIC or "GET" not in (rule.methods or ()):
                continue
            choices = [known.get(name, known["id"][:1]) for name in sorted(rule.arguments)]
            for chosen in itertools.islice(itertools.product(*choices), 4):
                values = dict(zip(sorted(rule.arguments), chosen, strict=True))
                try:
                    yield adapter.build(rule.endpoint, values, force_external=False)
                except Exception:  # noqa: BLE001
                    continue  # a place that takes a number or a word of its own


@pytest.mark.long
@pytest.mark.parametrize("tier", ["conditional", pytest.param("not_open", marks=pytest.mark.long)])
@pytest.mark.parametrize("visitor", OUTSIDERS)
def test_no_address_of_the_portal_gives_a_word_of_a_closed_file(
    app: Any, stage: Stage, tier: str, visitor: str
) -> None:
    dataset = stage.datasets[tier, False]
    found: list[str] = []
    paths = sorted({path for path in addresses(app, pool(stage, dataset)) if not path.startswith("/user/_logout")})
    assert len(paths) > 200, "the portal has more addresses than that"
    for path in paths:
        for method in ("GET", "HEAD"):
            found += [f"{method} {path}: {word}" for word in leaked(dataset, heard(app, stage, visitor, path, method))]
    assert found == []


def orders(dataset: Dataset) -> list[dict[str, Any]]:
    """What an attacker sends to an action, whichever it is."""
    named = [dataset.id, dataset.name, dataset.file, dataset.link, dataset.view, dataset.alias, "jiaotongju"]
    return [
        *({"id": one, "resource_id": one, "package_id": one, "dataset_id": one} for one in named),
        {
            "id": dataset.file,
            "resource_id": dataset.file,
            "package_id": dataset.id,
            "include_records": True,
            "force": True,
        },
        {"q": "*:*", "query": "name:停", "fl": "*", "include_private": True, "include_drafts": True, "rows": 100},
        {"q": "", "query": "url:example", "limit": 100, "object_type": "package", "object_list": [dataset.id]},
        {"sql": f'SELECT * FROM "{dataset.file}"'},
        {"sql": f'SELECT * FROM "{dataset.alias}"'},
    ]


@pytest.mark.parametrize("tier", ["conditional", pytest.param("not_open", marks=pytest.mark.long)])
@pytest.mark.parametrize(
    "visitor", [*OUTSIDERS[:1], *[pytest.param(one, marks=pytest.mark.long) for one in OUTSIDERS[1:]]]
)
def test_no_readable_action_gives_a_word_of_a_closed_file(app: Any, stage: Stage, tier: str, visitor: str) -> None:
    from ckan.logic import _actions

    dataset = stage.datasets[tier, False]
    get_action("package_show")  # fills the table of actions
    names = sorted(name for name, one in _actions.items() if getattr(one, "side_effect_free", False))
    assert len(names) > 90
    found: list[str] = []
    for name in names:
        for order in orders(dataset):
            sent = json.dumps(order)
            answer = ask(
                app, stage, visitor, f"/api/3/action/{name}", "POST", data=sent, content_type="application/json"
            )
            text = said(answer, dataset.alias)
            found += [f"{name} {sent}: {word}" for word in leaked(dataset, text.replace(dataset.alias, ""))]
    assert found == []


@pytest.mark.parametrize("tier", ["conditional", pytest.param("not_open", marks=pytest.mark.long)])
@pytest.mark.parametrize(
    "visitor", ["anonymous", "administrator", *[pytest.param(one, marks=pytest.mark.long) for one in OUTSIDERS[1:4]]]
)
def test_no_spelling_of_an_address_gets_past_the_gate(app: Any, stage: Stage, tier: str, visitor: str) -> None:
    dataset = stage.datasets[tier, False]
    found = []
    for path, more in spellings(dataset):
        given = {"method": "GET", **more}
        for method in {given["method"], "HEAD", "POST"}:
            text = heard(app, stage, visitor, path, **{**given, "method": method}).replace(dataset.alias, "")
            found += [f"{method} {path}: {word}" for word in leaked(dataset, text)]
    assert found == []


@pytest.mark.parametrize("visitor", ["anonymous", "operator", "administrator"])
def test_no_search_tells_by_its_count_that_a_guess_was_right(app: Any, stage: Stage, visitor: str) -> None:
    dataset = stage.datasets["conditional", False]
    host, counted = f"link{dataset.key}.example", {}
    words = (host, dataset.open_word, dataset.closed_word)
    asked = [
        *(("package_search", {"q": text}) for word in words for text in (word, f'"{word}"', f"{word}*")),
        *(
            ("package_search", {"fq": f'{field}:"https://{host}/data.csv"'})
            for field in ("res_url", "url", "text", "res_extras")
        ),
        ("package_search", {"q": f"res_url:*{dataset.key}*", "defType": "lucene"}),
        ("package_search", {"fq": f"res_url:*{host}*", "include_private": True, "include_drafts": True}),
        ("resource_search", {"query": f"url:{host}"}),
        ("resource_search", {"query": ["url:https", "name:link"]}),
    ]
    for action, order in asked:
        answer = ask(app, stage, visitor, f"/api/3/action/{action}", "POST", json=order)
        found = json.loads(answer.get_data()).get("result") or {"results": []}
        ids = [row.get("package_id", row.get("id")) for row in found["results"]]
        if dataset.id in ids or (found.get("count") and not ids):
            counted[action, json.dumps(order)] = found["count"]
    assert counted == {}


def test_an_address_that_a_visitor_names_is_not_where_he_comes_from(app: Any, stage: Stage) -> None:
    dataset = add_dataset(stage, "conditional", False, f"addressed-{secrets.token_hex(4)}")
    add_grant(stage, "running", dataset, addresses=["203.0.113.0/24"])
    for name in ("X-Forwarded-For", "X-Real-IP", "Forwarded", "Client-IP", "X-Client-IP", "True-Client-IP"):
        value = "for=203.0.113.5" if name == "Forwarded" else "203.0.113.5"
        path = f"/dataset/{dataset.name}/resource/{dataset.file}/download"
        answer = ask(app, stage, "running", path, headers={name: value})
        assert (answer.status_code, answer.get_json()["reason"]) == (403, "address_not_granted"), name


@pytest.mark.parametrize("visitor", ["running", "own_agency"])
def test_whoever_may_have_the_data_is_given_it_so_the_words_would_be_heard(
    app: Any, stage: Stage, visitor: str
) -> None:
    dataset = stage.datasets["conditional", False]
    paths = (
        f"/dataset/{dataset.name}/resource/{dataset.file}/download",
        f"/en/dataset/{dataset.name}/resource/{dataset.file}/download",
        f"/datastore/dump/{dataset.file}",
        f"/api/3/action/datastore_search?resource_id={dataset.file}",
        f"/api/3/action/datastore_search_sql?sql=select%20*%20from%20%22{dataset.file}%22",
    )
    for path in paths:
        assert set(leaked(dataset, heard(app, stage, visitor, path))) == {dataset.open_word, dataset.closed_word}, path


STATEMENTS = (
    'SELECT * FROM "{open}" UNION ALL SELECT * FROM "{file}"',
    'SELECT (SELECT string_agg(t::text, chr(10)) FROM "{file}" t) FROM "{open}"',
    'WITH "{open}" AS (SELECT * FROM "{file}") SELECT * FROM "{open}"',
    'WITH x AS (TABLE "{file}") SELECT * FROM x',
    'SELECT * FROM "{open}" o, LATERAL (SELECT * FROM "{file}") s',
    'SELECT * FROM public."{file}"',
    'SELECT * FROM PUBLIC."{file}"',
    'SELECT * FROM "public".U&"\\{u}"',
    'SELECT * FROM ONLY "{file}"',
    'SELECT * FROM "{open}" WHERE EXISTS (SELECT 1 FROM "{file}" WHERE "停车场" LIKE \'lotof%\')',
    "SELECT query_to_xml('SELECT * FROM \"{file}\"', true, true, '')",
    "SELECT table_to_xml('\"{file}\"'::regclass, true, true, '')",
    "SELECT database_to_xml(true, true, '')",
    "SELECT most_common_vals FROM pg_stats WHERE tablename = '{file}'",
    "SELECT * FROM pg_catalog.pg_statistic",
    'COPY "{file}" TO STDOUT',
    'SELECT 1; SELECT * FROM "{file}"',
    "SELECT ts_stat('SELECT _full_text FROM \"{file}\"')",
    "SELECT pg_read_file('/etc/passwd')",
    "SELECT * FROM json_populate_recordset(null::\"{file}\", '[]')",
    'EXPLAIN ANALYZE SELECT * FROM "{file}"',
    'SELECT * FROM "{alias}"',
    'SELECT * FROM "_table_metadata"',
    "DECLARE c CURSOR FOR SELECT 1",
    'VALUES ((SELECT "停车场" FROM "{file}" LIMIT 1))',
)


@pytest.mark.parametrize("visitor", ["anonymous", "signed_in", "operator", "administrator"])
def test_no_statement_reaches_a_closed_table(app: Any, stage: Stage, visitor: str) -> None:
    dataset, other = stage.datasets["conditional", False], stage.datasets["unconditional", False]
    unicode = "\\".join(f"{ord(letter):04x}" for letter in dataset.file)
    found = []
    for statement in STATEMENTS:
        sql = statement.format(file=dataset.file, open=other.file, alias=dataset.alias, u=unicode)
        answer = ask(
            app,
            stage,
            visitor,
            "/api/3/action/datastore_search_sql",
            "POST",
            data=json.dumps({"sql": sql}),
            content_type="application/json",
        )
        text = re.sub(r'"sql": "[^\n]*?",|' + dataset.alias, "", said(answer))
        found += [f"{sql} {answer.status_code}: {word}" for word in leaked(dataset, text)]
        if "EXISTS" in statement or "_table_metadata" in statement:
            assert answer.status_code != 200 or visitor == "administrator", sql
    assert found == []


@pytest.mark.parametrize(
    "order",
    [
        {"resource_id": ["{file}"]},
        {"resource_id": {"id": "{file}"}},
        {"id": "{file}", "resource_id": "{open}"},
        {"id": "{open}", "resource_id": "{file}"},
        {"id": "", "resource_id": "{file}"},
        {"id": None, "resource_id": "{file}"},
        {"id": [], "resource_id": "{file}"},
        {"resource_id": " {file}"},
        {"resource_id": "{file}\u200b"},
        {"resource_id": '{open}" UNION SELECT * FROM "{file}'},
        {"resource_id": "{open}", "filters": {'_id" = 1 OR 1=1 --': "1"}},
        {"resource_id": "{open}", "sort": '_id; SELECT * FROM "{file}"'},
        {"resource_id": "{open}", "fields": "(SELECT string_agg(t::text, ' ') FROM \"{file}\" t)"},
        {"resource_id": "{open}", "distinct": "true", "q": {"x') OR 1=1 --": "a"}},
        {"resource_id": "{file}", "limit": 0, "include_total": True},
    ],
)
def test_no_twisted_order_gets_rows_of_a_closed_table(app: Any, stage: Stage, order: dict[str, Any]) -> None:
    dataset, other = stage.datasets["conditional", False], stage.datasets["unconditional", False]
    text = json.dumps(order).replace("{file}", dataset.file).replace("{open}", other.file)
    for visitor in ("anonymous", "operator", "administrator"):
        for action in ("datastore_search", "datastore_info", "datastore_search_sql"):
            answer = ask(
                app, stage, visitor, f"/api/3/action/{action}", "POST", data=text, content_type="application/json"
            )
            assert leaked(dataset, said(answer)) == [], (visitor, action)
        if "limit" in order:
            assert (
                ask(
                    app,
                    stage,
                    visitor,
                    "/api/3/action/datastore_search",
                    "POST",
                    data=text,
                    content_type="application/json",
                ).status_code
                == 403
            )


def telling_of(dataset: Dataset, word: str, activities: list[str]) -> list[str]:
    """Every address that may tell a linked file's address or a row of a dataset."""
    return [
        f"/api/3/action/package_show?id={dataset.id}",
        f"/api/3/action/resource_show?id={dataset.link}",
        f"/api/3/action/package_search?q=name:{dataset.name}",
        f"/api/3/action/package_search?q=name:{dataset.name}&fl=*&include_private=true",
        f"/api/3/action/resource_search?query=url:{word}",
        f"/api/3/action/package_activity_list?id={dataset.id}&include_data=true",
        f"/dataset/{dataset.name}",
        f"/dataset/activity/{dataset.name}",
        f"/dataset/{dataset.name}/history",
        f"/dataset/{dataset.name}.ttl",
        f"/dataset/{dataset.name}.jsonld",
        "/catalog.ttl",
        "/feeds/dataset.atom",
        f"/dataset/{dataset.name}/resource/{dataset.link}",
        f"/dataset/{dataset.name}/resource/{dataset.link}/download",
        f"/dataset/{dataset.name}/resource/{dataset.file}/download",
        f"/datastore/dump/{dataset.file}",
        *(f"/api/3/action/activity_show?id={one}&include_data=true" for one in activities),
        *(f"/api/3/action/activity_data_show?id={one}" for one in activities),
        *(f"/api/3/action/activity_diff?id={one}&object_type=package&diff_type=unified" for one in activities),
        *(f"/dataset/{dataset.name}?activity_id={one}" for one in activities),
        *(f"/dataset/{dataset.name}/resource/{dataset.link}?activity_id={one}" for one in activities),
        *(f"/dataset/changes/{one}" for one in activities),
    ]


def test_what_was_open_leaves_nothing_behind_when_it_becomes_conditional(app: Any, stage: Stage) -> None:
    """The address of a linked file, in activities, index, feeds and DCAT; the rows, in the DataStore."""
    dataset = add_dataset(stage, "unconditional", False, f"opened-first-{secrets.token_hex(4)}")
    word = "linkopenedfirst.example"
    call_action("resource_patch", {"user": "administrator"}, id=dataset.link, url=f"https://{word}/data.csv")
    activities = call_action("package_activity_list", {"user": "administrator"}, id=dataset.id)
    assert word in said(ask(app, stage, "anonymous", f"/api/3/action/package_show?id={dataset.id}")), "open at first"
    call_action(
        "govdata_tier_change_propose",
        {"user": "own-agency"},
        id=dataset.id,
        open_tier="conditional",
        reason="含商业秘密",
    )
    model.Session.commit()
    paths = telling_of(dataset, word, [one["id"] for one in activities])
    found = []
    for visitor in ("anonymous", "signed_in", "other_agency", "operator"):
        for path in paths:
            text = heard(app, stage, visitor, path)
            found += [f"{visitor} {path}: {one}" for one in (word, dataset.open_word) if one in text]
    assert found == []
