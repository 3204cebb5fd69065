"""Makes somebody to sign in, a token of CKAN's, and where govdata_login is on a program's token; prints them as JSON."""

from __future__ import annotations

import json
import sys

from ckan import model
from ckan.cli import load_config
from ckan.config.middleware import make_app
from ckan.plugins import plugin_loaded
from ckan.plugins import toolkit as tk

from ckanext.govdata.installation.prepare import migrate

PASSWORD = "bridge-of-five-arches"


def program() -> str:
    """A program's access token with a scope that nothing here asks for."""
    from ckanext.govdata_login.clients import registering, tokens

    def offered(user_id: str) -> list[dict[str, str]]:
        return [{"name": "open", "title": "Open data"}]

    user = model.User.by_name("somebody")
    assert user is not None
    with tk.signals.ckanext.signal("govdata_login_scopes").connected_to(offered):
        row, _ = registering.register(user.id, {"title": "Bench", "scopes": ["open"]})
    access = tokens.new(tokens.ACCESS)
    tokens.give(row, user.id, {"access_token": access, "scope": "open"}, "bench")
    model.Session.commit()
    return access


def main(ini: str) -> None:
    application = make_app(load_config(ini))
    migrate()
    with vars(application)["_wsgi_app"].test_request_context():
        by = tk.get_action("get_site_user")({"ignore_auth": True}, {})["name"]
        order = {"name": "somebody", "email": "somebody@example.org", "password": PASSWORD}
        tk.get_action("user_create")({"ignore_auth": True, "user": by}, order)
        own = {"user": "somebody", "name": "bench"}
        found = {"token": tk.get_action("api_token_create")({"ignore_auth": True, "user": "somebody"}, own)["token"]}
        if plugin_loaded("govdata_login"):
            found["program"] = program()
        print(json.dumps(found))


if __name__ == "__main__":
    main(sys.argv[1])
