"""What becomes of an answer that failed because a service was not there, and of all others."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

import psycopg2
import psycopg2.errors
import pytest
from redis import exceptions as redis_errors
from sqlalchemy import exc
from werkzeug.test import Client

from ckanext.govdata.outage import Door, is_outage

pytestmark = pytest.mark.requirement("LYG-17", "LYG-21")


def answering(status: str, note: bool = False, **headers: str) -> Client:
    def inner(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        environ["CKAN_LANG"] = environ.get("HTTP_ACCEPT_LANGUAGE") or "zh_Hans_CN"
        if note:
            environ["govdata.outage"] = True
        start_response(status, list(headers.items()))
        return [b"inner"]

    return Client(Door(inner))


def failing(error: Exception) -> Client:
    def inner(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        raise error

    return Client(Door(inner))


@pytest.mark.parametrize(
    "error",
    [
        psycopg2.OperationalError("gone"),
        psycopg2.InterfaceError("connection already closed"),
        exc.OperationalError("SELECT 1", {}, Exception("gone")),
        exc.TimeoutError("pool"),
        redis_errors.ConnectionError("gone"),
        redis_errors.TimeoutError("late"),
    ],
    ids=lambda error: type(error).__module__ + type(error).__name__,
)
def test_whatever_a_missing_service_raises_is_503_with_when_to_come_again(error: Exception) -> None:
    assert is_outage(error)
    answer = failing(error).get("/dataset/x/resource/y/download")
    assert (answer.status_code, answer.headers["Retry-After"], answer.headers["Cache-Control"]) == (
        503,
        "30",
        "no-store",
    )


def test_another_fault_stays_a_fault() -> None:
    assert not is_outage(ValueError("x"))
    with pytest.raises(ValueError, match="x"):
        failing(ValueError("x")).get("/")


def test_a_cause_behind_the_error_counts() -> None:
    try:
        try:
            raise psycopg2.OperationalError("gone")
        except psycopg2.OperationalError as cause:
            raise RuntimeError("something") from cause
    except RuntimeError as error:
        assert is_outage(error)


@pytest.mark.parametrize("status", ["500 X", "403 X", "404 X", "401 X"])
def test_a_denial_by_not_knowing_the_visitor_is_no_denial(status: str) -> None:
    assert answering(status, note=True).get("/").status_code == 503
    assert answering("302 X", note=True, Location="/user/login?next=x").get("/").status_code == 503


@pytest.mark.parametrize("status", ["200 OK", "304 X", "206 X", "302 X"])
def test_what_was_given_all_the_same_is_given(status: str) -> None:
    answer = answering(status, note=True, Location="/x").get("/")
    assert (answer.status_code, answer.data) == (int(status[:3]), b"inner")


@pytest.mark.parametrize("status", ["403 X", "404 X", "409 X", "500 X"])
def test_without_an_outage_nothing_is_changed(status: str) -> None:
    assert answering(status).get("/").status_code == int(status[:3])


def test_people_read_both_languages_their_own_first_and_programs_a_code() -> None:
    page = answering("500 X", note=True).get("/", headers={"Accept": "text/html"}).text
    assert page.index("暂时无法提供服务") < page.index("For the moment this is not possible")
    assert 'lang="zh-Hans"' in page
    page = answering("500 X", note=True).get("/", headers={"Accept": "text/html", "Accept-Language": "en"}).text
    assert page.index("For the moment") < page.index("暂时无法")
    told = json.loads(answering("500 X", note=True).get("/api/3/action/datastore_search").data)
    assert (told["reason"], told["next"], told["success"], told["error"]["reason"]) == (
        "service_unavailable", "wait", False, "service_unavailable",
    )  # fmt: skip
