"""Takes lists in, each in a process of its own that can be killed: `python ground.py INI`, one path of a list a line."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from ckan import model
from ckan.cli import load_config
from ckan.config.middleware import make_app
from ckan.plugins import toolkit as tk


def main() -> None:
    """Answers `started PID` for each line, and the child says `ended` if it lives to."""
    application = make_app(load_config(sys.argv[1]))
    from ckanext.govdata_harvest.importing import Importing

    model.Session.remove()
    model.meta.engine.dispose()
    for line in sys.stdin:
        child = os.fork()
        if child == 0:
            with application._wsgi_app.test_request_context():
                user = model.User.get(tk.get_action("get_site_user")({"ignore_auth": True}, {})["name"])
                Importing(Path(line.strip()), user).run()
            print("ended", flush=True)
            os._exit(0)
        print("started", child, flush=True)
        os.waitpid(child, 0)
        print("gone", flush=True)


if __name__ == "__main__":
    main()
