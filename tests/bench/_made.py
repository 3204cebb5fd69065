"""Made-up datasets that look like those of Chinese portals: words, lengths and numbers of tags and files as found there."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from datetime import datetime, timedelta, timezone
from typing import Any

PLACES = ("江滨市", "海山区", "云溪县", "望河区", "石桥县", "明湖区", "高岭市", "临泉县", "青浦区", "南屏县")
SUBJECTS = (
    "道路交通事故", "公共交通线路", "停车场", "医院床位", "医疗机构", "药品目录", "预防接种点", "学校", "幼儿园", "教师",
    "图书馆", "文物保护单位", "旅游景区", "空气质量", "地表水水质", "排污许可证", "饮用水水源地",
    "水库", "天气预报", "古树名木",
    "养老机构", "残疾人补贴", "最低生活保障", "退役军人服务站", "住房公积金", "社会保险", "税收收入", "居民消费价格指数",
    "地区生产总值", "户籍人口",
    "规模以上工业", "企业登记", "个体工商户", "知识产权", "工程招标",
    "土地供应", "房屋征收", "信访办理", "律师事务所", "档案馆藏",
    "农民合作社", "农产品价格", "茶叶种植", "犬只登记", "消防站", "停电公告",
    "天然气用户", "危险化学品企业", "公园绿地", "气象站点",
)  # fmt: skip
FORMS = ("信息", "名录", "统计", "清单", "数据", "一览表", "年度统计", "月度报表", "基本情况", "")
COLUMNS = (
    "序号", "名称", "地址", "联系电话", "统一社会信用代码", "法定代表人", "经度", "纬度", "年度", "数量", "单位", "备注",
    "所属街道", "登记日期", "有效期", "类型", "级别", "面积", "负责人", "行政区划", "更新时间", "状态", "编号", "金额",
)  # fmt: skip
LATIN = (
    "parking",
    "hospital",
    "school",
    "river",
    "budget",
    "market",
    "forest",
    "traffic",
    "license",
    "museum",
    "water",
    "energy",
)
AGENCIES = tuple(f"agency-{number:02d}" for number in range(40))
THEMES = tuple(f"theme-{number:02d}" for number in range(14))
FORMATS = ("CSV", "XLSX", "XLS", "JSON", "XML", "RDF", "API", "PDF")
TIERS = ("unconditional", "conditional", "not_open")
LICENSES = ("cc-by", "cc-zero", "odc-odbl", "notspecified", "other-open")
_START = datetime(2019, 1, 1, tzinfo=timezone.utc)


def records(count: int, seed: int = 1, blobs: bool = False) -> Iterator[dict[str, Any]]:
    """Index documents as CKAN builds them, always the same for a seed; `blobs` adds the two JSON texts of some kilobytes."""
    chance = random.Random(seed)
    for number in range(count):
        yield _record(chance, number, blobs)


def _record(chance: random.Random, number: int, blobs: bool) -> dict[str, Any]:
    english = chance.random() < 0.06
    subject, other = chance.sample(SUBJECTS, 2)
    words = chance.sample(LATIN, 3)
    place = chance.choice(PLACES)
    title = f"{words[0]} {words[1]} {2015 + number % 10}" if english else f"{place}{subject}{chance.choice(FORMS)}"
    columns = chance.sample(COLUMNS, chance.randint(3, 12))
    notes = f"yearly {words[2]} figures of {words[0]}" if english else f"{title},包含{','.join(columns)}等信息"
    if chance.random() < 0.1:
        notes += f",与{other}一并公布"
    name = f"{'us' if english else 'cn'}-{number:07d}"
    modified = _START + timedelta(seconds=chance.randrange(230_000_000))
    formats = chance.sample(FORMATS, chance.randint(1, 4))
    record: dict[str, Any] = {
        "index_id": f"key-{name}",
        "id": f"id-{name}",
        "site_id": "default",
        "entity_type": "package",
        "dataset_type": "dataset",
        "state": "active",
        "capacity": "public",
        "permission_labels": ["public"]
        if chance.random() < 0.9
        else [f"agency-{chance.randrange(40):02d}", "supervisor"],
        "name": name,
        "title": title,
        "title_string": title,
        "notes": notes,
        "tags": [words[0]] if english else sorted({subject[:2], other[-2:], place[:2]}),
        "organization": chance.choice(AGENCIES),
        "groups": [chance.choice(THEMES)],
        "theme": chance.choice(THEMES),
        "open_tier": chance.choices(TIERS, (7, 2, 1))[0],
        "license_id": chance.choices(LICENSES, (6, 3, 1, 3, 1))[0],
        "res_format": formats,
        "res_name": [f"{title}.{one.lower()}" for one in formats],
        "res_url": [f"https://data.example/{number}.{one.lower()}" for one in formats],
        "metadata_created": f"{_START:%Y-%m-%dT%H:%M:%S}Z",
        "metadata_modified": f"{modified:%Y-%m-%dT%H:%M:%S}.{chance.randrange(10**6):06d}Z",
        "views_total": chance.randrange(2000),
    }
    if chance.random() < 0.4:
        record["extras_source_system"] = f"{place}{other}系统"
    if blobs:
        shown = {key: record[key] for key in ("id", "name", "title", "notes", "tags", "organization", "open_tier")}
        resources = [{"name": n, "url": u, "format": f, "description": notes[:80] * 3} for n, u, f in _files(record)]
        whole = json.dumps({**shown, "resources": resources, "extras": [{"key": c, "value": notes} for c in columns]})
        record |= {"data_dict": whole, "validated_data_dict": whole}
    return record


def _files(record: dict[str, Any]) -> Iterator[tuple[str, str, str]]:
    yield from zip(record["res_name"], record["res_url"], record["res_format"], strict=True)
