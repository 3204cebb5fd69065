"""What the door before the sign-in page looks at: passwords without anything else to show, and nothing but those."""

from __future__ import annotations

from io import BytesIO
from typing import Any
from urllib.parse import urlencode

import pytest

from ckanext.govdata_login import floods, guessing

SLOWED = "victim"


@pytest.fixture(autouse=True)
def slowed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(guessing, "turned_away", lambda name, address: name == SLOWED)


def ask(form: dict[str, str] | bytes, **environ: Any) -> tuple[str, bytes]:
    """The status, and what an application behind the door could still read."""
    body = form if isinstance(form, bytes) else urlencode(form).encode()
    seen: list[Any] = []

    def page(environ: dict[str, Any], start_response: Any) -> list[bytes]:
        start_response("200 OK", [])
        return [environ["wsgi.input"].read(len(body))]

    given = {
        "REQUEST_METHOD": "POST",
        "PATH_INFO": "/user/login",
        "CONTENT_TYPE": "application/x-www-form-urlencoded",
        "CONTENT_LENGTH": str(len(body)),
        "wsgi.input": BytesIO(body),
        **environ,
    }
    left = b"".join(floods.Door(page)(given, lambda status, headers: seen.extend((status, dict(headers)))))
    return (seen[1].get("Location") or str(seen[0])), left


GUESS = {"login": f" {SLOWED} ", "password": "guess"}


def test_a_password_for_a_slowed_name_goes_no_further() -> None:
    assert ask(GUESS) == ("?refused=1", b"")
    assert ask(GUESS, PATH_INFO="/zh_Hans_CN/user/login", QUERY_STRING="next=/desk") == ("?refused=1&next=%2Fdesk", b"")


@pytest.mark.parametrize(
    ("form", "environ"),
    [
        ({"login": "somebody", "password": "x"}, {}),
        ({**GUESS, "code": "123456"}, {}),
        (GUESS, {"HTTP_COOKIE": f"{guessing.COOKIE}=signed"}),
        (GUESS, {"PATH_INFO": "/user/reset"}),
        (GUESS, {"CONTENT_TYPE": "multipart/form-data; boundary=x"}),
        (b"login=%FF&" + b"&".join(b"a=1" for _ in range(40)), {}),
    ],
)
def test_everything_else_goes_on_whole(form: dict[str, str] | bytes, environ: dict[str, str]) -> None:
    status, left = ask(form, **environ)
    assert (status, left) == ("200 OK", form if isinstance(form, bytes) else urlencode(form).encode())


def test_without_redis_the_page_decides(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(name: str, address: str) -> bool:
        raise floods.RedisError

    monkeypatch.setattr(guessing, "turned_away", broken)
    assert ask(GUESS)[0] == "200 OK"
