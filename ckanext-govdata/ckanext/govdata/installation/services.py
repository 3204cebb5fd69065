"""PostgreSQL and Redis without supervisor, for the length of one command: a test run, a benchmark, a restore."""

import signal
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from ckanext.govdata.installation.machine import FIRST_START_MEGABYTES, only_one, require_space
from ckanext.govdata.installation.portal import Portal
from ckanext.govdata.installation.postgres import Postgres
from ckanext.govdata.installation.redis_server import RedisServer
from ckanext.govdata.installation.supervisor import environment

#: A test's data need not survive a power cut, so nothing waits for the disk.
FORGETFUL = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "shared_buffers": "128MB",
    "max_connections": "200",
}


@contextmanager
def running(portal: Portal, extra: dict[str, str] | None = None) -> Iterator[tuple[Postgres, RedisServer]]:
    """The portal's two services with two databases, empty at first, from here to the end of the block.

    Holds the data folder's lock. The services end with the block, and with this process if that is killed.
    """
    portal.refuse_strangers_folder()
    portal.layout.make()
    with only_one(portal.layout.run / "lock"), ExitStack() as stack:
        require_space(portal.layout.data, FIRST_START_MEGABYTES)
        portal.record.complete()
        postgres = Postgres(portal.layout, portal.record, extra)
        portal.end_leftovers(postgres)
        portal.settle_ports()
        postgres.initialise()
        _, redis = portal.services(extra)
        stack.enter_context(_process(portal, postgres.command(), portal.layout.log / "postgres.log", signal.SIGINT))
        stack.enter_context(_process(portal, redis.command(), portal.layout.log / "redis.log", signal.SIGTERM))
        postgres.wait_ready()
        redis.wait_ready()
        postgres.make_databases()
        yield postgres, redis


@contextmanager
def _process(portal: Portal, command: list[str], log: Path, stop: signal.Signals) -> Iterator[None]:
    with log.open("w") as output:
        child = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=output, stderr=output, cwd="/", env=environment(portal.layout),
            start_new_session=True,
        )  # fmt: skip
        try:
            yield
        finally:
            child.send_signal(stop)
            try:
                child.wait(30)
            except subprocess.TimeoutExpired:
                child.kill()
                child.wait()
