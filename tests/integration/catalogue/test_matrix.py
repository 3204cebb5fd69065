"""Each role, each kind of entry, each way to learn of it: what somebody may not see is as if it had never existed."""

from __future__ import annotations

import contextlib
import json
import uuid
from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest
from ckan import logic, model
from ckan.plugins import toolkit as tk
from flask import current_app
from werkzeug.routing import BuildError

from .scene import CLOSED, KINDS, PLUGINS, PUBLIC, ROLES, SHARED, Scene, add_entry, people_of_all_roles, release
from .ways import api, lasting, told, ways

pytestmark = [
    pytest.mark.ckan_config("ckan.plugins", PLUGINS),
    pytest.mark.ckan_config("ckan.auth.create_unowned_dataset", False),
    pytest.mark.ckan_config("ckan.auth.create_dataset_if_not_in_organization", False),
    pytest.mark.ckan_config("ckan.auth.user_create_organizations", False),
    pytest.mark.ckan_config("ckan.auth.user_create_groups", False),
    pytest.mark.ckan_config("ckan.datastore.sqlsearch.enabled", True),
    pytest.mark.requirement("YZ-22", "LYG-7", "YZ-10", "LYG-12"),
]
STRANGERS = ("visitor", "data_user")
OUTSIDE = (*STRANGERS, "other_officer")
_made: dict[str, Any] = {}


def _walker(always: str) -> list[Any]:
    """Those who are led through all of something: one of them always, the others in the long run."""
    return [role if role == always else pytest.param(role, marks=pytest.mark.long) for role in OUTSIDE]


def answers(app: Any, scene: Scene, role: str) -> dict[str, tuple[int, str]]:
    found = {}
    for way in ways(scene):
        answer = app.get(way, headers=scene.headers(role), follow_redirects=False)
        found[way] = (answer.status_code, lasting(answer.get_data(as_text=True)))
    return found


def in_order(text: str) -> str:
    """JSON with each list sorted, a value to a line; other text as it is."""
    try:
        return json.dumps(_sorted(json.loads(text)), indent=0, sort_keys=True)
    except ValueError:
        return text


def _sorted(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _sorted(one) for key, one in value.items()}
    if isinstance(value, list):
        return sorted((_sorted(one) for one in value), key=lambda one: json.dumps(one, sort_keys=True))
    return value


def difference(before: tuple[int, str], after: tuple[int, str]) -> list[str]:
    """Lines of two answers that are not in both, whatever their order: search and tables leave the order of equals open."""
    there, here = (Counter(f"{status}\n{in_order(text)}".split("\n")) for status, text in (before, after))
    return [f"-{line[:200]}" for line in (there - here)][:4] + [f"+{line[:200]}" for line in (here - there)][:4]


@pytest.fixture
def scene(with_plugins: None, request: pytest.FixtureRequest) -> Iterator[Scene]:
    """The whole stage, set once for this module; on the way, what each outsider is told before entries are added."""
    if "begun" in _made and "scene" not in _made:
        pytest.fail("the stage could not be set; see the first test")
    if "scene" not in _made:
        _made["begun"] = True
        request.getfixturevalue("portal")
        request.getfixturevalue("migrate_db_for")("tracking")
        app = request.getfixturevalue("app")
        stage = people_of_all_roles()
        for kind in PUBLIC:
            add_entry(stage, kind)
        before = {role: answers(app, stage, role) for role in OUTSIDE}
        for kind in CLOSED:
            if kind not in SHARED:
                add_entry(stage, kind)
        _made["officer"] = (before["other_officer"], answers(app, stage, "other_officer"))
        for kind in SHARED:
            add_entry(stage, kind)
        _made.update({role: (before[role], answers(app, stage, role)) for role in STRANGERS})
        release(stage)
        _made["scene"] = stage
    yield _made["scene"]
    model.Session.rollback()


@pytest.mark.parametrize("role", ["visitor", "data_user", "officer"])
def test_lists_searches_counts_and_pages_are_the_same_as_if_hidden_entries_had_never_existed(
    scene: Scene, role: str
) -> None:
    before, after = _made[role]
    differing = {way: difference(before[way], after[way]) for way in before}
    assert {way: lines for way, lines in differing.items() if lines} == {}


