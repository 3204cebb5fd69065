"""A holder of two columns tries for the others: by SQL, filters, sort, words, dumps, previews, aliases and joins.

Two tables have the same two granted columns and different others. Each attempt is made on both: what they answer must be
the same, so nothing of the other columns is told, neither as a value nor by a count, an order or an error.
"""

from __future__ import annotations

import json
import os
import random
import re
from collections import Counter
from typing import Any
from urllib.parse import urlencode

import pytest
from ckan import model

from tests.integration.catalogue.ways import lasting

from .stage import PLUGINS, Dataset, Stage, add_dataset, add_grant

pytestmark = [
    pytest.mark.ckan_config("ckan.plugins", PLUGINS),
    pytest.mark.ckan_config("ckan.datastore.sqlsearch.enabled", True),
    pytest.mark.requirement("LYG-10", "LYG-19"),
]
ATTEMPTS = 1000 if os.environ.get("GOVDATA_TEST_ALL") else 50
BETWEEN = 25
GRANTED, OTHERS = ["停车场", "泊位数"], ["经营者", "电话", "_full_text", "owner", "phone"]
WORDS = ["ownerof", "ownerofconditional-7", "0517", "ownertwin-3", "lotof", "7"]
# Help's address, and the piece of the statement that PostgreSQL quotes, cut in the middle of a table's name.
_PASSING = r'"help": "[^"]*"|(LINE \d+:|Invalid SQL:) (\\.|[^"\\])*'
Attempt = tuple[str, dict[str, Any]]


class Attacker:
    """Makes attempts at random; `T` stands for the table, `A` for its alias, `O` for an open table to join with."""

    def __init__(self, seed: int) -> None:
        self.pick = random.Random(seed)

    def any(self, *choices: Any) -> Any:
        return self.pick.choice(choices)

    def column(self) -> str:
        return self.any(*GRANTED, *OTHERS, *OTHERS, "_id")

    def word(self) -> str:
        return self.any(*WORDS)

    def expression(self, table: str = "") -> str:
        column = f'{table}"{self.column()}"'
        return self.any(
            column,
            f"{column}::text",
            f"upper({column}::text)",
            f"count({column})",
            f"max({column}::text)",
            f"array_agg({column}::text)",
            f"json_agg({column})",
            f"substring({column}::text, 1, 3)",
            f"length({column}::text)",
            f"CASE WHEN {column}::text LIKE '%{self.word()}%' THEN 1 ELSE 1 / 0 END",
            f"({column}::text)::int",
            "*",
            "x",
            "row_to_json(x)",
            "x::text",
            "to_json(x)",
            "ctid",
            "tableoid::regclass",
            "xmin",
            "query_to_xml('select * from \"T\"', true, true, '')",
            "pg_read_file('/etc/passwd')",
            "current_setting('is_superuser')",
        )

    def source(self) -> str:
        inner = self.any('"T"', '"A"', 'public."T"', "public.T", 'ONLY "T"', '"O"', '"T" TABLESAMPLE SYSTEM (100)')
        return self.any(
            f"{inner} x",
            f"{inner} AS x",
            f"(SELECT {self.expression()} FROM {inner}) x",
            f"(SELECT * FROM {inner}) x",
            f"(TABLE {inner.split(' ')[0]}) x",
            f'{inner} x JOIN "O" y ON x."{self.column()}" = y."{self.column()}"',
            f'"O" y LEFT JOIN {inner} x USING ("{self.column()}")',
            f'{inner} x NATURAL JOIN "T" y',
            f'"O" y, LATERAL (SELECT * FROM {inner} z WHERE z."{self.column()}" = y."{self.column()}") x',
            f"{inner} x(a, b, c, d, e)",
            f"{inner} x, {self.any('pg_class', 'information_schema.columns', 'pg_stats', '_table_metadata')} y",
            inner,
        )

    def condition(self) -> str:
        column = f'"{self.column()}"'
        return self.any(
            "",
            f"WHERE {column}::text LIKE '{self.word()}%'",
            f"WHERE x.{column} IS NOT NULL",
            f"""WHERE EXISTS (SELECT 1 FROM "T" u WHERE u.{column}::text > '{self.word()}')""",
            f'WHERE {column} IN (SELECT {self.expression()} FROM "T")',
            "WHERE _full_text @@ to_tsquery('simple', 'ownerofconditional')",
            f"GROUP BY {column} HAVING count(*) > 0",
            f"ORDER BY {column}",
            f"ORDER BY x.{column} DESC LIMIT 3",
            f'UNION ALL SELECT {self.expression()} FROM "T" x',
            'UNION SELECT row_to_json(t)::text FROM "T" t',
        )

    def sql(self) -> Attempt:
        what = self.any("", "DISTINCT ") + self.expression(self.any("", "x."))
        statement = f"SELECT {what} FROM {self.source()} {self.condition()}"
        if self.any(True, False, False):
            statement = f"WITH w AS ({statement}) SELECT * FROM w"
        return "api/3/action/datastore_search_sql", {"sql": statement}

    def filters(self) -> Any:
        one = {
            self.column(): self.any(
                self.word(), [self.word(), self.word()], {"gt": self.word()}, {"lte": self.word()}, None
            )
        }
        return self.any(
            one, {"$or": [one, {self.column(): self.word()}]}, {"$and": [{"$or": [one]}]}, {**one, "_id": 1}
        )

    def search(self) -> dict[str, Any]:
        order: dict[str, Any] = {}
        for name, value in (
            ("fields", self.any(self.column(), f"{self.column()},{self.column()}", "*", f"rank {self.column()}")),
            ("filters", json.dumps(self.filters(), ensure_ascii=False)),
            ("sort", f"{self.any('', chr(34))}{self.column()} {self.any('', 'desc', 'asc nulls first')}".strip()),
            (
                "q",
                self.any(self.word(), json.dumps({self.column(): self.word()}, ensure_ascii=False), f"{self.word()}:*"),
            ),
            ("full_text", self.word()),
            ("distinct", "true"),
            ("plain", "false"),
            ("include_total", "true"),
            ("include_next_page", "true"),
            ("records_format", self.any("csv", "tsv", "lists", "objects")),
            ("total_estimation_threshold", "1"),
            ("language", "simple"),
        ):
            if self.pick.random() < (0.1 if name == "full_text" else 0.35):
                order[name] = value
        return order

    def rows(self) -> Attempt:
        named = self.any({"resource_id": "T"}, {"resource_id": "A"}, {"id": "T"}, {"resource_id": "O", "id": "T"})
        return "api/3/action/datastore_search", {**named, **self.search()}

    def dump(self) -> Attempt:
        order = self.search() | {"format": self.any("csv", "tsv", "json", "xml"), "bom": "true"}
        return self.any("datastore/dump/T", "en/datastore/dump/A", "datastore/dump/%54".replace("%54", "T")), order

    def attempt(self) -> Attempt:
        return self.any(self.sql, self.sql, self.rows, self.dump)()


