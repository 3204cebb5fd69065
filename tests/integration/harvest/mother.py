"""Workers of background jobs, each in a process of its own that can be killed: `python mother.py INI`, one line a worker."""

from __future__ import annotations

import os
import signal
import sys

from ckan import model
from ckan.cli import load_config
from ckan.config.middleware import make_app

from ckanext.govdata.installation.worker import _end_with_parent


def main() -> None:
    """Answers `started PID` for each line."""
    make_app(load_config(sys.argv[1]))
    from ckan.lib.jobs import Worker

    model.Session.remove()
    model.meta.engine.dispose()
    # Whoever is killed is gone at once; its parent does not have to ask for it.
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    for _ in sys.stdin:
        child = os.fork()
        if child == 0:
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            _end_with_parent()
            os.register_at_fork(after_in_child=_end_with_parent)
            Worker().work()
            os._exit(0)
        print("started", child, flush=True)


if __name__ == "__main__":
    main()
