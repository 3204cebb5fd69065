"""A limit on what one address may send in, so that a flood from one place harms nobody else. No address is written down."""

from __future__ import annotations

import hmac
import time

from ckan.lib.redis import connect_to_redis
from ckan.plugins import toolkit as tk
from flask import has_request_context, request
from redis.exceptions import RedisError

from .. import config

WINDOW_SECONDS = 600
MOST = 10


def demand(kind: str) -> None:
    """Count one submission of this kind from the request's address; ValidationError when there were too many lately.

    Redis keeps a keyed digest of the address for ten minutes. People who are signed in are counted by their account. Where
    Redis does not answer, nothing is limited.
    """
    if not has_request_context():
        return
    person = getattr(tk.current_user, "id", None)
    who = f"user:{person}" if person else f"address:{request.remote_addr}"
    window = int(time.time()) // WINDOW_SECONDS
    digest = hmac.new(config.uses_secret(), f"{kind}\0{who}\0{window}".encode(), "sha256").hexdigest()[:32]
    try:
        redis = connect_to_redis()
        key = f"govdata:{tk.config.get('ckan.site_id')}:limit:{digest}"
        count = redis.incr(key)
        redis.expire(key, WINDOW_SECONDS)
    except RedisError:
        return
    if count > MOST:  # pyright: ignore[reportOperatorIssue]
        words = tk._("There were many submissions from here just now. Please try again in ten minutes.")
        raise tk.ValidationError({"text": [words]})