@pytest.mark.parametrize("role", OUTSIDE)
def test_no_answer_holds_a_word_of_a_hidden_entry(scene: Scene, role: str) -> None:
    after = _made["officer" if role == "other_officer" else role][1]
    hidden = scene.hidden_from(role)
    told_of = {
        (way, entry.kind): words
        for way, (_, text) in after.items()
        for entry in hidden
        if (words := told(entry, text, asked=way))
    }
    assert told_of == {}


@pytest.mark.parametrize("role", ROLES)
def test_each_role_sees_the_kinds_of_entries_that_the_table_says(app: Any, scene: Scene, role: str) -> None:
    headers = scene.headers(role)
    shown, found, listed = set(), set(), set()
    for kind, entry in scene.entries.items():
        if app.get(api("package_show", id=entry.id), headers=headers).status_code == 200:
            shown.add(kind)
        address = api("package_search", q=f"name:{entry.name}", include_private=True, include_drafts=True)
        if app.get(address, headers=headers).json["result"]["count"]:
            found.add(kind)
        if app.get(api("resource_show", id=entry.file), headers=headers).status_code == 200:
            listed.add(kind)
    expected = {kind for kind, roles in KINDS.items() if role in roles}
    assert shown == found == listed == expected


# What makes something out of whatever it is given, and never looks an entry up by it.
_MAKERS = {"package_create", "user_create", "file_create", "api_token_create", "file_register"}
_DEEP = {"visitor": ("draft", "closed_later"), "data_user": ("draft", "closed_later")}


def arguments(reference: str, scene: Scene) -> dict[str, Any]:
    """The one set of arguments that names the reference wherever any action could look for it."""
    ids = ("id", "name_or_id", "package_id", "resource_id", "entity_id", "object", "subject", "id2", "owner_id", "name")
    return {
        **dict.fromkeys(ids, reference),
        "object_type": "package",
        "owner_type": "package",
        "match": {"id": reference},
        "datasets": [reference],
        "org_id": scene.other_agency["id"],
        "order": [reference],
        "resource": {"package_id": reference},
        "sql": f'SELECT * FROM "{reference}"',
        "include_data": True,
        "diff_type": "unified",
        "task_type": "x",
        "key": "x",
        "type": "links_to",
        "user_id": scene.other_agency["id"],
        "capacity": "member",
        "reviewer": "agency",
        "accept": True,
        "released": True,
        "open_tier": "conditional",
        "reason": "x",
        "view_type": "text_view",
        "title": "x",
        "q": "x",
        "query": "name:x",
        "limit": 3,
    }


def outcome(action: str, scene: Scene, role: str, reference: str) -> str:
    """What an action answers, with the reference taken out of it."""
    try:
        said = repr(tk.get_action(action)(scene.context(role), arguments(reference, scene)))
    except Exception as error:  # noqa: BLE001 - whatever it is, it has to be the same for both
        said = f"{type(error).__name__}: {error} {getattr(error, 'error_dict', '')}"
    model.Session.rollback()
    return lasting(said.replace(reference, "REFERENCE"))


def references(entry: Any) -> dict[str, str]:
    from ckanext.activity.model import Activity

    activity = model.Session.query(Activity).filter(Activity.object_id == entry.id).first()
    return {
        "id": entry.id,
        "name": entry.name,
        "file": entry.file,
        "view": entry.view,
        "alias": f"alias{entry.word}{entry.file[:8]}",
        "activity": activity.id if activity else entry.id,
    }


def is_uuid(reference: str) -> bool:
    try:
        return str(uuid.UUID(reference)) == reference
    except ValueError:
        return False


# What never existed, in either shape of a reference: schemas judge the shape before anything is looked up.
_INVENTED = {True: str(uuid.uuid4()), False: f"none{uuid.uuid4().hex[:12]}"}


