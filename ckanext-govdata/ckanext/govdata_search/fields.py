"""The kinds of CKAN's search fields, alike CKAN's own schema.xml: what is text, what an exact string, what is given back."""

from __future__ import annotations

import re
from enum import Enum
from functools import lru_cache

UNIQUE_KEY = "index_id"
TITLE_PINYIN = "title_pinyin"
"""A title in pinyin and initials; found by autocompletion."""
SUGGEST_WORDS = "suggest_words"
"""The words of title and tags with their pinyin; counted to correct a query that finds nothing."""
HALVES = re.compile("[\ud800-\udfff]")
"""Halves of characters, which no index, database or network takes."""
_ODD = re.compile(r"[\s\x1c-\x1f]")
# Kept whole beside the document, never searched.
BLOBS = ("data_dict", "validated_data_dict")
_UNSORTABLE = frozenset(("text", "urls", "title_ngram", "name_ngram", *BLOBS))


class Kind(Enum):
    """How the values of a field are searched."""

    STRING = "string"
    TEXT = "text"
    """Words, with English endings folded."""
    GENERAL = "general"
    """Words as they stand."""
    PARTS = "parts"
    """Any part of the value, for autocompletion."""
    DATE = "date"
    NUMBER = "number"
    BLOB = "blob"


WORDED = (Kind.TEXT, Kind.GENERAL, Kind.PARTS)
"""The kinds that are cut into words or parts; of the others whole values are looked for."""

_KINDS: dict[str, Kind] = {
    **dict.fromkeys(("title", "notes", "text", "urls"), Kind.TEXT),
    **dict.fromkeys(("depends_on", "dependency_of", "derives_from", "has_derivation"), Kind.TEXT),
    **dict.fromkeys(("links_to", "linked_from", "child_of", "parent_of"), Kind.TEXT),
    **dict.fromkeys(("author", "author_email", "maintainer", "maintainer_email"), Kind.GENERAL),
    **dict.fromkeys(("res_name", "res_description"), Kind.GENERAL),
    **dict.fromkeys(("title_ngram", "name_ngram"), Kind.PARTS),
    **dict.fromkeys(("metadata_created", "metadata_modified", "indexed_ts"), Kind.DATE),
    **dict.fromkeys(("views_total", "views_recent"), Kind.NUMBER),
    **dict.fromkeys(("resources_accessed_total", "resources_accessed_recent"), Kind.NUMBER),
    **dict.fromkeys(BLOBS, Kind.BLOB),
}

# fmt: off
_STORED = frozenset(
    (
        "index_id", "id", "site_id", "title", "title_ngram", "entity_type", "dataset_type", "state", "name",
        "name_ngram", "revision_id", "version", "url", "ckan_url", "download_url", "notes", "author",
        "author_email", "maintainer", "maintainer_email", "license", "license_id", "tags", "groups",
        "organization", "capacity", "res_name", "res_description", "res_format", "res_url", "res_type",
        "metadata_created", "metadata_modified", "indexed_ts", "data_dict", "validated_data_dict", "_version_",
    )
)
# fmt: on
_STORED_PREFIXES = ("extras_", "res_extras_", "vocab_")
_ALWAYS_LISTS = frozenset(["tags", "groups", "res_name", "res_description", "res_format", "res_url", "res_type"])
_ALWAYS_LISTS_PREFIXES = ("res_extras_", "vocab_")

# Addresses are not: gov, files or download stand in nearly all. Solr leaves them out too, for it copies no copies.
# fmt: off
_IN_TEXT = frozenset(
    (
        "name", "title", "text", "license", "notes", "tags", "groups", "organization", "res_name", "res_description",
        "res_format", "maintainer", "author",
    )
)
# fmt: on
_IN_URLS = frozenset(("url", "ckan_url", "download_url", "res_url"))


@lru_cache(maxsize=4096)
def kind_of(field: str) -> Kind:
    """The kind of a field; a field that nobody declared is an exact string, like Solr's dynamic field `*` in CKAN's schema."""
    known = _KINDS.get(field)
    if known:
        return known
    # Of several patterns that fit, the longest counts: extras_release_date is a text.
    if field.startswith(("extras_", "res_extras_")):
        return Kind.TEXT
    return Kind.DATE if field.endswith("_date") and not field.startswith("vocab_") else Kind.STRING


def is_stored(field: str) -> bool:
    """Whether a result may carry the field. Permission labels and undeclared fields are searched, never given back."""
    return field in _STORED or field.startswith(_STORED_PREFIXES) or field.endswith("_date")


def is_list(field: str) -> bool:
    return field in _ALWAYS_LISTS or field.startswith(_ALWAYS_LISTS_PREFIXES)


@lru_cache(maxsize=4096)
def copies_of(field: str) -> tuple[str, ...]:
    """The fields that also search this field's words."""
    copies: tuple[str, ...] = ("text",) if field in _IN_TEXT or field.startswith(_STORED_PREFIXES) else ()
    if field in _IN_URLS:
        copies += ("urls",)
    if field in ("title", "name", TITLE_PINYIN):
        copies += ("name_ngram" if field == "name" else "title_ngram",)
    return copies


def is_sortable(field: str) -> bool:
    """Whether a field can order documents; what gathers the words of other fields, or is only kept, has no value to order by."""
    return field not in _UNSORTABLE


def sort_field(field: str) -> str:
    """The field whose values order the results when this one is asked for: a text sorts by its whole value."""
    return "title_string" if field == "title" else field


def plain_name(field: str) -> str:
    """A name as it stands before tokens: without what parts them from one another, or a name from its token."""
    return _ODD.sub("\x1e", field)
