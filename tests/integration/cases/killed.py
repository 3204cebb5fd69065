"""Does a piece of a withdrawal in a process that is killed at a moment set beforehand: `python killed.py INI`.

Each line says what, how many statements it lives for (0: to its end), and on what. The kill is the process's own SIGKILL, in the
middle of its work with the databases: nothing is unwound, and the databases see a connection that is gone.
"""

from __future__ import annotations

import contextlib
import datetime
import os
import signal
import sys
from typing import Any

from ckan import model
from ckan.cli import load_config
from ckan.config.middleware import make_app
from ckan.plugins import toolkit as tk
from sqlalchemy import event
from sqlalchemy.engine import Engine


def dies_at(statement: int) -> None:
    """Be killed before this statement, or commit, of whichever database."""
    left = statement

    def count(*_: Any) -> None:
        nonlocal left
        left -= 1
        if left == 0:
            os.kill(os.getpid(), signal.SIGKILL)

    event.listen(Engine, "before_cursor_execute", count)
    event.listen(Engine, "commit", count)


def withdraw(dataset: str) -> None:
    order = {"id": dataset, "reason": "疑似泄露", "what": "误含经营者电话"}
    tk.get_action("govdata_withdraw")({"user": "operator", "ignore_auth": True}, order)


def follow(_: str) -> None:
    from ckanext.govdata.cases.withdrawal.cleaning import follow_all

    follow_all()


def send(_: str) -> None:
    from ckanext.govdata.columns import now
    from ckanext.govdata.notices.sending import send

    for _round in range(40):
        send(now() + datetime.timedelta(days=365))


WORK = {"withdraw": withdraw, "follow": follow, "send": send}


def main() -> None:
    """Answers `gone` and how the process ended for each line."""
    application = make_app(load_config(sys.argv[1]))
    from ckanext.datastore.backend.postgres import get_read_engine, get_write_engine

    model.Session.remove()
    for engine in (model.meta.engine, get_read_engine(), get_write_engine()):
        engine.dispose()
    for line in sys.stdin:
        what, statement, on = line.split()
        child = os.fork()
        if child == 0:
            with contextlib.redirect_stdout(sys.stderr), application._wsgi_app.test_request_context():
                if int(statement):
                    dies_at(int(statement))
                WORK[what](on)
            os._exit(0)
        print("gone", os.waitpid(child, 0)[1], flush=True)


if __name__ == "__main__":
    main()
