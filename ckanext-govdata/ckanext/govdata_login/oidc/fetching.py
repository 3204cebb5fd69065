"""Asks an identity service over HTTP: with a time limit, a size limit, and no redirect followed."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import requests

from ..errors import ProviderUnavailable

TIMEOUT = (3.05, 8)
LARGEST = 512 * 1024
Texts = Mapping[str, str]


def get_json(provider: str, address: str, headers: Texts | None = None, query: Texts | None = None) -> Any:
    """The JSON behind an address.

    Raises:
        ProviderUnavailable: no answer in time, another status than 200, more than 512 KiB, or no JSON.
    """
    given = {"Accept": "application/json", **(headers or {})}
    try:
        with requests.get(
            address, headers=given, params=query, timeout=TIMEOUT, allow_redirects=False, stream=True
        ) as answer:
            if answer.status_code != 200:
                raise ProviderUnavailable(provider, f"{_shown(address)} answered {answer.status_code}")
            body = answer.raw.read(LARGEST + 1, decode_content=True)
    except (requests.RequestException, OSError) as error:
        raise ProviderUnavailable(provider, f"{_shown(address)} did not answer ({type(error).__name__})") from None
    return parsed(provider, address, body)


def parsed(provider: str, address: str, body: bytes) -> Any:
    """The JSON of an answer's bytes, held to the size limit.

    Raises:
        ProviderUnavailable: the bytes are too many or no JSON.
    """
    if len(body) > LARGEST:
        raise ProviderUnavailable(provider, f"{_shown(address)} answered with more than {LARGEST} bytes")
    try:
        return json.loads(body)
    except ValueError:
        raise ProviderUnavailable(provider, f"{_shown(address)} did not answer with JSON") from None


def _shown(address: str) -> str:
    # A query may hold a token (profiles of OAuth 2 services send it so); the log gets the address without it.
    return address.split("?")[0]
