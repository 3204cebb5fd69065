"""A worker of background jobs in a process of its own: `python -m tests.integration.harvest.worker INI`, until it is killed."""

from __future__ import annotations

import os
import signal
import sys

from ckan.cli import load_config
from ckan.config.middleware import make_app

from ckanext.govdata.installation.worker import _end_with_parent


def main() -> None:
    make_app(load_config(sys.argv[1]))
    from ckan.lib.jobs import Worker

    os.register_at_fork(after_in_child=_end_with_parent)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    Worker().work()


if __name__ == "__main__":
    main()
