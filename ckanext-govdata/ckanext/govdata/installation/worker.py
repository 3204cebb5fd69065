"""The worker of background jobs, which also queues what is scheduled or due: `python -m ...installation.worker`."""

import ctypes
import gc
import os
import signal
from typing import Any

from ckanext.govdata.installation import libmagic

libmagic.ensure()

from ckan.cli import load_config  # noqa: E402  (libmagic comes first)
from ckan.config.middleware import make_app  # noqa: E402

from ckanext.govdata.installation.patience import wait_for_database  # noqa: E402

_PR_SET_PDEATHSIG = 1
_LOOK_SECONDS = 60


def _end_with_parent() -> None:
    """A job's process and the scheduler's must not outlive a killed worker."""
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)


def portal_worker() -> Any:
    """A worker that also looks after chores and heartbeat; CKAN must be loaded."""
    from ckan.lib.jobs import Worker

    from ckanext.govdata.beat import keep_beating
    from ckanext.govdata.chores import queue_due

    class PortalWorker(Worker):
        """Looks after chores and heartbeat at its start and every minute, whether it is busy or idle."""

        def run_maintenance_tasks(self) -> None:
            super().run_maintenance_tasks()
            queue_due()
            keep_beating()

    # An idle worker waits for jobs as long as its time to live, less 15 s, before it looks after anything else.
    return PortalWorker(maintenance_interval=_LOOK_SECONDS, worker_ttl=_LOOK_SECONDS + 15)


def main() -> None:
    """Work until told to stop."""
    settings = load_config()
    wait_for_database(str(settings["sqlalchemy.url"]))
    make_app(settings)
    os.register_at_fork(after_in_child=_end_with_parent)
    # Each job is a fork: what is loaded stays shared with it as long as the collector does not touch, so copy, it.
    gc.collect()
    gc.freeze()
    portal_worker().work(with_scheduler=True)


if __name__ == "__main__":
    main()
