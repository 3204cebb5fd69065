"""How many of a query's optional words have to be found: Solr's `mm`, such as `2<-1 5<80%`."""

from __future__ import annotations

from .errors import BadParameter


def minimum_matches(spec: str, words: int) -> int:
    """The count wanted of this many optional words, between 0 and their number. Raises BadParameter for no such spec."""
    try:
        wanted = _conditional(spec, words) if "<" in spec else _plain(spec, words)
    except ValueError as error:
        raise BadParameter("mm", spec, "a number, a percentage, or conditions such as 2<-1 5<80%") from error
    return max(0, min(words, wanted))


def _conditional(spec: str, words: int) -> int:
    wanted = words
    for condition in spec.split():
        bound, _, then = condition.partition("<")
        if words <= int(bound):
            return wanted
        wanted = _plain(then, words)
    return wanted


def _plain(spec: str, words: int) -> int:
    spec = spec.strip()
    if spec.endswith("%"):
        share = int(spec[:-1])
        count = int(words * abs(share) / 100)
    else:
        share = int(spec)
        count = abs(share)
    return words - count if share < 0 else count
