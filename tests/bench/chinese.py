"""How well Chinese words find what a person meant: F1 and NDCG@10 on judged queries over one city's list.

The judgements stand in chinese_judgements.tsv: query, datasets that are about it (2), datasets that merely carry it (1), and
why. They name datasets by the first 12 digits of the SHA-256 of their page's address; the list itself is no part of the
project: GOVDATA_CHINESE_LIST names a copy (a JSON array, maybe gzipped). A query belongs to the half for tuning when the
SHA-256 of its text is even; the other half is only looked at as a figure. The judgements were written before any tuning, by
looking through all titles and descriptions with generous patterns, not through what an engine found. Further files judge further
cities' lists in the same way (GOVDATA_CHINESE_LIST_SECOND, _THIRD and so on). The second and the third were tuned on after
their first figures had been taken; the fourth to the seventh, of four provinces, are in halves as the first is. The eighth to
the twelfth were judged by their titles alone, measured once, and then tuned on whole. From the thirteenth on each list was
judged by somebody else, who had not seen the lines of synonyms work, and was then tuned on whole as well.
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

JUDGEMENTS = Path(__file__).with_name("chinese_judgements.tsv")
LIST = "GOVDATA_CHINESE_LIST"
_NAMED = ("second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth", "eleventh", "twelfth")
FURTHER = (*_NAMED, *map(str, range(13, 29)))
"""Further judged lists: by this word both their variable and their file are named."""
HALVED = (LIST, f"{LIST}_FOURTH", f"{LIST}_FIFTH", f"{LIST}_SIXTH", f"{LIST}_SEVENTH")
"""The lists of which one half of the queries is only measured."""
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

    @property
    def tuning(self) -> bool:
        return int(hashlib.sha256(self.query.encode()).hexdigest(), 16) % 2 == 0


def judgements(file: Path = JUDGEMENTS) -> list[Judged]:
    lines = file.read_text(encoding="utf-8").splitlines()[1:]
    return [
        Judged(query, {**dict.fromkeys(about.split(), 2), **dict.fromkeys(carries.split(), 1)})
        for query, about, carries, _reason in (line.split("\t") for line in lines)
    ]


def digest(address: str) -> str:
    return hashlib.sha256(address.encode()).hexdigest()[:12]


def documents(path: Path) -> list[Document]:
    """The list as CKAN would index it, each dataset named by its digest."""
    packed = path.read_bytes()
    return [_document(record) for record in json.loads(gzip.decompress(packed) if path.suffix == ".gz" else packed)]


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
    engine.catch_up(lambda _position: Feed(changes, Position("judged", len(changes)), from_start=True))
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
    if not any(os.environ.get(variable) for variable, _file in _sets()):
        yield {"not measured": f"name a copy of the judged list in {LIST}: the list is no part of the project"}
    for variable, file in _sets():
        path = os.environ.get(variable)
        if path:
            yield from _measured(documents(Path(path)), judgements(file), halves=variable in HALVED)


def _sets() -> list[tuple[str, Path]]:
    further = [(f"{LIST}_{word.upper()}", JUDGEMENTS.with_name(f"chinese_judgements_{word}.tsv")) for word in FURTHER]
    return [(LIST, JUDGEMENTS), *further]


def _measured(held: list[Document], everything: list[Judged], halves: bool) -> Iterator[Mapping[str, object]]:
    tuned = [one for one in everything if one.tuning or not halves]
    parts = {"tuning": tuned, "untouched": [one for one in everything if one not in tuned]}
    with tempfile.TemporaryDirectory() as folder:
        for name in ("memory", "tantivy"):
            engine = engine_with(name, Path(folder) / name, held)
            for half, asked in parts.items():
                if asked:
                    yield {"engine": name, "half": half, "datasets": len(held), **_figures(engine, asked)}


def _figures(engine: Engine, asked: list[Judged]) -> dict[str, object]:
    pairs = [(found(engine, one.query), one) for one in asked]
    figures = {"F1": f1, "F1, about it": f1_about, "NDCG@10": ndcg}
    means = {name: round(sum(figure(*pair) for pair in pairs) / len(pairs), 3) for name, figure in figures.items()}
    return {"queries": len(asked), **means, "nothing found": sum(1 for keys, _one in pairs if not keys)}
