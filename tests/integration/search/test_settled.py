"""Python's search for garbage passes over what CKAN begins with, and finds what is made later."""

from __future__ import annotations

import gc
import weakref
from typing import Any

import pytest

from ckanext.govdata_search.settled import settle

_CKAN_BEGINS_WITH = 100_000


class _Round:
    """What only the search for garbage can free."""

    def __init__(self) -> None:
        self.itself = self


@pytest.mark.ckan_config("ckan.plugins", "govdata_search")
@pytest.mark.usefixtures("searching")
def test_a_ckan_that_answers_does_not_search_what_it_began_with(app: Any) -> None:
    assert app.get("/api/action/package_search?q=x", status=200)
    assert gc.get_freeze_count() > _CKAN_BEGINS_WITH


@pytest.mark.usefixtures("app")
def test_what_is_made_later_is_freed_however_many_applications_a_process_makes() -> None:
    garbage = _Round()
    left = weakref.ref(garbage)
    settle()
    del garbage
    gc.collect()
    assert left() is None
