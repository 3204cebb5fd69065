"""Each dataset describes its addresses for programs, and what the description says is what the portal answers."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import jsonschema
import pytest
from ckan.plugins import toolkit as tk
from openapi_spec_validator import validate

from ckanext.govdata.tables.loader import load_table

pytestmark = [
    pytest.mark.ckan_config(
        "ckan.plugins", "activity datastore scheming_datasets govdata govdata_search text_view datatables_view"
    ),
    pytest.mark.usefixtures("portal"),
]
Make = Callable[..., dict[str, Any]]
OWN: Any = {"ignore_auth": True, "user": "administrator"}
LOTS = "停车场编号,名称,泊位数,核验日期\r\n0001,望舒停车场,120,2026-11-01\r\n0002,云帆停车场,,2026-11-02\r\n"


@pytest.fixture
def with_table(make_entry: Make, create_with_upload: Any) -> dict[str, Any]:
    entry = make_entry()
    resource = create_with_upload(
        LOTS.encode(), "lots.csv", context=OWN, package_id=entry["id"], format="CSV", name="名录"
    )
    load_table(resource["id"])
    return dict(tk.get_action("package_show")(OWN, {"id": entry["id"]}))


def described(app: Any, name: str, **more: Any) -> dict[str, Any]:
    answer = app.get(f"/dataset/{name}/openapi.json", **more)
    assert answer.status_code == 200
    return dict(answer.json)


@pytest.mark.requirement("LYG-16", "YZ-8")
def test_the_description_is_valid_and_names_rows_columns_and_files(app: Any, with_table: dict[str, Any]) -> None:
    document = described(app, with_table["name"])
    validate(document)
    row = document["components"]["schemas"]["Row1"]["properties"]
    assert row["泊位数"] == {"type": ["integer", "null"]}
    assert any(path.endswith("/download/lots.csv") for path in document["paths"])


def test_what_the_portal_answers_fits_the_description(app: Any, with_table: dict[str, Any]) -> None:
    document = described(app, with_table["name"])
    get = document["paths"]["/api/3/action/datastore_search"]["get"]
    [table] = next(p for p in get["parameters"] if p["name"] == "resource_id")["schema"]["enum"]
    answer = app.get(f"/api/3/action/datastore_search?resource_id={table}&limit=2")
    schema = get["responses"]["200"]["content"]["application/json"]["schema"]
    jsonschema.validate(answer.json, {**schema, "components": document["components"]})
    assert len(answer.json["result"]["records"]) == 2
    wrong = app.get(f"/api/3/action/datastore_search?resource_id={table}&limit=-1", status=409)
    jsonschema.validate(wrong.json, document["components"]["schemas"]["Error"])
    for path in document["paths"]:
        if "/download/" in path:
            assert app.get(path).body == LOTS


@pytest.mark.requirement("LYG-9", "YZ-27")
def test_it_asks_for_a_token_only_where_the_data_needs_one(
    app: Any, with_table: dict[str, Any], with_city: Callable[[str], None]
) -> None:
    def needs(document: dict[str, Any]) -> bool:
        return {} not in document["paths"]["/api/3/action/datastore_search"]["get"]["security"]

    assert not needs(described(app, with_table["name"]))
    with_city("yangzhou")
    assert needs(described(app, with_table["name"]))


def test_a_hidden_dataset_has_no_description(app: Any, make_entry: Make) -> None:
    entry = make_entry(open_tier="not_open", exception="internal_affairs", basis="《示例办法》第三条")
    missing = app.get("/dataset/no-such-dataset/openapi.json", status=404)
    hidden = app.get(f"/dataset/{entry['name']}/openapi.json", status=404)
    assert without_tokens(hidden.body).replace(entry["name"], "X") == without_tokens(missing.body).replace(
        "no-such-dataset", "X"
    )


def without_tokens(page: str) -> str:
    """The page without its forms' tokens, which are others each time."""
    return re.sub(r'"[\w-]+\.[\w-]+\.[\w-]{20,}"', '""', page)


def test_the_dataset_s_page_points_to_the_description(app: Any, with_table: dict[str, Any]) -> None:
    answer = app.get(f"/dataset/{with_table['name']}")
    assert f'</dataset/{with_table["name"]}/openapi.json>; rel="service-desc"' in answer.headers["Link"]
