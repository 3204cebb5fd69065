"""What templates may ask of search."""

from __future__ import annotations

from functools import lru_cache

from . import config, synonyms
from .errors import SearchEngineError
from .highlight import Sought, pieces, sought
from .interpret import Manner, read_query, read_words
from .nearest import comes_nearest


def govdata_search_pieces(text: str, query: str) -> list[tuple[str, bool]]:
    """A text cut into pieces, each with whether it answers the query; joined they are the text. Escape them."""
    words = synonyms.in_force(config.synonyms_file())
    return pieces(str(text or ""), _wanted(str(query or ""), id(words)))


@lru_cache(maxsize=256)
def _wanted(query: str, _synonyms: int) -> frozenset[Sought]:
    """What a query looks for, read as CKAN has it read: with a colon in Solr's grammar, else as words."""
    words = synonyms.in_force(config.synonyms_file())
    try:
        if ":" in query:
            return sought(read_query(query, Manner(synonyms=words)))
        return sought(read_words(query, Manner(weights={"text": 1.0}, synonyms=words), full=False))
    except SearchEngineError:
        return frozenset()


def govdata_search_nearest(query: str) -> bool:
    """Whether what this page's search found for a query has not all of its words, but comes nearest."""
    return comes_nearest(query)


HELPERS = {function.__name__: function for function in (govdata_search_pieces, govdata_search_nearest)}
