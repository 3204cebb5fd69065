"""How well Chinese words find what a person meant: F1 and NDCG@10 on judged queries over cities' lists.

The judgements stand in chinese_judgements/, a file for each list, named as the list is: query, datasets that are about it (2),
datasets that merely carry it (1), why, and the round in which they were judged. They name datasets by the first 12 digits of
the SHA-256 of their page's address; the lists are no part of the project: GOVDATA_REAL_LISTS names a folder with copies
(`*.json.gz`, each a JSON array). All were written without looking at what an engine finds, before anything was learned of them:

- round 1: by titles and descriptions for the seven lists that were judged first, by titles mostly for the others. Of the lists
  in HALVED a query belongs to the half for tuning when the SHA-256 of its text is even; the other is only looked at as a figure.
- round 2: sixty queries more for a list, sought out for saying it in other words than titles do. Tuned on.
- round 3: what most visitors would type. Only looked at as a figure.
- round 4: the same over other lists, by others. Tuned on.
"""

from __future__ import annotations

import gzip
import hashlib
import json
import math
import os
import re
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ckanext.govdata_search import synonyms
from ckanext.govdata_search.config import Settings
from ckanext.govdata_search.document import Document, cleaned, to_text
from ckanext.govdata_search.engines import make_engine
from ckanext.govdata_search.engines.base import Change, Engine, Feed, Position
from ckanext.govdata_search.nearest import answered

JUDGEMENTS = Path(__file__).with_name("chinese_judgements")
LISTS = "GOVDATA_REAL_LISTS"
HALVED = ("zhejiang_quzhou", "guangxi_nanning", "jiangsu_nantong", "zhejiang_shaoxing", "guizhou_liupanshui")
"""The lists of which one half of the first queries is only measured."""
_UNTOUCHED = 3
"""The round that is only measured."""
ASKED = {
    "defType": "dismax",
    "qf": "name^4 title^4 tags^2 groups^2 text",
    "mm": "2<-1 5<80%",
    "tie": "0.1",
    "q.op": "AND",
    "sort": "score desc, metadata_modified desc",
    "rows": 1000,
}
_KEYS = {
    "title": ("标题", "资源名称", "名称"),
    "notes": ("摘要", "描述", "内容简介", "数据摘要"),
    "tags": ("标签", "资源标签"),
    "organization": ("数源单位", "提供机构", "数据提供方", "来源部门"),
    "url": ("详情页网址",),
}


@dataclass(frozen=True)
class Judged:
    """One query with the grade of every dataset that is no miss."""

    query: str
    grades: Mapping[str, int]
    round: int = 1

    def tuned_on(self, name: str) -> bool:
        """Whether the words that are known may have been chosen with this query over the list of that name in sight."""
        even = int(hashlib.sha256(self.query.encode()).hexdigest(), 16) % 2 == 0
        return self.round != _UNTOUCHED and (even or self.round > 1 or name not in HALVED)


def judgements(name: str) -> list[Judged]:
    lines = (JUDGEMENTS / f"{name}.tsv").read_text(encoding="utf-8").splitlines()[1:]
    return [
        Judged(query, {**dict.fromkeys(about.split(), 2), **dict.fromkeys(carries.split(), 1)}, int(number))
        for query, about, carries, _reason, number in (line.split("\t") for line in lines)
    ]


def digest(address: str) -> str:
    return hashlib.sha256(address.encode()).hexdigest()[:12]


def documents(path: Path) -> list[Document]:
    """The list as CKAN would index it, each dataset named by its digest."""
    return [_document(record) for record in json.loads(gzip.decompress(path.read_bytes()))]


def texts_of(record: Mapping[str, Any]) -> dict[str, Any]:
    """Title, notes and tags of an entry of a list, whichever keys it has."""
    given = {name: _given(record, name) for name in ("title", "notes")}
    return {**given, "tags": [tag for tag in re.split(r"[\s、,，;；-]+", _given(record, "tags")) if tag]}


