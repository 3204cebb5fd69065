"""Random queries, and what they mean said in plain Python over the plain records, without parser, analysis or engine."""

from __future__ import annotations

import random
import re
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from ckanext.govdata_search import classes
from ckanext.govdata_search.columns import means_column, subjects
from tests.bench._made import AGENCIES, FORMATS, LATIN, LICENSES, PLACES, THEMES, TIERS

Record = dict[str, Any]
Found = frozenset[int]

WORDS = (
    "交通", "事故", "公共交通", "停车场", "医院", "床位", "医院床位", "学校", "教师", "水质", "水库", "企业登记", "合作社",
    "价格指数", "人口", "农产品价格", "茶叶", "消防站", "统一社会信用代码", "负责人", "经度", "登记日期", "系统", "年度统计",
    "名录", "信息", "宇宙飞船", *(place[:2] for place in PLACES), *LATIN, "2019", "agency", "nowhere",
)  # fmt: skip
# Written together they are several words, of which one stands in the title or all stand together; to the letter (in filters
# and where they exclude) each may stand anywhere; between quotation marks they stand together.
SEVERAL = {
    "公共交通": ("公共", "交通"), "医院床位": ("医院", "床位"), "企业登记": ("企业", "登记"), "价格指数": ("价格", "指数"),
    "农产品价格": ("农产品", "价格"), "登记日期": ("登记", "日期"), "年度统计": ("年度", "统计"),
    "统一社会信用代码": ("统一", "社会", "信用", "代码"),
}  # fmt: skip
TEXTS = ("title", "notes", "text", "extras_source_system")
# What CKAN's schema copies into `text`.
IN_TEXT = ("name", "title", "groups", "organization", "res_name", "res_format", "extras_source_system")
VALUES = {
    "organization": AGENCIES, "theme": THEMES, "groups": THEMES, "res_format": FORMATS, "open_tier": TIERS,
    "license_id": LICENSES,
    "tags": ("道路", "公共", "江滨", "海山", "parking", "nothing"), "capacity": ("public", "private"),
}  # fmt: skip
FACETS = (
    "organization",
    "theme",
    "res_format",
    "tags",
    "open_tier",
    "license_id",
    "groups",
    "views_total",
    "nobody_has_this",
)


@dataclass(frozen=True)
class Part:
    """A piece of a query: how it is written, which records it means; `negated` ones stand only where that is clear."""

    written: str
    means: Callable[[Plain], Found]
    simple: bool = False


class Plain:
    """The records, and each question about them answered once."""

    def __init__(self, records: list[Record]) -> None:
        self.records = records
        self.everything = frozenset(range(len(records)))
        self._known: dict[tuple[Any, ...], Found] = {}

    def where(self, key: tuple[Any, ...], fits: Callable[[Record], bool]) -> Found:
        if key not in self._known:
            self._known[key] = frozenset(at for at, record in enumerate(self.records) if fits(record))
        return self._known[key]

    def facet(self, found: Found, name: str) -> Counter[str]:
        return Counter(value for at in found for value in set(values(self.records[at], name)))


def values(record: Record, name: str) -> list[str]:
    value = record.get(name)
    return [] if value is None else [str(one) for one in (value if isinstance(value, list) else [value])]


def quotes(record: Record, field: str, words: str) -> bool:
    """Whether a text has what was typed between quotation marks, names of columns too."""
    return holds(record, field, words) or (field == "text" and holds(record, "notes", words))


def says(record: Record, field: str, words: str) -> bool:
    """Whether a text has what was typed without quotation marks."""
    if field == "text" and means_column(words) and holds(record, "notes", words):
        return True
    return all(holds(record, field, word) for word in SEVERAL.get(words, (words,)))


def means(record: Record, field: str, words: str) -> bool:
    """Whether a record is what somebody means who typed this without quotation marks."""
    several = SEVERAL.get(words) if field == "text" else None
    if several and len(several) > 2 and _nearly(record, several):
        return True
    together = quotes if means_column(words) else holds
    if several and not together(record, field, words) and not any(holds(record, "title", word) for word in several):
        return False
    return says(record, field, words)


def _nearly(record: Record, several: tuple[str, ...]) -> bool:
    """Whether a title lacks at most one of several words, and not the last."""
    *others, last = (holds(record, "title", word) for word in several)
    return last and sum(others) >= len(others) - 1


