"""Descriptions that list columns: what says where, whose or which a row is, is no subject."""

from __future__ import annotations

import pytest

from ckanext.govdata_search.columns import is_column, means_column, subjects
from ckanext.govdata_search.document import searched


@pytest.mark.parametrize(
    "name",
    [
        "所属景区ID",
        "所在街道",
        "统一社会信用代码",
        "桥梁编码",
        "联系电话",
        "经度",
        "是否删除",
        "医院等级",
        "行政村",
        "营业执照号",
        "接口所属行政区划",
        "办结人所属部门的所在行政区划编码",
    ],
)
def test_names_of_identifying_columns_are_told(name: str) -> None:
    assert is_column(name)


@pytest.mark.parametrize(
    "name",
    [
        "景区",
        "信用",
        "公园",
        "桥梁高度",
        "道路",
        "医疗机构",
        "环境空气质量",
        "所得项目",
        "企业名称",
        "充电桩数量",
        "专利数",
    ],
)
def test_subjects_are_no_columns(name: str) -> None:
    assert not is_column(name)


@pytest.mark.parametrize(
    ("typed", "column"), [("统一社会信用代码", True), ("行政区划", False), ("法人", False), ("街道", False)]
)
def test_who_types_a_column_that_names_datasets_too_means_these(typed: str, column: bool) -> None:
    assert means_column(typed) is column


def test_a_list_of_columns_keeps_what_the_dataset_is_about() -> None:
    notes = "厕所信息,包含厕所名称、所属景区ID、经度、纬度、统一社会信用代码、开放时间等信息"
    assert subjects(notes) == "厕所信息,包含厕所名称、、、、、开放时间等信息"


def test_a_description_in_sentences_stays_as_it_is() -> None:
    notes = "统一社会信用代码是法人的唯一标识"
    assert subjects(notes) == notes


def test_the_description_itself_is_searched_whole() -> None:
    notes = "名称、所属景区ID"
    fields = searched({"index_id": "1", "notes": notes})
    assert fields["notes"] == [notes]
    assert fields["text"] == ["名称、"]
