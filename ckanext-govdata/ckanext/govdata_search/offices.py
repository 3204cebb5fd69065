"""Names of offices, where a dataset tells who gives or keeps it: they say nothing of what it is about. Pure.

Nobody who types 审批 or 政务服务 means all that a 行政审批局 or a 政务服务中心 has filed. Who types an office's name
means what it keeps.
"""

from __future__ import annotations

import re

_KEPT_BY = frozenset(("organization", "author", "maintainer"))
"""Fields that name who gives or keeps a dataset."""
LOOKED_FOR = ("maintainer", "author")
"""Of these, the ones whose words can be looked for; an organization is a name in addresses."""
_OFFICE = re.compile(
    r"""[\w【】、·—－-]{1,40}?
    (?:局|厅|委|委员会|管委会|办|办公室|署|办事处|管理处|政府|(?:组织|宣传|统战|武装|工作)部|[局委]\w{2,12}科|海关|法院|检察院
    |联合会|总会|总工会|红十字会|科学技术协会|残联|妇联|文联|侨联|工商联|社科联|科协|总社|联社|党校|档案馆|支队|总队|大队|调查队|集团|公司
    |(?:管理|服务|数据|信息|资源|交易|监测|控制|发展|治理|指挥|保障|事务|促进|建设|指导|公积金)\w{0,4}中心)
    (?:\s*[（(][^（()）]{1,30}[)）])?""",
    re.VERBOSE,
)
_SHORTEST = 2
"""Two characters may be the name of a person."""
_HAN = re.compile(r"[\u4e00-\u9fff]")


def is_office(text: str) -> bool:
    """Whether a text is nothing but the name of an office, such as 民政局 or 市行政审批局（政务服务中心）."""
    return len(text) > _SHORTEST and _HAN.search(text) is not None and _OFFICE.fullmatch(text.strip()) is not None


def subjects(name: str, values: list[str]) -> list[str]:
    """What the values of a field say of the dataset's subject."""
    return [value for value in values if not is_office(value)] if name in _KEPT_BY else values