def _given(record: Mapping[str, Any], name: str) -> str:
    return next((str(record[key]) for key in _KEYS[name] if record.get(key)), "")


def _document(record: Mapping[str, Any]) -> Document:
    texts = texts_of(record)
    key = digest(_given(record, "url"))
    fixed = {"index_id": key, "id": key, "site_id": "judged", "name": key, "title_string": texts["title"]}
    return cleaned(fixed | texts | {"organization": _given(record, "organization")})


def engine_with(name: str, folder: Path, held: list[Document]) -> Engine:
    """An engine that holds the documents and nothing else."""
    engine = make_engine(Settings(name, folder, 60))
    changes = [Change(number, one["index_id"], one["site_id"], to_text(one)) for number, one in enumerate(held, 1)]
    engine.catch_up(lambda _position: Feed(changes, Position("judged", len(changes)), len(changes), from_start=True))
    return engine


def found(engine: Engine, query: str) -> list[str]:
    _request, answer = answered(engine.search, query, ASKED, synonyms.current(None))
    return [one["id"] for one in answer.documents]


def f1(ranked: list[str], judged: Judged) -> float:
    """The harmonic mean of precision and recall of everything found; a dataset that carries it counts as found rightly."""
    hits = sum(1 for key in ranked if key in judged.grades)
    return 2 * hits / (len(ranked) + len(judged.grades)) if ranked or judged.grades else 1.0


def f1_about(ranked: list[str], judged: Judged) -> float:
    """The same, but a dataset that merely carries it is no miss when it is not found."""
    right = sum(1 for key in ranked if key in judged.grades)
    about = [key for key, grade in judged.grades.items() if grade > 1]
    precision = right / len(ranked) if ranked else 0.0
    recall = sum(1 for key in about if key in ranked) / len(about)
    return 2 * precision * recall / (precision + recall) if precision + recall else 0.0


def ndcg(ranked: list[str], judged: Judged, depth: int = 10) -> float:
    """Discounted gain of the first ten against the best order there is; gains 3 (about it) and 1 (carries it)."""
    gains = [2 ** judged.grades.get(key, 0) - 1 for key in ranked[:depth]]
    best = [2**grade - 1 for grade in sorted(judged.grades.values(), reverse=True)[:depth]]
    ideal = sum(gain / math.log2(place + 2) for place, gain in enumerate(best))
    return sum(gain / math.log2(place + 2) for place, gain in enumerate(gains)) / ideal


def main() -> Iterator[Mapping[str, object]]:
    folder = os.environ.get(LISTS)
    if not folder:
        yield {
            "not measured": f"name a folder with copies of the judged lists in {LISTS}: they are no part of the project"
        }
        return
    for path in sorted(Path(folder).glob("*.json.gz")):
        name = path.name.removesuffix(".json.gz")
        if (JUDGEMENTS / f"{name}.tsv").exists():
            yield from _measured(name, documents(path))


def _measured(name: str, held: list[Document]) -> Iterator[Mapping[str, object]]:
    parts: dict[tuple[int, str], list[Judged]] = {}
    for one in judgements(name):
        parts.setdefault((one.round, "tuned on" if one.tuned_on(name) else "untouched"), []).append(one)
    with tempfile.TemporaryDirectory() as folder:
        for kind in ("memory", "tantivy"):
            engine = engine_with(kind, Path(folder) / kind, held)
            for (number, part), asked in sorted(parts.items()):
                row = {"list": name, "datasets": len(held), "engine": kind, "round": number, "part": part}
                yield {**row, **_figures(engine, asked)}


def _figures(engine: Engine, asked: list[Judged]) -> dict[str, object]:
    pairs = [(found(engine, one.query), one) for one in asked]
    figures = {"F1": f1, "F1, about it": f1_about, "NDCG@10": ndcg}
    means = {name: round(sum(figure(*pair) for pair in pairs) / len(pairs), 3) for name, figure in figures.items()}
    return {"queries": len(asked), **means, "nothing found": sum(1 for keys, _one in pairs if not keys)}
