"""A limit on what one address may send in, so that a flood from one place harms nobody else. No address is written down."""

from __future__ import annotations

import hmac
import ipaddress
import time
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
    if not has_request_context():
        return
    person, place = getattr(tk.current_user, "id", None), network(request.remote_addr or "")
    limits = {f"address:{place}": MOST}
    if person:
        limits = {f"user:{person}": MOST, f"people at:{place}": MOST * SIGNED_IN_AT_ONE_ADDRESS}
    try:
        over = [who for who, most in limits.items() if _count(kind, who) > most]
    except RedisError:
        return
    if over:
        words = tk._("There were many submissions from here just now. Please try again in ten minutes.")
        raise tk.ValidationError({"text": [words]})


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


def _count(kind: str, who: str) -> int:
    window = int(time.time()) // WINDOW_SECONDS
    digest = hmac.new(config.uses_secret(), f"{kind}\0{who}\0{window}".encode(), "sha256").hexdigest()[:32]
    redis: Any = connect_to_redis()
    key = f"govdata:{tk.config.get('ckan.site_id')}:limit:{digest}"
    count = int(redis.incr(key))
    redis.expire(key, WINDOW_SECONDS)
    return count