def holds(record: Record, field: str, word: str) -> bool:
    """Whether a text has a word: Chinese anywhere in a run of characters, Latin and numbers as whole words."""
    texts = [text for name in (IN_TEXT if field == "text" else (field,)) for text in values(record, name)]
    if field == "text":
        texts += [*map(subjects, values(record, "notes")), *classes.subjects(values(record, "tags"))]
    if word.isascii():
        return any(re.search(rf"(?<![a-z0-9]){word}(?![a-z0-9])", text.lower()) for text in texts)
    return any(word in text for text in texts)


class Grammar:
    """Makes parts of queries by chance."""

    def __init__(self, seed: int) -> None:
        self.chance = random.Random(seed)
        self.to_the_letter = False

    def query(self) -> tuple[str, dict[str, Any], Callable[[Plain], Found]]:
        """A query as it is sent, its parameters, and its meaning."""
        if self.chance.random() < 0.3:
            written, means = self.typed()
            return (
                written,
                {"defType": "dismax", "qf": "name^4 title^4 tags^2 groups^2 text", "mm": "2<-1 5<80%"},
                means,
            )
        part = self.part(3)
        return part.written, {}, part.means

    def typed(self) -> tuple[str, Callable[[Plain], Found]]:
        """Plain words as people type them; of more than two one may be missing, of more than five a fifth."""
        if self.chance.random() < 0.2:
            return self.bracketed()
        words = [self.chance.choice(WORDS[:24] + LATIN) for _ in range(self.chance.randint(1, 6))]
        without = [self.chance.choice(WORDS[:24])] if self.chance.random() < 0.2 else []
        needed = len(words) if len(words) <= 2 else len(words) - 1 if len(words) <= 5 else int(len(words) * 0.8)

        def fitting(plain: Plain) -> Found:
            hits = Counter(at for word in words for at in _worded(plain, word, means))
            hidden = [_worded(plain, word, says) for word in without]
            return frozenset(at for at, count in hits.items() if count >= needed).difference(*hidden)

        return " ".join((*words, *(f"-{word}" for word in without))), fitting

    def bracketed(self) -> tuple[str, Callable[[Plain], Found]]:
        """Plain words with an operator word and a bracket among them."""
        word, one, other = self.chance.sample(WORDS[:24], 3)

        def either(plain: Plain, fits: Callable[[Record, str, str], bool]) -> Found:
            return _worded(plain, one, fits) | _worded(plain, other, fits)

        if self.chance.random() < 0.5:
            return f"{word} AND ({one} OR {other})", lambda plain: _worded(plain, word, means) & either(plain, means)
        return f"{word} NOT ({one} OR {other})", lambda plain: _worded(plain, word, means) - either(plain, says)

    def part(self, depth: int) -> Part:
        if depth == 0 or self.chance.random() < 0.35:
            return self.leaf()
        return self.chance.choice((self.all_of, self.any_of, self.but_not))(depth)

    def all_of(self, depth: int) -> Part:
        parts = [self.part(depth - 1) for _ in range(self.chance.randint(2, 3))]
        join = self.chance.choice((" AND ", " && ", " ", " +"))
        written = join.join(part.written for part in parts)
        return Part(
            f"({'+' if join == ' +' else ''}{written})", lambda plain: _all(plain, [p.means(plain) for p in parts])
        )

    def any_of(self, depth: int) -> Part:
        parts = [self.part(depth - 1) for _ in range(self.chance.randint(2, 4))]
        written = self.chance.choice((" OR ", " || ")).join(part.written for part in parts)
        return Part(f"({written})", lambda plain: frozenset().union(*(p.means(plain) for p in parts)))

    def but_not(self, depth: int) -> Part:
        wanted = self.part(depth - 1) if self.chance.random() < 0.6 else None
        hidden = self.literally(lambda: self.part(depth - 1))
        sign = self.chance.choice(("NOT ", "-", "!"))
        first = wanted.written if wanted else "*:*"
        return Part(
            f"({first} {sign}{hidden.written})",
            lambda plain: (wanted.means(plain) if wanted else plain.everything) - hidden.means(plain),
        )

    def literally(self, make: Callable[[], Part]) -> Part:
        before, self.to_the_letter = self.to_the_letter, True
        part = make()
        self.to_the_letter = before
        return part

    def leaf(self) -> Part:
        kinds = (
            self.word,
            self.word,
            self.value,
            self.value,
            self.prefix,
            self.dates,
            self.numbers,
            self.exists,
            self.names,
        )
        part = self.chance.choice(kinds)()
        if self.chance.random() < 0.1:
            return Part(f"{part.written}^{self.chance.choice(('2', '0.5', '=3'))}", part.means)
        return part

    def word(self) -> Part:
        field, word = self.chance.choice(TEXTS), self.chance.choice(WORDS)
        quoted = self.chance.random() < 0.4
        fits = quotes if quoted else says if self.to_the_letter else means
        written = f'{field}:"{word}"' if quoted else f"{field}:{word}"
        return Part(written, lambda plain: plain.where((field, word, fits), lambda record: fits(record, field, word)))

    def value(self) -> Part:
        field = self.chance.choice(tuple(VALUES))
        chosen = self.chance.sample(VALUES[field], min(len(VALUES[field]), self.chance.randint(1, 3)))
        # Bare words in a row are alternatives too, where there is more than one.
        joined = " OR ".join(f'"{one}"' if self.chance.random() < 0.5 else one for one in chosen)
        written = joined if self.chance.random() < 0.7 else " ".join(chosen)
        wanted = frozenset(chosen)
        return Part(
            f"{field}:({written})",
            lambda plain: plain.where((field, wanted), lambda record: not wanted.isdisjoint(values(record, field))),
        )

    def prefix(self) -> Part:
        field, start = self.chance.choice(
            (("name", "cn-00000"), ("name", "us"), ("organization", "agency-1"), ("tags", "江"))
        )
        written = self.chance.choice((f"{field}:{start}*", f"{field}:{start[:-1]}?*"))
        begin = start if written.endswith(f"{start}*") else start[:-1]
        more = 0 if begin == start else 1
        fits = lambda one: one.startswith(begin) and len(one) >= len(begin) + more  # noqa: E731
        return Part(
            written,
            lambda plain: plain.where((field, begin, more), lambda record: any(map(fits, values(record, field)))),
        )

    def dates(self) -> Part:
        low, high = sorted(
            f"20{self.chance.randint(19, 26)}-{self.chance.randint(1, 12):02d}-01T00:00:00Z" for _ in "ab"
        )
        # A date without a time is its whole day, one without a day its whole month.
        bounds = (self.chance.choice((one, one[:10], one[:7], "*")) for one in (low, high))
        return self.between("metadata_modified", *bounds, lambda record: record["metadata_modified"])

    def numbers(self) -> Part:
        low, high = sorted(self.chance.randrange(2000) for _ in "ab")
        bounds = (self.chance.choice((str(low), "*")), self.chance.choice((str(high), "*")))
        return self.between("views_total", *bounds, lambda record: f"{record['views_total']:05d}", width=5)

    def names(self) -> Part:
        low, high = sorted(f"cn-{self.chance.randrange(1000):07d}" for _ in "ab")
        return self.between("name", low, high, lambda record: record["name"])

    def between(self, field: str, low: str, high: str, of: Callable[[Record], str], width: int = 0) -> Part:
        opening, closing = self.chance.choice("[{"), self.chance.choice("]}")
        floor, ceiling = (bound if bound == "*" else bound.rjust(width, "0") for bound in (low, high))

        def fits(record: Record) -> bool:
            # Dates are kept to the millisecond.
            value = f"{of(record)[:23]}Z" if field == "metadata_modified" else of(record)
            least, most = (b.replace("00Z", "00.000Z") if field == "metadata_modified" else b for b in (floor, ceiling))
            start, end = (value[: len(b)] if field == "metadata_modified" else value for b in (least, most))
            above = least == "*" or start > least or (start == least and opening == "[")
            return above and (most == "*" or end < most or (end == most and closing == "]"))

        return Part(
            f"{field}:{opening}{low} TO {high}{closing}",
            lambda plain: plain.where((field, opening, low, high, closing), fits),
        )

    def exists(self) -> Part:
        field = self.chance.choice(("extras_source_system", "theme", "nobody_has_this"))
        written = self.chance.choice((f"{field}:*", f"{field}:[* TO *]"))
        return Part(written, lambda plain: plain.where(("exists", field), lambda record: bool(values(record, field))))

    def filters(self) -> list[Part]:
        return [self.literally(lambda: self.part(1)) for _ in range(self.chance.choice((0, 0, 1, 2)))]

    def facets(self) -> dict[str, Any]:
        chosen = self.chance.sample(FACETS, self.chance.randint(1, 4))
        asked: dict[str, Any] = {"facet": "true", "facet.field": chosen, "facet.mincount": 1}
        asked["facet.limit"] = self.chance.choice((-1, 5, 50))
        for name in chosen:
            if self.chance.random() < 0.2:
                asked[f"f.{name}.facet.limit"] = self.chance.choice((1, 3, -1))
        return asked


def _all(plain: Plain, found: list[Found]) -> Found:
    return plain.everything.intersection(*found)


def _worded(plain: Plain, word: str, fits: Callable[[Record, str, str], bool]) -> Found:
    return plain.where(("text", word, fits), lambda record: fits(record, "text", word))
