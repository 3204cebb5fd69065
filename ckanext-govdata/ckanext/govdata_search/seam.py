"""The one place where CKAN is told that search is here: what `ckan.lib.search.common` takes for pysolr is ours."""

from __future__ import annotations

import logging
from pathlib import Path
from types import ModuleType

import ckan.lib.search as ckan_search
import pysolr
from ckan.lib.search import common

from . import connection, projection
from .errors import SearchEngineError

PLACEHOLDER = "http://127.0.0.1:8983/solr/ckan"
"""CKAN demands an address of Solr; nothing is ever sent to it."""

_SCHEMA = Path(__file__).with_name("schema.xml")


class SchemaResponse:
    """What CKAN reads of a response when it asks Solr for its schema."""

    status_code = 200

    def __init__(self, text: str) -> None:
        self.text = text

    def raise_for_status(self) -> None:
        """The bundled schema is always there."""


def _schema(file_offset: str) -> SchemaResponse:
    return SchemaResponse(_SCHEMA.read_text(encoding="utf-8"))


def _module() -> ModuleType:
    """pysolr with another Solr; everything else, SolrError above all, stays pysolr's own."""
    module = ModuleType("pysolr", "pysolr with govdata_search behind Solr")
    module.__dict__.update({name: value for name, value in vars(pysolr).items() if not name.startswith("__")})
    module.__dict__["Solr"] = connection.Solr
    return module


def _briefly(record: logging.LogRecord) -> bool:
    """Let CKAN's check at the start say an error of ours by its words, which tell what to do, and not by places in the code."""
    if record.exc_info and isinstance(record.exc_info[1], SearchEngineError):
        record.exc_info = None
    return True


def install() -> None:
    """Put the seam in; safe to call more than once."""
    common.log.addFilter(_briefly)
    common.pysolr = _module()
    ckan_search._get_schema_from_solr = _schema
    projection.listen()
