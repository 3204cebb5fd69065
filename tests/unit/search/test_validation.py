"""CKAN validates the same whether it works out once or thrice what it asks itself."""

from __future__ import annotations

from typing import Any

import ckan.lib.navl.dictization_functions as navl
import ckan.lib.plugins as lib_plugins
import pytest
from ckan.lib.navl.validators import ignore_missing, not_empty, unicode_safe

from ckanext.govdata_search.validation import shortened

_SCHEMA: dict[str, Any] = {
    "title": [not_empty, unicode_safe],
    "notes": [ignore_missing],
    "resources": {"url": [not_empty], "name": [ignore_missing], "tracking": {"total": [ignore_missing]}},
    "tags": {"name": [not_empty]},
}


def validated(schema: dict[str, Any], data: dict[str, Any]) -> Any:
    return lib_plugins.plugin_validate(object(), {}, data, schema, "package_show")  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "data",
    [
        {"title": "公交", "resources": [{"url": "a", "odd": 1}, {"name": "b"}], "tags": [{"name": "x"}], "odd": [2]},
        {"notes": "", "resources": [{"url": "a", "tracking": [{"total": 3}, {"more": 4}]}], "tags": []},
        {"title": None, "resources": [], "nested": [{"deep": [{"deeper": 1}]}]},
        {},
    ],
)
def test_the_outcome_and_the_errors_are_those_of_ckan(data: dict[str, Any]) -> None:
    expected = validated(_SCHEMA, data)
    with shortened():
        assert validated(_SCHEMA, data) == expected
    assert validated(_SCHEMA, data) == expected


def test_it_is_worked_out_once_for_a_dataset(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[Any] = []
    its_own = navl.make_full_schema

    def counted(data: Any, schema: Any) -> Any:
        asked.append(data)
        return its_own(data, schema)

    monkeypatch.setattr(navl, "make_full_schema", counted)
    with shortened():
        validated(_SCHEMA, {"title": "公交"})
        assert len(asked) == 1
        validated(_SCHEMA, {"title": "公交"})
        assert len(asked) == 2
    assert navl.make_full_schema is counted


def test_a_schema_that_a_plugin_changes_in_place_counts_as_it_is_for_each_dataset() -> None:
    schema: dict[str, Any] = {"title": [not_empty], "notes": [ignore_missing]}
    data = {"title": "公交", "resources": [{"url": ""}]}
    with shortened():
        validated(schema, {"title": "公交", "notes": "线路"})
        del schema["notes"]
        schema["resources"] = {"url": [not_empty]}
        found = validated(schema, data)
    assert found == validated(schema, data)
    assert set(found[1]) == {"resources"}


def test_after_an_error_ckan_validates_as_before() -> None:
    before = (navl.flatten_schema, navl.flattened_order_key, lib_plugins.plugin_validate)
    with pytest.raises(RuntimeError), shortened():
        raise RuntimeError
    assert (navl.flatten_schema, navl.flattened_order_key, lib_plugins.plugin_validate) == before
