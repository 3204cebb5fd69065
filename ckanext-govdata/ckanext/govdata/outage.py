"""What is answered while PostgreSQL or Redis does not: 503 and when to come again, in plain words, and no byte of closed data.

Guarantee: a request that needs what is gone gets no 500, and never something else than it would get with all services there:
where the tier, the visitor or the grant cannot be known, nothing leaves. What needs neither goes on. Stands outside of Flask,
because pages of errors ask the database too, and fails with them.
"""

from __future__ import annotations

import contextlib
import json
import logging
from collections.abc import Callable, Iterable
from typing import Any

import psycopg2
from ckan import model
from ckan.lib.redis import connect_to_redis
from ckan.types import CKANApp
from flask import Flask, Request, Response, has_request_context, request
from flask.sessions import SecureCookieSession
from redis import exceptions as redis_errors
from sqlalchemy import event, exc
from sqlalchemy.engine import Engine

logger = logging.getLogger(__name__)

AGAIN_AFTER = 30
_NOTE = "govdata.outage"
_READ_ONLY = "25006"
# Broken connection, no room, no memory, shutting down or starting up, broken disk, read only: not what a query can bring about.
_CODES = ("08", "53", "57P", "58", _READ_ONLY)
_OF_REDIS: tuple[type[Exception], ...] = (redis_errors.ConnectionError, redis_errors.TimeoutError)
_GONE: tuple[type[Exception], ...] = (
    exc.OperationalError,
    exc.InterfaceError,
    exc.TimeoutError,
    exc.PendingRollbackError,
    psycopg2.OperationalError,
    psycopg2.InterfaceError,
    *_OF_REDIS,
)
_EN = (
    "The portal's records do not answer at the moment, so this cannot be given. Nothing is lost, and nothing was done. "
    "Please try again in a minute."
)
_ZH = "门户的数据库或缓存服务暂时没有应答，因此现在无法提供。没有丢失任何内容，也没有执行任何操作。请一分钟后再试。"
_TITLE_EN, _TITLE_ZH = "For the moment this is not possible", "暂时无法提供服务"
_PAGE = """<!DOCTYPE html>
<html lang="{first}">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>{title}</title>
<style>body{{font:1rem/1.7 "PingFang SC","Microsoft YaHei","Noto Sans SC",system-ui,sans-serif;max-width:38rem;
margin:15vh auto;padding:0 1rem;color:#222}}h1{{font-size:1.5rem}}</style></head>
<body><main>{parts}</main></body>
</html>
"""


def is_outage(error: BaseException | None) -> bool:
    """Whether an error, or what led to it, says that a service does not answer, or takes nothing in."""
    for _ in range(10):
        if error is None:
            return False
        if isinstance(error, _GONE) or _code(error) == _READ_ONLY:
            return True
        error = error.__cause__ or error.__context__
    return False


def _code(error: BaseException) -> str | None:
    """PostgreSQL's own code of an error; None where the database said none, as where there is no connection to it."""
    return getattr(error.orig if isinstance(error, exc.DBAPIError) else error, "pgcode", None)


def _note_of_database(context: Any) -> None:
    """CKAN swallows some errors of its database, and then knows no visitor or no file: what was the matter is noted here.

    A kept connection that is found dead before its use is replaced, and nobody misses anything for it.
    """
    if context.is_pre_ping and context.is_disconnect:
        return
    code = _code(context.original_exception)
    gone = code is None and isinstance(context.original_exception, (psycopg2.OperationalError, psycopg2.InterfaceError))
    if has_request_context() and (gone or str(code or "").startswith(_CODES)):
        request.environ[_NOTE] = True


def _handled(error: Exception) -> Response:
    """In place of CKAN's page of errors, which would need what is gone."""
    logger.error("A service does not answer: %s", error)
    request.environ[_NOTE] = True
    return Response(status=500)