@pytest.mark.usefixtures("with_request_context")
@pytest.mark.parametrize("role", _walker("other_officer"))
def test_every_action_answers_a_hidden_id_as_an_id_that_never_existed(scene: Scene, role: str) -> None:
    tk.get_action("package_show")
    names = sorted(name for name in logic._actions if name not in _MAKERS)
    hidden = [scene.entries[kind] for kind in _DEEP.get(role, ("draft", "held_unknown_tier"))]
    differing = {}
    for name in names:
        nothing = {shape: outcome(name, scene, role, made) for shape, made in _INVENTED.items()}
        for entry in hidden:
            for part, reference in references(entry).items():
                said = outcome(name, scene, role, reference)
                expected = nothing[is_uuid(reference)]
                if said != expected:
                    differing[name, entry.kind, part] = (expected[:200], said[:200])
    assert differing == {}
    assert len(names) > 130, "the actions of all plugins are asked"


_NOT_OF_ENTRIES = (
    "static",
    "webassets",
    "util",
    "home",
    "admin",
    "user",
    "group",
    "organization",
    "feeds",
    "api",
    "_debug",
)


def addresses(parts: dict[str, str]) -> Iterator[tuple[str, str]]:
    """Every address of the portal into which ids of an entry fit, for GET and for POST."""
    given = {
        "id": parts["id"],
        "_id": parts["id"],
        "resource_id": parts["file"],
        "view_id": parts["view"],
        "resource_view_id": parts["view"],
        "activity_id": parts["activity"],
        "filename": "f.csv",
        "_format": "ttl",
        "package_type": "dataset",
    }
    for rule in sorted(current_app.url_map.iter_rules(), key=str):
        if rule.endpoint.split(".")[0] in _NOT_OF_ENTRIES or not rule.arguments or not rule.arguments <= set(given):
            continue
        with contextlib.suppress(BuildError):
            for method in sorted(rule.methods & {"GET", "POST"}):
                for part in ("id", "name", "file", "activity") if "id" in rule.arguments else ("",):
                    filled = {name: given[name] for name in rule.arguments} | ({"id": parts[part]} if part else {})
                    yield method, rule.build(filled)[1]


@pytest.mark.parametrize("role", _walker("visitor"))
def test_every_page_answers_hidden_ids_as_ids_that_never_existed(app: Any, scene: Scene, role: str) -> None:
    kind = "closed_later" if role in STRANGERS else "held_unknown_tier"
    with app.flask_app.test_request_context():
        real = references(scene.entries[kind])
        invented = {part: str(uuid.uuid4()) for part in real}
        pairs = list(zip(addresses(real), addresses(invented), strict=True))

    def answer(method: str, address: str, parts: dict[str, str]) -> tuple[int, str]:
        ask = app.get if method == "GET" else app.post
        try:
            given = ask(address, headers=scene.headers(role), follow_redirects=False)
        except Exception as error:  # noqa: BLE001 - what CKAN's own view does not catch has to be the same for both
            return 500, type(error).__name__
        text = f"{given.headers.get('Location', '')}\n{given.get_data(as_text=True)}"
        for part, reference in parts.items():
            text = text.replace(reference, part)
        return given.status_code, lasting(text)

    differing = {}
    for (method, there), (_, nowhere) in pairs:
        said, expected = answer(method, there, real), answer(method, nowhere, invented)
        if said != expected:
            differing[method, there] = difference(expected, said)
    assert differing == {}
    assert len(pairs) > 60, "the pages of all plugins are asked"


@pytest.mark.requirement("GY-c2", "LYG-7")
def test_a_released_entry_shows_title_agency_and_basis_in_the_negative_list_and_nothing_else(
    app: Any, scene: Scene
) -> None:
    released = scene.entries["not_open_released"]
    answer = app.get(api("govdata_negative_list"))
    (row,) = answer.json["result"]["results"]
    assert row["title"] == f"目录{released.word}"
    assert set(row) == {"title", "title_en", "agency", "agency_title", "open_basis", "open_exception"}
    for page in ("/negative-list", "/negative-list.json", "/negative-list.csv"):
        text = app.get(page).get_data(as_text=True)
        assert f"目录{released.word}" in text
        assert not {released.id, released.file, released.link, f"tag{released.word}", f"摘要{released.word}"} & set(
            text.split()
        )
        assert released.id not in text
    after = {way: app.get(way).get_data(as_text=True) for way in ways(scene) if "negative" not in way}
    told_of = {way: words for way, text in after.items() if (words := told(released, text, asked=way))}
    assert {way for way in told_of if not way.startswith("/organization/")} == set()


