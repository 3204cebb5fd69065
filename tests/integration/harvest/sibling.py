"""Another portal of this kind, with a database of its own: `python sibling.py INI PORT` serves it, and obeys its input.

Each line of the input is a JSON object with an action and its data, done in the portal's own name; each answer is one.
"""

from __future__ import annotations

import json
import sys
import threading
from typing import Any

from ckan import model
from ckan.cli import load_config
from ckan.cli.db import _run_migrations
from ckan.config.middleware import make_app
from ckan.plugins import toolkit as tk
from werkzeug.serving import make_server


def main() -> None:
    """Prints `ready` when it answers requests."""
    application: Any = make_app(load_config(sys.argv[1]))
    model.repo.init_db()
    for plugin in ("activity", "govdata_search", "govdata", "govdata_harvest"):
        _run_migrations(plugin)
    server = make_server("127.0.0.1", int(sys.argv[2]), application, threaded=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    print("ready", flush=True)
    for line in sys.stdin:
        with application._wsgi_app.test_request_context():
            print("done", json.dumps(_done(json.loads(line))), flush=True)


def _done(asked: dict[str, Any]) -> Any:
    name = asked.get("user") or tk.get_action("get_site_user")({"ignore_auth": True}, {})["name"]
    try:
        context = {"ignore_auth": True, "user": name, **asked.get("context", {})}
        return tk.get_action(asked["action"])(context, asked["data"])
    finally:
        model.Session.remove()


if __name__ == "__main__":
    main()
