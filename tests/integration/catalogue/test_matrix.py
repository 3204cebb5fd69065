"""Each role, each kind of entry, each way to learn of it: what somebody may not see is as if it had never existed."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator
from typing import Any

import pytest
from ckan import model

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


def answers(app: Any, scene: Scene, role: str) -> dict[str, tuple[int, str]]:
    found = {}
    for way in ways(scene):
        answer = app.get(way, headers=scene.headers(role), follow_redirects=False)
        found[way] = (answer.status_code, lasting(answer.get_data(as_text=True)))
    return found


def difference(before: tuple[int, str], after: tuple[int, str]) -> list[str]:
    """The first lines in which two answers differ, for a message that can be read."""
    pieces = [re.split(r"\n|(?<=,) ", f"{status}\n{text}") for status, text in (before, after)]
    return [line[:200] for line in difflib.ndiff(*pieces) if line[0] in "+-"][:6]


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
    assert {way: difference(before[way], after[way]) for way in before if before[way] != after[way]} == {}


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
