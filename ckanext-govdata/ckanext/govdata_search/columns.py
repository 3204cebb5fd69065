"""Names of columns in descriptions that say where, whose or which a row is, not what the dataset is about. Pure.

Descriptions of Chinese portals list columns: 包含桥梁名称,所属景区ID,统一社会信用代码等信息.
Nobody who types 景区 or 信用 means these.
"""

from __future__ import annotations

import re

_BREAK = re.compile(r"([、,，;；。\n\r\t]|(?<=包含)|(?<=包括)|等信息|等数据)")
_NUMBER = "ID|id|Id|编号|编码|代码|序号|主键|标识|标识码|唯一标识|识别号"
_PLACES = frozenset(("行政村", "街道", "乡镇", "镇街", "村社区", "社区", "镇", "村", "省", "市", "区县", "县市区"))
_COLUMN = re.compile(
    rf"""\w{{0,8}}?(?:所在|所属|归属|隶属)\w{{1,10}}
    |\w{{0,10}}?(?:统一)?社会信用代码|\w{{1,16}}(?:{_NUMBER})|\w{{1,12}}号|(?:行政)?区划(?:{_NUMBER}|名称)?
    |身份证(?:件)?(?:号码|号|类型)|证件(?:号码|号|类型)|\w{{0,4}}(?:联系|办公|公开|负责人)(?:电话|方式|地址)|联系人|\w{{0,4}}电话(?:号码)?
    |法人|法人(?:代表|姓名)|法定代表人(?:姓名)?|\w{{0,4}}[经纬]度|(?:\w{{0,4}})地址|邮政编码|邮编
    |(?:创建|更新|修改|入库|处理|最新更新|操作)(?:时间|日期|用户|人)|时间戳|数据来源\w{{0,6}}|是否\w+|备注(?:信息)?
    |\w{{1,12}}(?:等级|级别|类型|类别|分类|性质|标志|状态|许可证号|证号|流水号)
    |{"|".join(sorted(_PLACES))}""",
    re.VERBOSE,
)


_SUBJECTS = _PLACES | {"行政区划", "区划", "法人"}
"""Names of columns that name datasets as well: who types one means these."""


def means_column(typed: str) -> bool:
    """Whether somebody who types this can only mean a column."""
    return is_column(typed) and typed.strip() not in _SUBJECTS


def is_column(text: str) -> bool:
    """Whether a text is nothing but the name of such a column."""
    return _COLUMN.fullmatch(text.strip()) is not None


def subjects(text: str) -> str:
    """A description without the names of such columns."""
    parts = _BREAK.split(text)
    return "".join(part for part in parts if not is_column(part)) if len(parts) > 1 else text
