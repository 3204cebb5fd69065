"""Which words somebody meant who typed a run of Han characters."""

from __future__ import annotations

import pytest

from ckanext.govdata_search import segments


@pytest.mark.requirement("LYG-16")
@pytest.mark.parametrize(
    ("run", "expected"),
    [
        ("司法所", ["司法所"]),
        ("司法所名单", ["司法所", "名单"]),
        ("维修厂", ["维修厂"]),
        ("小餐饮", ["小餐饮"]),
        ("公租房信息", ["公租房", "信息"]),
        ("居民可支配收入", ["居民", "可支配", "收入"]),
        ("横州市学校", ["横州", "学校"]),
        ("柯桥区养老院", ["柯桥", "养老院"]),
        ("望河区学校", ["望河", "学校"]),
        ("高速服务区", ["高速", "服务区"]),
        ("自然保护区名单", ["自然", "保护区", "名单"]),
        ("低保户名单", ["低保", "名单"]),
        ("养殖户补贴", ["养殖", "补贴"]),
        ("用户", ["用户"]),
        ("新的学校", ["新", "的", "学校"]),
        ("碳账户", ["碳", "账户"]),
        ("市医院", ["市", "医院"]),
        ("医院的床", ["医院", "的", "床"]),
    ],
)
def test_a_single_character_is_read_with_its_neighbour(run: str, expected: list[str]) -> None:
    assert segments.shortest_words(run) == expected


@pytest.mark.parametrize("run", ["柯城区水库", "低保户名单", "横州市学校", "小餐饮登记", "司法所"])
def test_every_character_belongs_to_one_word(run: str) -> None:
    found = segments.han_words(run)
    assert [segment.start for segment in found] == [0, *(segment.end for segment in found[:-1])]
    assert found[-1].end == len(run)
    assert all(run[segment.start : segment.end].startswith(segment.word) for segment in found)
