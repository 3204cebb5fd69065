"""What is asked of the cluster is written so that it has little to do for it."""

from __future__ import annotations

import json
from typing import Any

import pytest

from ckanext.govdata_search.engines.elasticsearch_index import definition, held
from ckanext.govdata_search.engines.elasticsearch_query import filtered, translate
from ckanext.govdata_search.engines.elasticsearch_search import order
from ckanext.govdata_search.query import Best, Boost, Combine, Everything, Phrase, Query, Term
from ckanext.govdata_search.request import read_request


def test_documents_lie_in_the_order_in_which_lists_show_them() -> None:
    """Only where both orders are the same does the cluster stop at the end of a page instead of looking at every document."""
    lying = definition(1, "0")["settings"]["index"]["sort"]
    shown = order(read_request("*:*", {"sort": "score desc, metadata_modified desc"}))
    asked: list[tuple[str, str, str, str]] = []
    for key in shown:
        ((field, about),) = key.items()
        whole: dict[str, Any] = about if isinstance(about, dict) else {"order": about}
        asked.append((field, whole["order"], whole.get("mode", "min"), whole.get("missing", "_last")))
    assert list(zip(lying["field"], lying["order"], lying["mode"], lying["missing"], strict=True)) == asked


@pytest.mark.parametrize(
    ("query", "place"),
    [
        (Term("title", "桥"), ("term", "title")),
        (Phrase("title", ("大", "桥"), slop=0), ("match_phrase", "title")),
        (Phrase("title", ("大", "桥"), slop=3), ("span_near",)),
        (Best((Term("title", "桥"), Term("notes", "桥")), 0.1), ("dis_max",)),
        (Combine(must=(Term("title", "桥"), Term("notes", "桥"))), ("bool",)),
        (Everything(), ("constant_score",)),
        (Boost(Term("title", "桥"), 2.0), ("term", "title")),
    ],
)
def test_a_weight_stands_with_the_clause_that_it_weighs(query: Query, place: tuple[str, ...]) -> None:
    found = translate(Boost(query, 3.0))
    for name in place:
        found = found[name]
    assert found["boost"] == (6.0 if isinstance(query, Boost) else 3.0)


@pytest.mark.parametrize(
    ("filters", "asked_for"),
    [
        ((Term("state", "active"),), False),
        ((Combine(must=(Term("capacity", "public"), Term("state", "active"))),), False),
        ((Combine(must=(Everything(),), must_not=(Term("state", "draft"),)),), True),
        ((Combine(must_not=(Term("state", "draft"),)),), True),
        ((), True),
    ],
)
def test_every_document_is_asked_for_where_a_filter_would_let_the_note_of_the_position_through(
    filters: tuple[Query, ...], asked_for: bool
) -> None:
    assert ('"has"' in json.dumps(filtered(Everything(), filters))) == asked_for


@pytest.mark.parametrize(
    ("wanted", "read"),
    [
        (("id", "validated_data_dict"), ["id", "validated_data_dict"]),
        (("id", "score"), ["id"]),
        (("id", "title"), ["source", "id"]),
        (("name", "data_dict"), ["source", "data_dict"]),
        (("tit*", "id", "data_dict"), ["source", "id", "data_dict"]),
        (("*", "name", "title"), ["source", "id", "data_dict", "validated_data_dict"]),
    ],
)
def test_of_a_document_is_read_what_a_list_shows(wanted: tuple[str, ...], read: list[str]) -> None:
    assert sorted(held(wanted)) == sorted(read)


def test_what_narrows_every_search_is_one_clause_that_the_cluster_keeps() -> None:
    request = read_request(
        "交通", {"defType": "dismax", "fq": ["+organization:works +state:active", '+permission_labels:("a" OR "b")']}
    )
    organization, standing = filtered(request.query, request.filters)["bool"]["filter"]
    assert "organization" in json.dumps(organization) and "bool" not in organization
    asked = json.dumps(standing["bool"]["filter"])
    assert "state" in asked and "permission_labels" in asked