@pytest.fixture
def twins(stage: Stage) -> tuple[Dataset, Dataset]:
    """The conditional dataset and one that differs from it in the columns that are not granted."""
    first = stage.datasets["conditional", False]
    if "twin" not in stage.kept:
        twin = _Twin("conditional", False)
        made = add_dataset(stage, "conditional", False, name="data-twin")
        twin.__dict__.update(made.__dict__)
        _change_hidden(twin.file)
        add_grant(stage, "columns_only", twin)
        stage.kept["twin"] = twin
    return first, stage.kept["twin"]


class _Twin(Dataset):
    pass


def _change_hidden(resource_id: str) -> None:
    import sqlalchemy as sa
    from ckanext.datastore.backend.postgres import get_write_engine

    with get_write_engine().begin() as connection:
        statement = f"""UPDATE "{resource_id}" SET "经营者" = 'ownertwin-' || (40 - _id), "电话" = '9' || _id"""
        connection.execute(sa.text(statement))


def answer(app: Any, stage: Stage, dataset: Dataset, attempt: Attempt) -> tuple[int, str]:
    address, order = attempt
    other = stage.datasets["unconditional", False]
    places = {"T": dataset.file, "A": dataset.alias, "O": other.file}

    def filled(text: str) -> str:
        return re.sub(r'(?<![A-Za-z])[TAO](?=["\s]|$|\.)', lambda found: places[found[0]], text)

    query = urlencode({name: filled(value) for name, value in order.items()})
    url = f"/{'/'.join(filled(part) for part in address.split('/'))}?{query}"
    try:
        given = app.get(url, headers=stage.headers("columns_only"), follow_redirects=False)
    except Exception as error:  # noqa: BLE001 - what CKAN does not catch has to be the same for both, too
        return 500, type(error).__name__
    finally:
        model.Session.rollback()
    text = given.get_data(as_text=True)
    for part, name in ((dataset.file, "TABLE"), (dataset.alias, "ALIAS"), (dataset.id, "DATASET")):
        text = text.replace(part, name)
    return given.status_code, re.sub(_PASSING, "", lasting(text))


