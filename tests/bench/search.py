"""How fast searches are: our engines as CKAN calls them, and beside them a Solr, asked in turn in one run.

GOVDATA_BENCH_DATASETS: how many datasets (10000, or several: `10000 100000`; a million on demand).
GOVDATA_BENCH_SOLR: a Solr core with CKAN's schema, which is emptied and filled with the same documents.
GOVDATA_BENCH_SOLR_PID: its process, for the processor time that it spends.
GOVDATA_BENCH_ROUNDS: how many queries of each kind (60); GOVDATA_BENCH_WARMING: how many before that are not counted (5;
200 for servers that have run for a while: Java compiles what is asked often).
GOVDATA_ELASTICSEARCH_URL: a cluster, for the Elasticsearch engine. Each text is asked once, so no cache of answers helps.
"""

from __future__ import annotations

import itertools
import os
import random
import statistics
import tempfile
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from tests.bench._engines import SITE, connection, named
from tests.bench._made import AGENCIES, COLUMNS, FORMATS, LATIN, PLACES, SUBJECTS, records
from tests.bench._processor import processor

SOLR_PID = "GOVDATA_BENCH_SOLR_PID"
ROUNDS = int(os.environ.get("GOVDATA_BENCH_ROUNDS", "60"))
WARMING = int(os.environ.get("GOVDATA_BENCH_WARMING", "5"))
FACETS = ["organization", "groups", "tags", "res_format", "license_id", "open_tier"]
_FILTERS = ["+capacity:public +state:active", f'+site_id:"{SITE}"', '+permission_labels:("public")']
_PLAIN = {"fq": _FILTERS, "rows": 21, "fl": "id validated_data_dict", "wt": "json", "df": "text", "q.op": "AND"}
_FACETED = {"facet": "true", "facet.field": FACETS, "facet.limit": 50, "facet.mincount": 1}
_WORDS = {"defType": "dismax", "tie": "0.1", "mm": "2<-1 5<80%", "qf": "name^4 title^4 tags^2 groups^2 text"}
_NEWEST = {"sort": "score desc, metadata_modified desc"}


