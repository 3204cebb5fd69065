"""Settings of search that cannot be used are said with their name, when they are read."""

from __future__ import annotations

import re
import subprocess
import sys
from typing import Any

import pytest

from ckanext.govdata_search import config
from ckanext.govdata_search.errors import BadSetting


@pytest.fixture(autouse=True)
def on_a_cluster(ckan_config: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(ckan_config, "govdata.search.engine", "elasticsearch")


@pytest.mark.parametrize("given", ["-1", "-0.5", "soon", "nan", "inf"])
def test_a_time_to_wait_that_is_none_is_refused(
    ckan_config: dict[str, Any], monkeypatch: pytest.MonkeyPatch, given: str
) -> None:
    monkeypatch.setitem(ckan_config, "govdata.search.lock_seconds", given)
    with pytest.raises(
        BadSetting, match=rf"govdata\.search\.lock_seconds is '{given}'; it has to be a number of seconds"
    ):
        config.settings()


def test_no_time_to_wait_is_one(ckan_config: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(ckan_config, "govdata.search.lock_seconds", 0)
    assert config.settings().lock_seconds == 0


@pytest.mark.parametrize(
    ("name", "given", "wanted"),
    [
        ("index", "Stadt", "a name in small letters"),
        ("index", "_stadt", "no - _ \\+ at its beginning"),
        ("index", "stadt*", "none of"),
        ("replicas", "many", "a number such as 1, or a range"),
        ("replicas", "-1", "a number such as 1, or a range"),
        ("shards", "0", "a whole number, 1 or more"),
        ("shards", "1.5", "a whole number, 1 or more"),
        ("timeout", "-3", "a number of seconds"),
    ],
)
def test_what_the_cluster_would_not_take_is_refused_by_name(
    ckan_config: dict[str, Any], monkeypatch: pytest.MonkeyPatch, name: str, given: str, wanted: str
) -> None:
    setting = f"govdata.search.elasticsearch.{name}"
    monkeypatch.setitem(ckan_config, setting, given)
    with pytest.raises(BadSetting, match=rf"{re.escape(setting)} is '{re.escape(given)}'; it has to be .*{wanted}"):
        config.settings()


@pytest.mark.parametrize(
    ("name", "given"),
    [("index", "stadt-1.neu"), ("index", "数据"), ("replicas", "0-all"), ("replicas", "2"), ("shards", 3)],
)
def test_what_the_cluster_takes_is_taken(
    ckan_config: dict[str, Any], monkeypatch: pytest.MonkeyPatch, name: str, given: Any
) -> None:
    monkeypatch.setitem(ckan_config, f"govdata.search.elasticsearch.{name}", given)
    assert getattr(config.settings().elasticsearch, name) == given


@pytest.mark.parametrize(
    ("engine", "name", "given", "other"),
    [
        ("tantivy", "ckan.storage_path", "/srv/one", "/srv/other"),
        ("tantivy", "govdata.search.engine", "tantivy", "memory"),
        ("tantivy", "govdata.search.index_path", "/srv/one", "/srv/other"),
        ("tantivy", "govdata.search.lock_seconds", 1, 2),
        ("elasticsearch", "ckan.site_id", "one", "other"),
        ("elasticsearch", "govdata.search.elasticsearch.url", "http://one:9200", "http://one:9200 http://other:9200"),
        ("elasticsearch", "govdata.search.elasticsearch.index", "one", "other"),
        ("elasticsearch", "govdata.search.elasticsearch.api_key", "one", "other"),
        ("elasticsearch", "govdata.search.elasticsearch.user", "one", "other"),
        ("elasticsearch", "govdata.search.elasticsearch.password", "one", "other"),
        ("elasticsearch", "govdata.search.elasticsearch.ca_certs", "/etc/one.pem", "/etc/other.pem"),
        ("elasticsearch", "govdata.search.elasticsearch.timeout", 1, 2),
        ("elasticsearch", "govdata.search.elasticsearch.shards", 1, 2),
        ("elasticsearch", "govdata.search.elasticsearch.replicas", "1", "0-1"),
    ],
)
def test_another_setting_counts_from_the_next_search_on(
    ckan_config: dict[str, Any], monkeypatch: pytest.MonkeyPatch, engine: str, name: str, given: Any, other: Any
) -> None:
    for unset in ("govdata.search.index_path", "govdata.search.elasticsearch.index"):
        monkeypatch.setitem(ckan_config, unset, "")
    monkeypatch.setitem(ckan_config, "govdata.search.engine", engine)
    monkeypatch.setitem(ckan_config, name, given)
    first = config.settings()
    monkeypatch.setitem(ckan_config, name, other)
    assert config.settings() != first
    monkeypatch.setitem(ckan_config, name, given)
    assert config.settings() == first


_WITHOUT = """
import sys
sys.modules["pycurl"] = None
from pathlib import Path
from ckanext.govdata_search.config import Settings
from ckanext.govdata_search.engines import make_engine
make_engine(Settings("elasticsearch", Path(), 30))
"""


def test_an_engine_whose_packages_are_missing_says_which_and_what_brings_them() -> None:
    ended = subprocess.run([sys.executable, "-c", _WITHOUT], capture_output=True, text=True, timeout=60)
    assert ended.returncode == 1
    assert "govdata.search.engine is 'elasticsearch'" in ended.stderr
    assert 'pycurl is not, which pip install "ckanext-govdata[elasticsearch]" brings' in ended.stderr
