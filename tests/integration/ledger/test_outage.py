"""With PostgreSQL or Redis really stopped: closed data stays, in plain words and with 503; open data goes on where it can."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from typing import Any

import pytest
import requests

from ckanext.govdata.installation.machine import wait_until
from ckanext.govdata.installation.postgres import MAIN, OWNER

from ..installation.instance import Instance
from .recorded import entries, gap

pytestmark = [pytest.mark.requirement("LYG-17", "LYG-21"), pytest.mark.timeout(900)]
Scene = tuple[Instance, dict[str, str]]


@contextmanager
def without(instance: Instance, service: str) -> Iterator[None]:
    rpc = instance.portal.supervisor.rpc
    rpc().stopProcess(service)
    try:
        yield
    finally:
        rpc().startProcess(service)
        assert wait_until(lambda: answers(instance), 60), f"the portal did not come back after {service}"


_CUT = f"SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity WHERE usename = '{OWNER}'"
"""Ends every connection of the portal's."""


@contextmanager
def read_only(instance: Instance) -> Iterator[None]:
    """As after a change to a standby, or by an operator's hand when the disk is full: read, and nothing written."""
    connection = instance.portal.services()[0].connect(MAIN)
    with closing(connection), connection.cursor() as cursor:
        cursor.execute(f"ALTER ROLE {OWNER} SET default_transaction_read_only = on")
        cursor.execute(_CUT)
        try:
            yield
        finally:
            cursor.execute(f"ALTER ROLE {OWNER} RESET default_transaction_read_only")
            cursor.execute(_CUT)
    assert wait_until(lambda: answers(instance), 60)


def answers(instance: Instance) -> bool:
    try:
        return instance.portal.answers() == 200
    except OSError:
        return False


def take(instance: Instance, path: str, token: str = "", cookies: Any = None, **headers: str) -> requests.Response:
    given = {name.replace("_", "-"): value for name, value in headers.items()} | (
        {"Authorization": token} if token else {}
    )
    address = f"http://127.0.0.1:{instance.port}{path}"
    return requests.get(address, headers=given, cookies=cookies, allow_redirects=False, timeout=60)


def told_to_wait(answer: requests.Response) -> bool:
    """503, when to come again, and no word of the file."""
    return answer.status_code == 503 and int(answer.headers["Retry-After"]) > 0 and "停车场" not in answer.text


def of_visitor(instance: Instance) -> Any:
    """A session that lies in Redis: a form's key is in it."""
    came = requests.get(f"http://127.0.0.1:{instance.port}/user/login", timeout=60)
    assert came.cookies
    return came.cookies


def rows_of(scene: dict[str, str]) -> str:
    return f"/api/3/action/datastore_search?resource_id={scene['closed'].split('/')[4]}"


def _is_well(instance: Instance, told: dict[str, str]) -> None:
    """Nothing of it is left in any thread of the web server's."""
    for _ in range(12):
        assert take(instance, told["closed"], told["token"]).status_code == 200
        assert take(instance, told["open"]).status_code == 200
        assert take(instance, told["closed"], Accept="text/html").status_code == 403


def test_while_postgresql_is_stopped_nothing_leaves_and_people_and_programs_are_told_so(scene: Scene) -> None:
    instance, told = scene
    assert take(instance, told["closed"], told["token"]).status_code == 200
    with without(instance, "postgres"):
        for path in (
            told["closed"],
            told["open"],
            rows_of(told),
            "/api/3/action/package_list",
            "/dataset/conditional",
            "/",
        ):
            for token in ("", told["token"]):
                assert told_to_wait(take(instance, path, token)), (path, bool(token))
        page = take(instance, told["closed"], told["token"], Accept="text/html").text
        assert page.index("暂时无法提供服务") < page.index("For the moment this is not possible")
        english = take(instance, f"/en{told['closed']}", told["token"], Accept="text/html").text
        assert english.index("For the moment this is not possible") < english.index("暂时无法提供服务")
        said = json.loads(take(instance, rows_of(told), told["token"]).text)
        assert (said["success"], said["error"]["reason"], said["error"]["next"]) == (
            False,
            "service_unavailable",
            "wait",
        )
    _is_well(instance, told)


def test_while_redis_is_stopped_open_files_go_on_and_closed_ones_never_unrecorded(scene: Scene) -> None:
    instance, told = scene
    cookies = of_visitor(instance)
    with without(instance, "redis"):
        began = time.monotonic()
        for jar in (None, cookies):
            for accepted in ("*/*", "text/html"):
                assert take(instance, told["open"], cookies=jar, Accept=accepted).status_code == 200
                # Who is signed in cannot be known: that is no denial of anybody.
                denied = take(instance, told["closed"], cookies=jar, Accept=accepted)
                assert told_to_wait(denied) if jar else denied.status_code == 403
        answer = take(instance, told["closed"], told["token"])
        assert (answer.status_code == 200 and answer.headers["X-Delivery-Number"]) or told_to_wait(answer)
        assert time.monotonic() - began < 30
    _is_well(instance, told)


def test_while_the_database_takes_nothing_in_open_files_go_on_and_the_gap_is_counted(scene: Scene) -> None:
    instance, told = scene
    before = gap(instance, entries(instance))
    with read_only(instance):
        taken = [take(instance, told["open"]).status_code for _ in range(3)]
        closed = [take(instance, path, told["token"]) for path in (told["closed"], rows_of(told))]
    assert taken == [200, 200, 200]
    assert all(told_to_wait(one) for one in closed), [(one.status_code, one.text[:200]) for one in closed]
    # From the file into the log takes a moment in which it is in neither.
    assert wait_until(lambda: gap(instance, entries(instance)) - before >= 3, 20)
    _is_well(instance, told)


def test_after_the_database_ended_its_connections_a_denial_is_still_a_denial(scene: Scene) -> None:
    instance, told = scene
    connection = instance.portal.services()[0].connect(MAIN)
    with closing(connection), connection.cursor() as cursor:
        for _ in range(5):
            cursor.execute(_CUT)
            assert cursor.rowcount, "nothing was connected"
            denied = [take(instance, told["closed"], Accept="text/html").status_code for _ in range(4)]
            assert denied == [403] * 4
