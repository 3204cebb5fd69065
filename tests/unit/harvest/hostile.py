"""Hostile lists with the truth known: entries whose right tier is told by an oracle of its own, written down in any layout."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from html import escape
from random import Random

from .files import zipped
from .pages import Page, as_html, as_ods, as_spreadsheet_xml, as_text, as_xls, as_xlsx

OPEN, CONDITIONAL, CLOSED = "unconditional", "conditional", "not_open"
STRICTNESS = (OPEN, CONDITIONAL, CLOSED)
WORDS = {
    OPEN: ("无条件开放", "无条件", "完全开放", " 无条件开放 ", "　无条件开放"),
    CONDITIONAL: ("有条件开放", "依申请开放", "受限开放", "有条件", "申请后开放"),
    CLOSED: ("不予开放", "不开放", "禁止开放", "非开放", "暂不开放"),
}
UNKNOWN = (
    "开放网站",
    "可开放",
    "L1",
    "已开放",
    "无条件开放（需登录）",
    "非无条件开放",
    "无条件开放。",
    "无条件共享",
    "开放",
)
NOTHING = ("", "暂无", "无", "null", "-", "／")
SECRET = ("国家秘密", "涉密", "机密", "绝密")
OLD_WORDS = {OPEN: ("無條件開放", "無條件"), CONDITIONAL: ("有條件開放",), CLOSED: ("不予開放", "不開放")}
AGENCIES = ("江海市统计局", "江海市交通运输局", "滨江区人民政府", "市教育局（体育局）", "供水有限公司")
OLD_AGENCIES = ("工務局", "社會局", "交通局")
THINGS = (
    "停车场",
    "学校",
    "公厕",
    "企业",
    "公交站",
    "道路",
    "医院",
    "公园",
    "水质",
    "气象站",
    "养老院",
    "许可证",
    "处罚",
    "预算",
)
OLD_THINGS = ("公園", "道路", "學校", "工場", "空港", "水道", "橋")
FURTHER = ("开放类型", "共享属性", "联系人", "序号", "更新周期", "资源代码", "涉密属性", "数据摘要")
TYPES = ("字符型C", "数值型N", "日期型D", "整型")


def _tiers(said: Iterable[str]) -> list[str]:
    """What these words mean, a question mark for one that means nothing known."""
    tiers = {word: tier for table in (WORDS, OLD_WORDS) for tier, words in table.items() for word in words}
    return [tiers.get(word, "?") for word in said if word not in NOTHING]


@dataclass
class Entry:
    """One entry: its cells by column, its items (name, type, tier word), and what must become of it."""

    title: str
    agency: str
    cells: dict[str, str]
    items: list[tuple[str, str, str]] = field(default_factory=list)
    secret: bool = False

    def tier(self) -> str:
        """The right tier: the strictest that is said, and none where any word is not known. Empty where it has to be held.

        Items can make an entry stricter; they cannot open one that says nothing itself.
        """
        own = _tiers(self.cells[column] for column in ("开放属性", "开放类型", "開放屬性") if column in self.cells)
        found = [*own, *_tiers(word for _, _, word in self.items)]
        if not found or "?" in found:
            return ""
        strictest = max(found, key=STRICTNESS.index)
        return "" if strictest == OPEN and not own else strictest


@dataclass
class Truth:
    """A list: its entries, which of them stand twice, and whether it is written in the old characters."""

    entries: list[Entry]
    twice: list[int]
    columns: list[str]
    old: bool = False
    with_items: bool = False


def truth_of(chance: Random) -> Truth:
    """A list of some entries with columns of its own."""
    old = chance.random() < 0.12
    with_items = not old and chance.random() < 0.35
    extra = [
        column
        for column in ("开放类型", "共享属性", "联系人", "序号", "更新周期", "资源代码", "涉密属性", "数据摘要")
        if chance.random() < 0.4
    ]
    columns = ["標題", "提供單位", "開放屬性"] if old else ["资源名称", "提供单位", "开放属性", *extra]
    things = chance.sample(OLD_THINGS if old else THINGS, chance.randint(1, 6))
    entries = [_entry(chance, columns, thing, number, old, with_items) for number, thing in enumerate(things, 1)]
    twice = [number for number in range(len(entries)) if chance.random() < 0.1]
    return Truth(entries, twice, columns, old, with_items)


def _entry(chance: Random, columns: list[str], thing: str, number: int, old: bool, with_items: bool) -> Entry:
    agency = chance.choice(OLD_AGENCIES if old else AGENCIES)
    title = thing + ("名錄" if old else chance.choice(("名录", "信息", "数据（2024）", "")))
    if old:
        return Entry(
            title,
            agency,
            dict(zip(columns, (title, agency, chance.choice(OLD_WORDS[chance.choice(STRICTNESS)])), strict=True)),
        )
    said = {
        "资源名称": title,
        "提供单位": agency,
        "开放属性": _word(chance),
        "开放类型": chance.choice(("", _word(chance))),
        "共享属性": chance.choice(("无条件共享", "无条件", "有条件共享")),
        "联系人": "张三",
        "序号": str(number),
        "更新周期": chance.choice(("每年", "每月", "随缘")),
        "资源代码": f"320700/{thing}{number}",
        "涉密属性": chance.choice(("否", "非涉密", "")),
        "数据摘要": chance.choice((f"{thing}的信息", f"<p>{thing}&nbsp;的</p>", f"第一行\n{thing}", "无")),
    }
    entry = Entry(title, agency, {column: said[column] for column in columns})
    if with_items:
        words = ("", *WORDS[OPEN][:2], *WORDS[CLOSED][:2], *UNKNOWN[:1])
        own = chance.random() < 0.5
        names = chance.sample(("车牌号", "姓名", "地址", "电话", "面积", "等级"), chance.randint(1, 4))
        entry.items = [
            (name, chance.choice(TYPES), chance.choice(words) if own and place else "")
            for place, name in enumerate(names)
        ]
    if chance.random() < 0.08:
        entry.secret = True
        column = "涉密属性" if "涉密属性" in columns and chance.random() < 0.6 else "开放属性"
        entry.cells[column] = chance.choice(SECRET)
    return entry


def _word(chance: Random) -> str:
    kind = chance.random()
    if kind < 0.7:
        return chance.choice(WORDS[chance.choice(STRICTNESS)])
    return chance.choice(UNKNOWN if kind < 0.88 else NOTHING)


def order_of(truth: Truth, chance: Random) -> list[Entry]:
    """The entries in some order, some of them twice."""
    order = [*truth.entries, *(truth.entries[number] for number in truth.twice)]
    chance.shuffle(order)
    return order


def page_of(truth: Truth, order: list[Entry], chance: Random, *, merging: bool) -> Page:
    """A sheet: title rows, a header of one row or two, entries over one row or several, footnotes, blank rows and columns."""
    item_columns = ["信息项名称", "数据类型"] if truth.with_items else []
    columns = [*truth.columns]
    chance.shuffle(columns)
    places = [*columns, *item_columns]
    if not item_columns and chance.random() < 0.3:
        places.insert(chance.randint(0, len(places)), "")
    page = Page([])
    width = len(places)

    def line(first: str) -> list[str]:
        return [first] + [""] * (width - 1)

    if chance.random() < 0.5:
        top = page.add(line("江海市公共数据开放清单（2024年）" if not truth.old else "公園道路一覽"))
        if merging:
            page.merge(top, 0, top, width - 1)
    if chance.random() < 0.3:
        page.add(line(""))
    _header(page, places, chance, merging)
    for entry in order:
        _rows(page, entry, places, chance, merging)
        if chance.random() < 0.1:
            page.add(line(""))
        if chance.random() < 0.05:
            page.add(list(places))
    if chance.random() < 0.4:
        page.add(line(""))
        page.add(line(chance.choice(("注：以上数据每年更新", "合计", "填表人：李四")) if not truth.old else "合計"))
    return page


def _header(page: Page, places: list[str], chance: Random, merging: bool) -> None:
    if "信息项名称" in places and chance.random() < 0.5:
        # The items' columns under a group of their own.
        first = places.index("信息项名称")
        top = page.add([*places[:first], "信息项", ""])
        page.add([*([""] * first), "名称", "类型"])
        if merging:
            for place in range(first):
                page.merge(top, place, top + 1, place)
            page.merge(top, first, top, first + 1)
    else:
        page.add([chance.choice((name, f"*{name}", f" {name} ", name)) if name else "" for name in places])


def _rows(page: Page, entry: Entry, places: list[str], chance: Random, merging: bool) -> None:
    own = [entry.cells.get(name, "") for name in places]
    if not entry.items:
        page.add(own)
        return
    way = chance.choice(("blank", "repeated", "merged" if merging else "blank"))
    item, kind = places.index("信息项名称"), places.index("数据类型")
    tier = places.index("开放属性")
    top = len(page.rows)
    for number, (name, type_, word) in enumerate(entry.items):
        row = list(own) if number == 0 or way == "repeated" else [""] * len(places)
        row[item], row[kind] = name, type_
        if number:
            row[tier] = word
        page.add(row)
    if way == "merged":
        for place, name in enumerate(places):
            if name and place not in (item, kind, tier):
                page.merge(top, place, len(page.rows) - 1, place)


def records_of(truth: Truth, order: list[Entry]) -> list[dict[str, object]]:
    """The entries as objects, for JSON and XML."""
    found: list[dict[str, object]] = []
    for entry in order:
        items = [
            {"信息项名称": name, "数据类型": type_, **({"开放属性": word} if word else {})}
            for name, type_, word in entry.items
        ]
        found.append({**entry.cells, **({"数据项": items} if items else {})})
    return found


def _xml(records: list[dict[str, object]]) -> str:
    def value(held: object) -> str:
        if isinstance(held, list):
            return "".join(f"<项>{value(item)}</项>" for item in held)
        if isinstance(held, dict):
            return "".join(f"<{name}>{value(inner)}</{name}>" for name, inner in held.items())
        return escape(str(held))

    rows = "".join(f"<row>{value(record)}</row>" for record in records)
    return f"<?xml version='1.0'?><r><n>0</n><rows>{rows}</rows></r>"


CHARSETS = ("utf-8", "utf-8-sig", "utf-16", "gb18030")
TEXTS = ("csv", "tsv", "semicolon", "html", "xml2003", "json", "json_lines", "wrapped", "several", "xml")
KINDS = (*TEXTS, "xlsx", "xls", "ods")
GRIDS = frozenset({"csv", "tsv", "semicolon", "html", "xml2003", "xlsx", "xls", "ods"})


def file_of(truth: Truth, kind: str, chance: Random) -> bytes:
    """The list as a file of this kind, packed or not."""
    order = order_of(truth, chance)
    content = (
        _binary(truth, order, kind, chance) if kind in ("xlsx", "xls", "ods") else _encoded(truth, order, kind, chance)
    )
    packed = chance.random()
    if packed < 0.08:
        return gzip.compress(content)
    return zipped({"清单.bin": content}) if packed < 0.16 else content


def _binary(truth: Truth, order: list[Entry], kind: str, chance: Random) -> bytes:
    page = page_of(truth, order, chance, merging=True)
    if kind == "xlsx":
        decoy = [["资源名称", "提供单位", "开放属性"], ["隐藏的目录", "江海市统计局", "无条件开放"]]
        return as_xlsx(page, decoy if chance.random() < 0.3 else None)
    return as_xls(page) if kind == "xls" else as_ods(page)


def _encoded(truth: Truth, order: list[Entry], kind: str, chance: Random) -> bytes:
    text = _text(truth, order, kind, chance)
    charset = chance.choice((*CHARSETS, "big5", "cp932") if truth.old else CHARSETS)
    try:
        return text.encode(charset)
    except UnicodeEncodeError:
        return text.encode("gb18030")


def _text(truth: Truth, order: list[Entry], kind: str, chance: Random) -> str:
    delimiters = {"csv": ",", "tsv": "\t", "semicolon": ";"}
    if kind in GRIDS:
        page = page_of(truth, order, chance, merging=kind not in delimiters)
        if kind in delimiters:
            return as_text(page, delimiters[kind], chance.choice(("\r\n", "\n")))
        return as_html(page) if kind == "html" else as_spreadsheet_xml(page)
    records = records_of(truth, order)
    if kind == "json_lines":
        return "\n".join(json.dumps(record, ensure_ascii=False) for record in records)
    if kind == "wrapped":
        return json.dumps({"code": 0, "data": {"total": len(records), "rows": records}}, ensure_ascii=False)
    if kind == "several":
        return json.dumps(records[:1], ensure_ascii=False) + "\n" + json.dumps(records[1:], ensure_ascii=False)
    return _xml(records) if kind == "xml" else json.dumps(records, ensure_ascii=False, indent=1)
