"""Tags that only name a class of a national classification say nothing of a dataset's subject."""

from __future__ import annotations

import pytest

from ckanext.govdata_search.classes import is_part, subjects
from ckanext.govdata_search.document import searched


@pytest.mark.parametrize(
    ("tags", "expected"),
    [
        (["图书", "文化、卫生、体育"], ["图书"]),
        (["图书", "文化", "卫生", "体育"], ["图书"]),
        (["休学", "科技", "教育"], ["休学"]),
        (["低保", "公共管理、社会保障和社会组织"], ["低保"]),
        (["低保", "公共管理", "社会保障和社会组织"], ["低保"]),
        (["蔬菜", "农林牧渔业"], ["蔬菜"]),
        (["蔬菜", "综合政务"], ["蔬菜"]),
        (["体育", "场馆"], ["体育", "场馆"]),
        (["教育"], ["教育"]),
        (["文化", "体育"], ["文化", "体育"]),
        ([], []),
    ],
)
def test_what_is_left_says_what_a_dataset_is_about(tags: list[str], expected: list[str]) -> None:
    assert subjects(tags) == expected


def test_the_tags_themselves_stay_as_they_are() -> None:
    tags = ["休学", "科技", "教育"]
    fields = searched({"index_id": "1", "tags": tags})
    assert fields["tags"] == tags
    assert fields["text"] == ["休学"]


@pytest.mark.parametrize(("word", "part"), [("教育", True), ("综合政务", True), ("停车场", False), ("", False)])
def test_a_part_of_a_class_is_told(word: str, part: bool) -> None:
    assert is_part(word) is part
