"""A first call to copy, in three languages; nothing has to be installed but what the language's name says."""

from __future__ import annotations

from dataclasses import dataclass

from ckan.plugins import toolkit as tk

from .server import address, issuer

_DEFAULT_PATH = "/api/3/action/status_show"

_CURL = """\
ANSWER=$(curl -s -u '{id}:{secret}' -d grant_type=client_credentials {token_address})
TOKEN=$(echo "$ANSWER" | sed 's/.*"access_token": *"\\([^"]*\\)".*/\\1/')
curl -s -H "Authorization: Bearer $TOKEN" '{data_address}'
"""
_PYTHON = """\
import requests

answer = requests.post("{token_address}", auth=("{id}", "{secret}"), data={{"grant_type": "client_credentials"}})
token = answer.json()["access_token"]
print(requests.get("{data_address}", headers={{"Authorization": f"Bearer {{token}}"}}).text)
"""
_JAVASCRIPT = """\
const answer = await fetch("{token_address}", {{
  method: "POST",
  headers: {{ Authorization: "Basic " + btoa("{id}:{secret}") }},
  body: new URLSearchParams({{ grant_type: "client_credentials" }}),
}});
const {{ access_token }} = await answer.json();
const data = await fetch("{data_address}", {{ headers: {{ Authorization: "Bearer " + access_token }} }});
console.log(await data.text());
"""
_KEY_CURL = "curl -s -H 'Authorization: Bearer {key}' '{data_address}'\n"
_KEY_PYTHON = """\
import requests

print(requests.get("{data_address}", headers={{"Authorization": "Bearer {key}"}}).text)
"""
_KEY_JAVASCRIPT = """\
const data = await fetch("{data_address}", {{ headers: {{ Authorization: "Bearer {key}" }} }});
console.log(await data.text());
"""


@dataclass(frozen=True)
class Call:
    """A call to copy: the language's name for people, a short name for the page, and the lines."""

    language: str
    name: str
    text: str


def for_client(id: str, secret: str, path: str = "") -> list[Call]:
    """How a program with a secret gets a token and reads with it."""
    values = {"id": id, "secret": secret, "token_address": address("token"), "data_address": _data(path)}
    return _calls((_CURL, _PYTHON, _JAVASCRIPT), values)


def for_key(key: str, path: str = "") -> list[Call]:
    """How a key reads."""
    return _calls((_KEY_CURL, _KEY_PYTHON, _KEY_JAVASCRIPT), {"key": key, "data_address": _data(path)})


def _data(path: str) -> str:
    return issuer() + (path or _DEFAULT_PATH)


def _calls(texts: tuple[str, str, str], values: dict[str, str]) -> list[Call]:
    names = (("curl", "curl"), ("Python", "python"), (tk._("JavaScript (Node 20 or a browser console)"), "javascript"))
    return [Call(language, name, text.format(**values)) for (language, name), text in zip(names, texts, strict=True)]
