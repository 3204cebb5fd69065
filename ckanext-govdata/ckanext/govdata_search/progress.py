"""Tells an operator how far a long work is: how much, how fast, and how long it still takes."""

from __future__ import annotations

import time
from collections.abc import Callable

_OFTEN = 0.5
_SELDOM = 10.0


class Progress:
    """Call it with what is done and what there is in all; a terminal's line is written over, a log gets a line now and then."""

    def __init__(
        self, say: Callable[[str], None], over: bool, what: str, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._say = say
        self._over = over
        self._what = what
        self._clock = clock
        self._began = clock()
        self._first: int | None = None
        self._last = float("-inf")

    def __call__(self, done: int, total: int) -> None:
        now = self._clock()
        if self._first is None:
            self._first, self._began = done, now
        if done < total and now - self._last < (_OFTEN if self._over else _SELDOM):
            return
        self._last = now
        self._say(("\r" if self._over else "") + self._line(done, total, now) + ("" if not self._over else "\033[K"))

    def _line(self, done: int, total: int, now: float) -> str:
        spent = max(now - self._began, 1e-6)
        rate = (done - (self._first or 0)) / spent
        # At the beginning nothing is known of the pace.
        pace = f", {rate:,.0f}/s" if rate else ""
        left = f", {_time((total - done) / rate)} left" if rate and done < total else ""
        share = f" ({100 * done // total} %)" if total else ""
        return f"{self._what}: {done:,} of {total:,}{share}{pace}{left}"


def _time(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes} min" if hours else f"{minutes} min {rest} s" if minutes else f"{rest} s"
