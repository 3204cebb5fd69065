"""The ways in which somebody could learn of an entry without knowing its id: addresses to GET, as the hostile user would."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from urllib.parse import urlencode

from .scene import KINDS, Entry, Scene, word_of

# Kinds that differ in how they came to be hidden; all others are asked for by title alone.
_WORDS = [word_of(kind) for kind in ("conditional", "held_unknown_tier", "draft", "closed_later", "not_open_shared")]
_FACETS = [
    "organization",
    "owner_org",
    "groups",
    "tags",
    "res_format",
    "license_id",
    "name",
    "id",
    "title_string",
    "title",
    "open_tier",
    "publication",
    "sharing_tier",
    "theme",
    "hold_causes",
    "capacity",
    "state",
    "permission_labels",
    "creator_user_id",
    "dataset_type",
    "res_name",
    "res_url",
    "extras_open_tier",
    "released",
    "tier_word",
    "extras_data_item_words",
]
_CRAFTED = [
    {"fq": "+capacity:private"},
    {"fq": "capacity:(public OR private)"},
    {"fq": "*:* OR permission_labels:*"},
    {"fq": "-permission_labels:public"},
    {"fq": "permission_labels:supervisor"},
    {"fq": "{!lucene}permission_labels:[* TO *]"},
    {"fq": "state:*"},
    {"fq": "state:(draft OR deleted OR active)"},
    {"fq": "publication:[* TO *]"},
    {"fq": "publication:held"},
    {"fq": "open_tier:not_open"},
    {"fq": "-open_tier:unconditional"},
    {"fq": "released:true"},
    {"fq": "hold_causes:*"},
    {"fq": ") OR (*:*"},
    {"fq": "site_id:*) OR (permission_labels:supervisor"},
    {"fq_list": ["*:* OR permission_labels:*"]},
    {"q": "*:* OR permission_labels:supervisor", "fq": "+state:active"},
    {"q": "{!term f=permission_labels}supervisor"},
    {"q": '_query_:"permission_labels:supervisor"'},
    {"q": "title:zq*", "defType": "lucene"},
    {"q": "title:zq*", "qf": "title", "mm": "0"},
    {"q": "name:name*", "fl": "name,title,id,permission_labels"},
    {"fl": "*"},
    {"fl": "data_dict"},
    {"fl": "validated_data_dict,index_id"},
    {"include_private": True, "include_drafts": True},
    {"include_private": True, "fq": "+capacity:private"},
    {"include_private": True, "include_deleted": True, "include_drafts": True, "fq": "state:*"},
    {"sort": "title_string desc"},
    {"sort": "permission_labels asc"},
    {"rows": 0, "facet.query": "permission_labels:supervisor"},
    {"rows": 0, "facet.field": '["name"]', "facet.prefix": "name"},
    {"use_default_schema": True},
]


def ways(scene: Scene) -> Iterator[str]:
    """Addresses that name no entry."""
    for parameters in _CRAFTED:
        yield api("package_search", **{key: _text(value) for key, value in parameters.items()})
    for field in _FACETS:
        yield api("package_search", rows=0, **{"facet.field": json.dumps([field]), "facet.limit": -1})
        more = {"facet.field": json.dumps([field]), "facet.limit": -1, "facet.mincount": 0}
        yield api("package_search", rows=0, include_private=True, include_drafts=True, **more)
    yield from _of_words()
    yield from _lists(scene)
    yield from _pages(scene)


def _of_words() -> Iterator[str]:
    for word in map(word_of, KINDS):
        yield api("package_search", q=word)
    for word in _WORDS:
        yield api("package_search", q=f"title:目录{word}", include_private=True)
        yield api("package_search", q=f"tags:tag{word}", include_private=True, include_drafts=True)
        yield api("package_autocomplete", q=word)
        yield api("package_autocomplete", q=f"name{word}")
        yield api("tag_search", query=f"tag{word}")
        yield api("tag_autocomplete", query=f"tag{word}")
        yield api("tag_list", query=word)
        yield api("tag_show", id=f"tag{word}")
        yield api("tag_show", id=f"tag{word}", include_datasets=True)
        yield api("format_autocomplete", q=f"fmt{word}")
        yield api("resource_search", query=f"name:file{word}")
        yield api("resource_search", query=f"url:link{word}")
        yield f"/dataset/?q={word}"
        yield f"/dataset/?tags=tag{word}"
        yield f"/feeds/custom.atom?q={word}"
        yield f"/feeds/tag/tag{word}.atom"
        yield f"/api/2/util/dataset/autocomplete?incomplete={word}"
        yield f"/api/2/util/tag/autocomplete?incomplete=tag{word}"
        yield f"/api/2/util/resource/format_autocomplete?incomplete=fmt{word}"
        yield f"/catalog.jsonld?q={word}"


def _lists(scene: Scene) -> Iterator[str]:
    for name in ("package_list", "current_package_list_with_resources", "tag_list", "govdata_figures", "status_show"):
        yield api(name)
    yield api("current_package_list_with_resources", limit=100, offset=0)
    yield api("tag_list", all_fields=True)
    yield api("govdata_open_list", rows=1000)
    yield api("govdata_open_list", agency=scene.agency["id"])
    yield api("govdata_review_list")
    yield api("govdata_review_list", status="held")
    yield api("govdata_tier_change_list")
    yield api("recently_changed_packages_activity_list", limit=100)
    yield api("dashboard_activity_list", limit=100)
    yield api("dashboard_new_activities_count")
    yield api("resource_search", query="name:file")
    yield api("resource_search", query="format:fmt", order_by="id")
    yield from _of_places(scene.agency["id"], scene.group["id"])
    yield from _of_people(scene)
    for table in ("_table_metadata", "_table_metadata_x"):
        yield api("datastore_search", resource_id=table, limit=100)
        yield api("datastore_info", id=table)
        yield f"/datastore/dump/{table}"
    for statement in (
        'SELECT * FROM "_table_metadata"',
        "SELECT * FROM pg_class",
        "SELECT relname FROM pg_stat_user_tables",
    ):
        yield api("datastore_search_sql", sql=statement)


def _of_places(agency: str, group: str) -> Iterator[str]:
    for action in ("organization_show", "group_show"):
        place = agency if action == "organization_show" else group
        yield api(action, id=place, include_datasets=True, include_dataset_count=True, include_followers=True)
    yield api("organization_list", all_fields=True, include_dataset_count=True)
    yield api("group_list", all_fields=True, include_dataset_count=True)
    for sort in ("package_count asc", "package_count desc", "packages", "name asc"):
        yield api("organization_list", sort=sort)
        yield api("group_list", sort=sort)
        yield api("organization_list", sort=sort, all_fields=True)
    yield api("organization_list_for_user", include_dataset_count=True)
    yield api("organization_autocomplete", q="jiao")
    yield api("group_package_show", id=group, limit=100)
    for kind in ("", "package", "user"):
        yield api("member_list", id=agency, object_type=kind)
        yield api("member_list", id=group, object_type=kind)
    for name in ("organization_activity_list", "group_activity_list"):
        yield api(name, id=agency if name.startswith("org") else group, limit=100)


def _of_people(scene: Scene) -> Iterator[str]:
    for role in ("publisher", "decider", "administrator", "data_user"):
        person = scene.people[role] or {}
        yield api("user_show", id=person["id"], include_datasets=True, include_num_followers=True)
        yield api("user_activity_list", id=person["id"], limit=100)
        yield api("followee_list", id=person["id"])
        yield api("dataset_followee_list", id=person["id"])
        yield api("followee_count", id=person["id"])
        yield api("dataset_followee_count", id=person["id"])
        yield f"/user/{person['name']}"
        yield f"/user/activity/{person['name']}"
    yield api("user_list", order_by="number_created_packages")
    yield api("user_autocomplete", q="pub")


def _pages(scene: Scene) -> Iterator[str]:
    agency, group = scene.agency["name"], scene.group["name"]
    yield from (
        "/",
        "/stats",
        "/dataset/",
        "/organization/",
        "/group/",
        "/open-list",
        "/open-list.csv",
        "/open-list.json",
    )
    for extra in ("?private=true", "?state=draft", "?ext_x=1", "?sort=title_string+asc", "?open_tier=not_open"):
        yield f"/dataset/{extra}"
        yield f"/organization/{agency}{extra}"
    yield from (f"/organization/{agency}", f"/organization/about/{agency}", f"/organization/activity/{agency}")
    yield from (
        f"/organization/{agency}?q=zq",
        f"/organization/{agency}?tags=x",
        f"/organization/{agency}/open-list.json",
    )
    yield from (f"/group/{group}", f"/group/about/{group}", f"/group/activity/{group}")
    yield from ("/feeds/dataset.atom", f"/feeds/organization/{agency}.atom", f"/feeds/group/{group}.atom")
    yield from ("/feeds/custom.atom", "/feeds/custom.atom?fq=capacity:private", "/feeds/custom.atom?state=draft")
    for form in ("ttl", "rdf", "xml", "jsonld", "n3"):
        yield f"/catalog.{form}"
        yield f"/catalog.{form}?fq=capacity:private"
    yield api("dcat_catalog_show")
    yield api("dcat_catalog_search", q="zq")
    yield from ("/dashboard/", "/dashboard/datasets", "/desk", "/sitemap.xml", "/robots.txt", "/api/3/", "/user/")


def api(action: str, **parameters: object) -> str:
    """The address of an action that is asked by GET."""
    return f"/api/3/action/{action}?{urlencode({key: _text(value) for key, value in parameters.items()})}"


def _text(value: object) -> str:
    return json.dumps(value) if isinstance(value, list | dict | bool) else str(value)


_PASSING = [
    (re.compile(r'name="_csrf_token"[^>]*content="[^"]*"|name="_csrf_token"[^>]*value="[^"]*"'), "CSRF"),
    (re.compile(r'content="[^"]{60,}"'), "TOKEN"),
    (re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(\.\d+)?([+-]\d\d:\d\d|Z)?"), "MOMENT"),
    (re.compile(r"\[?datetime\.[^\]]*\]?"), "MOMENT"),
    (re.compile(r'"last_active": (null|"MOMENT")'), "ACTIVE"),
    (re.compile(r"\d\d:\d\d</p>"), "CLOCK"),
    (re.compile(r"\b\d+ (seconds?|minutes?) ago|just now", re.I), "AGO"),
    (re.compile(r"N[0-9a-f]{32}"), "NODE"),
]


def lasting(text: str) -> str:
    """An answer without what changes from one moment to the next: tokens, moments, names of blank nodes."""
    for pattern, word in _PASSING:
        text = pattern.sub(word, text)
    return text


def told(entry: Entry, text: str, asked: str = "") -> set[str]:
    """What an answer tells of an entry, apart from the words that the question brought along."""
    return {word for word in entry.telling if word in text and word not in asked}
