"""A limit on what one address may send in, so that a flood from one place harms nobody else. No address is written down."""

from __future__ import annotations

import hmac
import ipaddress
import time
from collections.abc import Mapping
from typing import Any

from ckan.lib.redis import connect_to_redis
from ckan.plugins import toolkit as tk
from flask import has_request_context, request
from redis.exceptions import RedisError

from .. import config

WINDOW_SECONDS = 600
MOST = 10
# People who are signed in share their office's address; so many of them may be busy at once.
SIGNED_IN_AT_ONE_ADDRESS = 10


def demand(kind: str) -> None:
    """Count one submission of this kind from the request's address; ValidationError when there were too many lately.

    Redis keeps a keyed digest of the address for ten minutes. People who are signed in are counted by their account, and
    all of them at one address together, apart from those who are not: a flood without an account does not shut out whoever
    has one. Where Redis does not answer, nothing is limited.
    """
    if any(count > most for count, most in _counts(kind, 1)):
        raise _too_many()


def demand_few_misses(kind: str) -> None:
    """ValidationError where there were too many wrong codes of this kind lately; what is right counts for nothing.

    So a whole office follows its objections through one address, and nobody tries codes there.
    """
    if any(count >= most for count, most in _counts(kind, 0)):
        raise _too_many()


def missed(kind: str) -> None:
    """Count a wrong code of this kind."""
    _counts(kind, 1)


def demand_length(given: Mapping[str, Any], **most: int) -> None:
    """ValidationError for texts that have more characters than these: what anybody sends in is kept."""
    long = {name: number for name, number in most.items() if len(str(given.get(name) or "")) > number}
    if long:
        words = tk._("At most {number} characters.")
        raise tk.ValidationError({name: [words.format(number=number)] for name, number in long.items()})


def _too_many() -> tk.ValidationError:
    words = tk._("There were many submissions from here just now. Please try again in ten minutes.")
    return tk.ValidationError({"text": [words]})


def _counts(kind: str, more: int) -> list[tuple[int, int]]:
    """How many there were, with these `more`, and how many may be: of the account and of the address of this request."""
    if not has_request_context():
        return []
    person, place = getattr(tk.current_user, "id", None), network(request.remote_addr or "")
    limits = {f"address:{place}": MOST}
    if person:
        limits = {f"user:{person}": MOST, f"people at:{place}": MOST * SIGNED_IN_AT_ONE_ADDRESS}
    try:
        return [(_count(kind, who, more), most) for who, most in limits.items()]
    except RedisError:
        return []


def network(address: str) -> str:
    """The address, or of one by IPv6 the network of 64 bits that a single line has all to itself."""
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return address
    if isinstance(found, ipaddress.IPv4Address):
        return str(found)
    if found.ipv4_mapped is not None:
        return str(found.ipv4_mapped)
    return str(ipaddress.ip_network((found, 64), strict=False))


def _count(kind: str, who: str, more: int) -> int:
    window = int(time.time()) // WINDOW_SECONDS
    digest = hmac.new(config.uses_secret(), f"{kind}\0{who}\0{window}".encode(), "sha256").hexdigest()[:32]
    redis: Any = connect_to_redis()
    key = f"govdata:{tk.config.get('ckan.site_id')}:limit:{digest}"
    count = int(redis.incrby(key, more))
    redis.expire(key, WINDOW_SECONDS)
    return count
