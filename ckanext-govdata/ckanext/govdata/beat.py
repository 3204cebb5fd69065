"""The portal's heartbeat: once a minute terms are swept and notices sent, by the worker's own schedule.

Guarantee: whatever stops the beat (a killed worker, an emptied queue), the next request or the next start of a worker sets it
going again, and what has come due meanwhile is done then: terms and notices are judged by their tables, not by the beats.
"""

from __future__ import annotations

import datetime
import logging
import time
from typing import Any

from ckan.lib.jobs import get_queue
from ckan.lib.redis import connect_to_redis
from ckan.plugins import toolkit as tk
from flask import Blueprint
from redis.exceptions import RedisError

from .clocks.sweeping import sweep
from .notices.sending import send

logger = logging.getLogger(__name__)

EVERY = datetime.timedelta(seconds=60)
# Longer than a beat, so that two schedules do not run side by side; shorter than what a reader would notice as silence.
_ALIVE_SECONDS = 150
_LOOK_SECONDS = 60.0


def _key() -> str:
    return f"govdata:{tk.config.get('ckan.site_id')}:beat"


def beat() -> None:
    """One beat, and the next one put into the schedule first, so that a beat that fails does not end them."""
    connect_to_redis().set(_key(), 1, ex=_ALIVE_SECONDS)
    get_queue().enqueue_in(EVERY, beat)
    sweep()
    send()


def keep_beating() -> None:
    """Set the beat going where it has stopped; called at a worker's start and now and then by requests."""
    try:
        if connect_to_redis().set(_key(), 1, nx=True, ex=_ALIVE_SECONDS):
            tk.enqueue_job(beat, title="Sweep terms and send notices")
    except RedisError:
        logger.warning("The queue does not answer; terms and notices wait", exc_info=True)


class _Looking:
    """When this process last looked after the beat."""

    looked = -float("inf")


def look_after_the_beat(response: Any) -> Any:
    """After a request, once a minute in each process."""
    if time.monotonic() >= _Looking.looked + _LOOK_SECONDS:
        _Looking.looked = time.monotonic()
        keep_beating()
    return response


blueprint = Blueprint("govdata_beat", __name__)
blueprint.after_app_request(look_after_the_beat)
