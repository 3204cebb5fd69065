"""Every address and every action of a portal with all plugins on is classified; a new one is not overlooked."""

from __future__ import annotations

from typing import Any

import pytest
from ckan.plugins import toolkit as tk

from ckanext.govdata.access.inventory import actions_of, load, routes_of, unclassified

from .stage import PLUGINS

ALL = f"{PLUGINS} govdata_login audio_view video_view webpage_view"
HINT = "classify it in access/inventory.yaml after reading what it can give; what gives bytes goes through the gate"
# Endpoints whose answers were read, and which the gate answers or whose rows come by the gate's actions.
GATED = {
    "resource.download",
    "datastore.dump",
    "resource_proxy.proxy_view",
    "file.download",
    "file.trusted_download",
    "file.public_download",
    "datatablesview.ajax",
    "datatablesview.filtered_download",
}


@pytest.mark.ckan_config("ckan.plugins", ALL)
@pytest.mark.requirement("LYG-10", "LYG-21")
def test_every_address_and_action_of_the_portal_is_classified(with_plugins: None, app: Any) -> None:
    inventory = load()
    assert unclassified(routes_of(app.flask_app), inventory.routes) == [], HINT
    assert unclassified(actions_of(), inventory.actions) == [], HINT
    # Nothing is listed that is not there any more: a list that has grown old hides what is new.
    assert unclassified(inventory.routes, dict.fromkeys(routes_of(app.flask_app))) == []
    assert unclassified(inventory.actions, dict.fromkeys(actions_of())) == []


def test_what_is_known_to_give_bytes_is_classified_so() -> None:
    gated = {name.split()[0] for name, given in load().routes.items() if given == "gated"}
    assert gated >= GATED
    assert load().actions["datastore_search"] == "gated"


@pytest.mark.ckan_config("ckan.plugins", f"{ALL} example_flask_iblueprint")
def test_a_plugin_with_a_new_address_is_found(with_plugins: None, app: Any) -> None:
    missing = unclassified(routes_of(app.flask_app), load().routes)
    assert any(name.startswith("example_flask_iblueprint.") for name in missing), missing


@pytest.mark.ckan_config("ckan.plugins", ALL)
def test_a_new_action_is_found(with_plugins: None, monkeypatch: pytest.MonkeyPatch) -> None:
    from ckan import logic

    tk.get_action("package_show")
    monkeypatch.setitem(logic._actions, "rows_by_the_back_door", lambda context, data_dict: None)
    assert "rows_by_the_back_door" in unclassified(actions_of(), load().actions)