BYTES = {
    "download": "/dataset/{id}/resource/{file}/download/f.csv",
    "download by address": "/dataset/{id}/resource/{file}/download",
    "rows": "/api/3/action/datastore_search?resource_id={file}",
    "rows by alias": "/api/3/action/datastore_search?resource_id={alias}",
    "sql": '/api/3/action/datastore_search_sql?sql=SELECT * FROM "{file}"',
    "sql by alias": '/api/3/action/datastore_search_sql?sql=SELECT * FROM "{alias}"',
    "sql within": '/api/3/action/datastore_search_sql?sql=SELECT * FROM (SELECT * FROM "{file}") x',
    "dump": "/datastore/dump/{file}",
    "dump as json": "/datastore/dump/{file}?format=json",
    "dump by alias": "/datastore/dump/{alias}",
    "proxy": "/dataset/{id}/resource/{file}/proxy",
    "view": "/dataset/{id}/resource/{file}/view/{view}",
    "file": "/file/download/{file}",
    "public file": "/file/public-download/default/resources/{file}",
    "info": "/api/3/action/datastore_info?id={file}",
    "page": "/dataset/{id}/resource/{file}",
    "api page": "/dataset/{id}/api",
}


@pytest.mark.requirement("LYG-10", "LYG-19", "LYG-9", "YZ-27", "DCF-25")
@pytest.mark.parametrize("role", ROLES)
def test_bytes_and_rows_reach_those_whom_the_gate_lets_through_and_nobody_else(
    app: Any, scene: Scene, role: str
) -> None:
    own = role in ("member", "publisher", "decider")
    got: dict[str, set[str]] = {}
    for kind, entry in scene.entries.items():
        for way, address in BYTES.items():
            answer = app.get(address.format(**references(entry)), headers=scene.headers(role), follow_redirects=False)
            if f"row{entry.word}" in answer.get_data(as_text=True):
                got.setdefault(kind, set()).add(way)
    allowed = set(KINDS) if own else {"unconditional"}
    assert {kind: got[kind] for kind in set(got) - allowed} == {}
    open_ways = {"download", "rows", "rows by alias", "sql", "dump", "dump as json", "dump by alias"}
    assert {kind: open_ways - got.get(kind, set()) for kind in allowed if open_ways - got.get(kind, set())} == {}


@pytest.mark.requirement("LYG-10", "LYG-19")
@pytest.mark.parametrize("role", ROLES)
def test_the_address_of_a_link_that_is_not_open_to_everybody_stands_nowhere(app: Any, scene: Scene, role: str) -> None:
    host = {kind: f"link{entry.word}.example" for kind, entry in scene.entries.items()}
    asked = list(ways(scene)) if role in ("decider", "administrator") else []
    for entry in scene.entries.values():
        asked += [api("package_show", id=entry.id), api("resource_show", id=entry.link), f"/dataset/{entry.id}.ttl"]
        asked += [f"/dataset/{entry.name}", api("package_activity_list", id=entry.id), f"/dataset/activity/{entry.id}"]
    shown = set()
    for way in asked:
        text = app.get(way, headers=scene.headers(role)).get_data(as_text=True)
        shown |= {kind for kind, name in host.items() if name in text and name not in way}
    # Reviewers have to see where an entry leads to that is to be open to everybody.
    assert shown == {"unconditional"} | ({"draft", "in_review"} if role in KINDS["draft"] else set())
    led = set()
    for kind, entry in scene.entries.items():
        address = f"/dataset/{entry.id}/resource/{entry.link}/download/data.csv"
        answer = app.get(address, headers=scene.headers(role), follow_redirects=False)
        if host[kind] in answer.headers.get("Location", ""):
            led.add(kind)
    own = role in ("member", "publisher", "decider")
    assert led == (set(KINDS) if own else {"unconditional"})
