"""Who gives or keeps a dataset says nothing of what it is about; who types an office's name means what it keeps."""

from __future__ import annotations

import pytest

from ckanext.govdata_search.document import searched
from ckanext.govdata_search.offices import is_office


@pytest.mark.parametrize(
    "name",
    [
        "民政局",
        "市行政审批局（政务服务中心）",
        "江海市大数据管理局",
        "县发展和改革委员会",
        "市委宣传部",
        "区政务服务中心",
        "水务集团",
        "【台州市】公共资源交易中心",
    ],
)
def test_names_of_offices_are_told(name: str) -> None:
    assert is_office(name)


@pytest.mark.parametrize(
    "name", ["张委", "江海市", "高新区", "市图书馆", "体育中心", "调度系统", "审批", "Health Office", "局"]
)
def test_places_persons_and_subjects_are_no_offices(name: str) -> None:
    assert not is_office(name)


def test_who_keeps_a_dataset_is_not_searched_with_its_subject() -> None:
    fields = dict(
        searched(
            {
                "index_id": "1",
                "title": "行政审批局办件",
                "maintainer": "市行政审批局",
                "author": "王小明",
                "organization": "省民政厅",
                "extras_source_system": "调度系统",
            }
        )
    )
    assert fields["text"] == ["行政审批局办件", "王小明", "调度系统"]
    assert fields["maintainer"] == ["市行政审批局"]
