"""Names of classes that lists carry as tags: of the national classification of industries (GB/T 4754, its sections) and of
that of government information (GB/T 21063.4). Pure.

Such a tag says where somebody has filed a dataset, not what it is about: under 文化、卫生、体育 stand libraries and clinics, and
nobody who types 体育 means either. Where a list's reader has taken the name apart, its parts stand together.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

_NAMES = (
    "农、林、牧、渔业", "电力、热力、燃气及水生产和供应业", "批发和零售业", "交通运输、仓储和邮政业", "住宿和餐饮业",
    "信息传输、软件和信息技术服务业", "租赁和商务服务业", "科学研究和技术服务业", "水利、环境和公共设施管理业",
    "居民服务、修理和其他服务业", "卫生和社会工作", "文化、体育和娱乐业", "公共管理、社会保障和社会组织",
    "综合政务", "综合党团", "经济管理", "国土资源、能源", "工业、交通", "工业、交通、邮政", "信息产业", "城乡建设、环境保护",
    "农业、水利", "商业、贸易", "商业贸易", "旅游、服务业", "气象、水文、测绘、地震", "对外事务", "政法、监察", "科技、教育",
    "文化、卫生、体育", "军事、国防", "劳动、人事", "民政、社区", "文秘、行政",
)  # fmt: skip
_BETWEEN = re.compile(r"[、,，;；\s]+")


def _plain(text: str) -> str:
    return _BETWEEN.sub("", text)


_WHOLE = frozenset(map(_plain, _NAMES))
_APART = tuple(parts for parts in (frozenset(name.split("、")) for name in _NAMES) if len(parts) > 1)
_PARTS = frozenset(part for parts in _APART for part in parts)


def subjects(tags: Iterable[str]) -> list[str]:
    """The tags that say what a dataset is about."""
    kept = [tag for tag in tags if _plain(tag) not in _WHOLE]
    held = _PARTS.intersection(kept)
    filed = {part for parts in _APART if parts <= held for part in parts} if held else ()
    return [tag for tag in kept if tag not in filed]


def is_part(word: str) -> bool:
    """Whether a tag of this name may be no more than a part of a class's name."""
    return word in _PARTS or _plain(word) in _WHOLE