def in_order(given: tuple[int, str]) -> tuple[int, list[str]]:
    """The answer with its rows sorted: nobody asked for an order, and PostgreSQL keeps none."""
    # Each row apart from the brackets around all of them, or the first and the last one would be told from the others.
    return given[0], sorted(part.strip() for part in re.split(r"\\n|\n|(?<=[\]}]),|(?<=\[)(?=[\[{])|\]", given[1]))


def told(given: tuple[int, str]) -> str:
    """What an answer says of rows; the question that it repeats, with the attacker's own words in it, is left out."""
    try:
        result = json.loads(given[1].replace("{, ", "{", 1))["result"]
    except (ValueError, KeyError, TypeError):
        return given[1]
    repeated = ("q", "sql", "filters", "sort", "full_text", "_links")
    return json.dumps({key: value for key, value in result.items() if key not in repeated}, ensure_ascii=False)


def test_no_attempt_tells_anything_of_a_column_that_is_not_granted(
    app: Any, stage: Stage, twins: tuple[Dataset, Dataset]
) -> None:
    attacker, statuses, seen = Attacker(20261122), Counter[int](), {}
    for number in range(ATTEMPTS):
        if number % BETWEEN == 0:
            assert orderly(app, stage, twins[0]) == 30, f"the portal answers no more: {statuses} after {number}"
        attempt = attacker.attempt()
        first, second = (answer(app, stage, dataset, attempt) for dataset in twins)
        if in_order(first) != in_order(second) or any(
            word in told(given) for given in (first, second) for word in ("ownerof", "ownertwin")
        ):
            asked = json.dumps(attempt, ensure_ascii=False)
            if ("ownerof" not in asked and "ownertwin" not in asked) or first[0] == 200 or first[0] != second[0]:
                seen[number] = (attempt, first[1][:400], second[1][:400])
        statuses[first[0]] += 1
    print(f"{ATTEMPTS} attempts, answered with {dict(statuses)}, {len(seen)} told something")
    assert seen == {}
    assert statuses[200] >= ATTEMPTS // 20, "some attempts are orderly questions, and are answered"
    assert statuses[503] == 0, "a portal that cannot answer tells nothing, and proves nothing"


def orderly(app: Any, stage: Stage, dataset: Dataset) -> int:
    """How many rows the holder gets who asks in order: where it is none, no attempt says anything."""
    url = f"/api/3/action/datastore_search?resource_id={dataset.file}"
    given = app.get(url, headers=stage.headers("columns_only"))
    return len(given.json["result"]["records"]) if given.status_code == 200 else 0


@pytest.mark.parametrize(
    ("order", "count"),
    [
        ({}, 30),
        ({"fields": "停车场", "sort": "泊位数 desc"}, 30),
        ({"filters": json.dumps({"停车场": "lotofconditional-7"}, ensure_ascii=False)}, 1),
        ({"q": json.dumps({"停车场": "lotofconditional"}, ensure_ascii=False), "plain": "true"}, 30),
        ({"distinct": "true", "fields": "泊位数"}, 30),
    ],
)
def test_orderly_questions_are_answered_with_the_granted_columns(
    app: Any, stage: Stage, order: dict[str, str], count: int
) -> None:
    dataset = stage.datasets["conditional", False]
    url = f"/api/3/action/datastore_search?{urlencode({'resource_id': dataset.file, **order})}"
    found = app.get(url, headers=stage.headers("columns_only")).json["result"]
    assert len(found["records"]) == count
    assert {key for row in found["records"] for key in row} <= {"_id", *GRANTED}


def test_sql_on_the_granted_columns_is_answered(app: Any, stage: Stage) -> None:
    dataset, other = stage.datasets["conditional", False], stage.datasets["unconditional", False]
    statement = (
        f'SELECT x."停车场", y."经营者" FROM "{dataset.alias}" x JOIN "{other.file}" y ON x."泊位数" = y."泊位数" '
        f"ORDER BY x._id LIMIT 2"
    )
    query = urlencode({"sql": statement})
    found = app.get(f"/api/3/action/datastore_search_sql?{query}", headers=stage.headers("columns_only")).json
    assert [row["经营者"] for row in found["result"]["records"]] == [f"{other.closed_word}-0", f"{other.closed_word}-1"]


@pytest.mark.parametrize("visitor", ["columns_only", "running"])
def test_a_dump_in_an_order_that_postgresql_refuses_is_a_bad_request(app: Any, stage: Stage, visitor: str) -> None:
    address = f"/datastore/dump/{stage.datasets['conditional', False].file}?distinct=true&format=json"
    assert app.get(address, headers=stage.headers(visitor)).status_code == 400
