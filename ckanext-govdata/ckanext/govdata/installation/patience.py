"""Web and worker may start together with the database: they wait for it, at most a minute."""

import time

import psycopg2


def wait_for_database(url: str, seconds: float = 60.0) -> None:
    """Return when the database answers; raise psycopg2.OperationalError when it does not within `seconds`."""
    end = time.monotonic() + seconds
    while True:
        try:
            psycopg2.connect(url, connect_timeout=5).close()
            return
        except psycopg2.OperationalError:
            if time.monotonic() > end:
                raise
        time.sleep(0.1)
