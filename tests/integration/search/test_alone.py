"""A CKAN with no other plugin than govdata_search serves pages, takes datasets and finds them."""

from __future__ import annotations

from typing import Any

import pytest
from ckan.plugins import toolkit as tk
from ckan.tests import factories


@pytest.mark.requirement("LYG-16")
@pytest.mark.ckan_config("ckan.plugins", "govdata_search")
@pytest.mark.ckan_config("govdata.search.engine", "tantivy")
@pytest.mark.usefixtures("searching")
def test_a_plain_ckan_serves_creates_and_finds(app: Any) -> None:
    assert tk.config["ckan.plugins"] == ["govdata_search"]
    assert app.get("/", status=200)
    assert app.get("/dataset/", status=200)
    person = factories.SysadminWithToken()
    known = {"Authorization": person["token"]}
    agency = app.post("/api/action/organization_create", json={"name": "jiaotongju"}, headers=known).json["result"]
    given = {"name": "bus-lines", "title": "公共交通线路", "owner_org": agency["id"], "tags": [{"name": "交通"}]}
    assert app.post("/api/action/package_create", json=given, headers=known, status=200).json["success"]
    found = app.get('/api/action/package_search?q=交通&facet.field=["tags"]').json["result"]
    assert [one["name"] for one in found["results"]] == ["bus-lines"]
    assert found["facets"] == {"tags": {"交通": 1}}
    assert "公共交通线路" in app.get("/dataset/?q=公交 线路 OR 线路", status=200).body
    assert "公共交通线路" in app.get("/dataset/bus-lines", status=200).body
    assert "公共交通线路" in app.get("/organization/jiaotongju", status=200).body
    assert app.post("/api/action/package_delete", json={"id": "bus-lines"}, headers=known, status=200)
    assert app.get("/api/action/package_search?q=交通").json["result"]["count"] == 0