def queries(kind: str, count: int, held: int) -> Iterator[dict[str, Any]]:
    """So many queries of a kind, none twice, or a cache of answers would be measured. Raises ValueError for too many."""
    chance = random.Random(kind)
    texts, common, parts = _texts(chance), alike(chance), _parts(chance)
    if count > min(map(len, (texts, common, parts))):
        raise ValueError(f"there are not {count} different texts of each kind")
    for number in range(count):
        if kind == "match-all, 6 facets":
            # Even match-all differs each time, by its page.
            yield {**_PLAIN, **_FACETED, "q": "*:*", "sort": "metadata_modified desc", "start": number}
        elif kind == "keyword, 6 facets":
            yield {**_PLAIN, **_FACETED, **_WORDS, **_NEWEST, "q": texts[number]}
        elif kind == "keyword that both find":
            yield {**_PLAIN, **_FACETED, **_WORDS, **_NEWEST, "q": common[number]}
        elif "filtered" in kind:
            fq = f'+organization:"{chance.choice(AGENCIES)}" +res_format:"{chance.choice(FORMATS)}"'
            filters = [f"{_FILTERS[0]} {fq}", *_FILTERS[1:]]
            asked = common if "both" in kind else texts
            yield {**_PLAIN, **_WORDS, **_NEWEST, "q": asked[-1 - number], "fq": filters}
        elif kind == "autocomplete":
            words = " OR ".join(
                f'{field}:"{parts[number]}"' for field in ("name_ngram", "title_ngram", "name", "title")
            )
            yield {**_PLAIN, "q": words, "fl": "name,title", "rows": 11}
        elif kind == "nothing":
            # What a request costs by itself.
            yield {**_PLAIN, "q": f'name:"nothing-{number}"', "rows": 0}
        else:
            start = min(20_000, held // 2) + number
            yield {**_PLAIN, "q": "*:*", "sort": "metadata_modified desc", "start": start}


KINDS = (
    "match-all, 6 facets",
    "keyword, 6 facets",
    "keyword that both find",
    "keyword, filtered",
    "keyword that both find, filtered",
    "autocomplete",
    "nothing",
    "page at 20,000",
)


def alike(chance: random.Random) -> list[str]:
    """Pairs of words that Solr finds too: of Chinese it knows only what stands between commas."""
    words = ("数量", "年度", "面积", "类型", "级别", "金额", "单位", "状态", "备注", "有效期", "名称", "负责人")
    texts = [f"{one} {other}" for some in (words, LATIN) for one, other in itertools.permutations(some, 2)]
    chance.shuffle(texts)
    return texts


def _texts(chance: random.Random) -> list[str]:
    pairs = [f"{subject} {column}" for subject in SUBJECTS for column in COLUMNS]
    single = [*(f"{place}{subject}" for place in PLACES for subject in SUBJECTS), *LATIN]
    texts = [*pairs, *single]
    chance.shuffle(texts)
    return texts


def _parts(chance: random.Random) -> list[str]:
    """Beginnings of titles as they are typed, some with the first character of the next word."""
    beginnings = {word[:length] for word in (*PLACES, *SUBJECTS) for length in (2, 3, 4)}
    parts = [f"{beginning}{further}" for beginning in sorted(beginnings) for further in ("", "信", "统", "数")]
    chance.shuffle(parts)
    return parts


def main() -> Iterator[Mapping[str, object]]:
    for size in map(int, os.environ.get("GOVDATA_BENCH_DATASETS", "10000").split()):
        with tempfile.TemporaryDirectory() as folder:
            connections: dict[str, Any] = {}
            for name in named():
                begun = time.perf_counter()
                connections[name] = connection(name, records(size, seed=9, blobs=True), Path(folder))
                seconds = time.perf_counter() - begun
                yield {
                    "datasets": size,
                    "asked": "filled",
                    "engine": name,
                    "p50 ms": "",
                    "p95 ms": "",
                    "s": round(seconds, 1),
                }
            for kind in KINDS:
                yield from _measured(connections, kind, size)


def _measured(connections: dict[str, Any], kind: str, size: int) -> Iterator[Mapping[str, object]]:
    taken: dict[str, list[float]] = {name: [] for name in connections}
    spent = dict.fromkeys(connections, 0.0)
    found: dict[str, int] = dict.fromkeys(connections, 0)
    for number, asked in enumerate(queries(kind, WARMING + ROUNDS, size)):
        for name, connected in connections.items():
            theirs, own, begun = _beside(name), time.process_time(), time.perf_counter()
            answer = connected.search(**asked)
            seconds, own = time.perf_counter() - begun, time.process_time() - own
            if number >= WARMING:
                taken[name].append(1000 * seconds)
                spent[name] += own + _beside(name) - theirs
            found[name] += answer.hits
    for name, times in taken.items():
        row: dict[str, object] = {
            "datasets": size,
            "asked": kind,
            "engine": name,
            "hits": found[name] // (WARMING + ROUNDS),
        }
        row |= {"p50 ms": round(statistics.median(times), 2), "p95 ms": round(_p95(times), 2)}
        if "Solr" in taken:
            row["faster at p50"] = round(statistics.median(taken["Solr"]) / statistics.median(times), 2)
            row["faster at p95"] = round(_p95(taken["Solr"]) / _p95(times), 2)
        row["processor ms"] = round(1000 * spent[name] / ROUNDS, 2)
        if "Solr" in taken:
            row["times less processor"] = round(spent["Solr"] / spent[name], 2)
        yield row


def _beside(name: str) -> float:
    """Seconds of processor of Solr's process; of a cluster's nobody here knows."""
    return processor([int(pid) for pid in os.environ.get(SOLR_PID, "").split()]) if name == "Solr" else 0.0


def _p95(times: list[float]) -> float:
    return sorted(times)[int(0.95 * (len(times) - 1))]