class Door:
    """The portal's WSGI application, with its failures for want of a service turned into 503."""

    def __init__(self, inner: Callable[..., Iterable[bytes]]) -> None:
        self._inner = inner

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        begun: list[tuple[Any, ...]] = []

        def begin(status: str, headers: list[tuple[str, str]], exc_info: Any = None) -> None:
            begun[:] = [(status, headers, exc_info)]

        try:
            body = self._inner(environ, begin)
        except Exception as error:
            if not is_outage(error):
                raise
            logger.error("A service does not answer: %s", error)
            return self._instead(environ, start_response)
        status, headers, exc_info = begun[-1]
        if _failed_by_it(int(status[:3]), dict(headers).get("Location", ""), environ):
            close = getattr(body, "close", None)
            if close is not None:
                close()
            return self._instead(environ, start_response)
        start_response(status, headers, exc_info)
        return body

    @staticmethod
    def _instead(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        # The thread's next request would find the broken transaction, and fail for a service that is back.
        with contextlib.suppress(Exception):
            model.Session.remove()
        return _answer(environ)(environ, start_response)


def _failed_by_it(status: int, leads_to: str, environ: dict[str, Any]) -> bool:
    """Whether an answer is no more than that something was not there: a denial too, where the visitor could not be known."""
    if environ.get(_NOTE):
        return status >= 400 or (status in (302, 303) and "/user/login" in leads_to)
    return status == 500 and _redis_is_gone()


def _redis_is_gone() -> bool:
    """Asked after a failure alone: CKAN's API does not say what failed."""
    try:
        connect_to_redis().ping()
    except _OF_REDIS:
        return True
    return False


def _answer(environ: dict[str, Any]) -> Response:
    chinese = str(environ.get("CKAN_LANG", "zh")).startswith("zh")
    headers = {"Retry-After": str(AGAIN_AFTER), "Cache-Control": "no-store"}
    if "text/html" in environ.get("HTTP_ACCEPT", ""):
        return Response(_page(chinese), 503, headers, content_type="text/html; charset=utf-8")
    message = _ZH if chinese else _EN
    said = {"allowed": False, "reason": "service_unavailable", "next": "wait", "message": message}
    body = {"success": False, "error": {"__type": "Service Unavailable", **said}, **said}
    return Response(json.dumps(body, ensure_ascii=False), 503, headers, content_type="application/json; charset=utf-8")


def _page(chinese: bool) -> str:
    parts = [("zh-Hans", _TITLE_ZH, _ZH), ("en", _TITLE_EN, _EN)]
    if not chinese:
        parts.reverse()
    (first, title, words), (second, other, same) = parts
    shown = f"<h1>{title}</h1><p>{words}</p><div lang='{second}'><h2>{other}</h2><p>{same}</p></div>"
    return _PAGE.format(first=first, title=title, parts=shown)


def _without_sessions(interface: Any) -> None:
    """While sessions cannot be read, every visitor is a stranger: gets what strangers get, and is denied nothing by that name."""
    opening, saving = interface.open_session, interface.save_session

    def open_session(app: Flask, asked: Request) -> Any:
        try:
            return opening(app, asked)
        except _OF_REDIS:
            asked.environ[_NOTE] = True
            return SecureCookieSession()

    def save_session(app: Flask, session: Any, answer: Response) -> None:
        if isinstance(session, SecureCookieSession) and request.environ.get(_NOTE):
            return
        try:
            saving(app, session, answer)
        except _OF_REDIS as error:
            logger.error("A session could not be kept: %s", error)

    interface.open_session, interface.save_session = open_session, save_session


def stand_before(app: CKANApp) -> CKANApp:
    """Put the door before the application and tell it of failures; for `IMiddleware.make_middleware`."""
    flask_app: Flask = app
    _without_sessions(flask_app.session_interface)
    for kind in _GONE:
        flask_app.register_error_handler(kind, _handled)
    flask_app.wsgi_app = Door(flask_app.wsgi_app)
    if not event.contains(Engine, "handle_error", _note_of_database):
        event.listen(Engine, "handle_error", _note_of_database)
    return app
