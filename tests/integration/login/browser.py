"""A person at a browser: cookies, redirects followed one at a time, and forms sent with their hidden fields."""

from __future__ import annotations

import re
import socket
from html import unescape
from urllib.parse import urljoin, urlsplit

import requests

_INPUT = re.compile(r"<input[^>]*>", re.S)
_FORM = re.compile(r"<form[^>]*>.*?</form>", re.S)


def free_port() -> int:
    """A port that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _attribute(tag: str, name: str) -> str:
    found = re.search(rf'\b{name}="([^"]*)"', tag)
    return unescape(found.group(1)) if found else ""


class Person:
    """Somebody with a browser of their own."""

    def __init__(self, portal: str) -> None:
        self.portal = portal
        self.http = requests.Session()
        self.http.headers["User-Agent"] = "test browser"
        self.visited: list[str] = []

    def get(self, address: str, stop_at: str = "") -> requests.Response:
        """Follow an address through redirects; stop before an address that begins with `stop_at`."""
        return self._follow(self.http.get(self._whole(address), allow_redirects=False), stop_at)

    def post(self, address: str, stop_at: str = "", **fields: str) -> requests.Response:
        """Send fields as a form would, without reading the form first."""
        return self._follow(self.http.post(self._whole(address), data=fields, allow_redirects=False), stop_at)

    def send(self, page: requests.Response, action: str = "", stop_at: str = "", **fields: str) -> requests.Response:
        """Fill in and send the form of a page that has these fields and whose action holds `action`, hidden fields too."""
        for form in _FORM.findall(page.text):
            target = _attribute(form[: form.index(">") + 1], "action")
            if action in target and all(f'name="{name}"' in form for name in fields if name != "remember"):
                hidden = {_attribute(tag, "name"): _attribute(tag, "value") for tag in _INPUT.findall(form)}
                address = urljoin(page.url, target) if target else page.url
                return self.post(address, stop_at, **{**hidden, **fields})
        raise AssertionError(f"no form with {action!r} in {page.url}: {page.text[:500]}")

    def _follow(self, answer: requests.Response, stop_at: str) -> requests.Response:
        for _ in range(15):
            self.visited.append(answer.url)
            if not answer.is_redirect:
                return answer
            following = urljoin(answer.url, answer.headers["Location"])
            if stop_at and following.startswith(stop_at):
                return answer
            answer = self.http.get(following, allow_redirects=False)
        raise AssertionError(f"redirects without end: {self.visited[-5:]}")

    def _whole(self, address: str) -> str:
        return urljoin(self.portal, address)

    def sign_in_at(self, provider: str, who: str, following: str = "/login/account/") -> requests.Response:
        """Sign in at a provider as somebody whom it knows."""
        page = self.get(f"/login/with/{provider}?next={following}")
        return self.send(page, who=who) if 'name="who"' in page.text else page

    def sign_in_locally(self, name: str, password: str, following: str = "/login/account/") -> requests.Response:
        """Sign in with a local account."""
        page = self.get(f"/user/login?next={following}")
        return self.send(page, "", **{"login": name, "password": password}) if page.ok else page

    def is_signed_in(self) -> bool:
        """Whether the portal knows this browser's person."""
        answer = self.http.get(self._whole("/login/account/"), allow_redirects=False)
        return answer.status_code == 200


def path_of(address: str) -> str:
    """The path and query of an address."""
    parts = urlsplit(address)
    return parts.path + (f"?{parts.query}" if parts.query else "")
