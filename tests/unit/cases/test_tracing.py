"""Marks in deliveries: never another fact, the same bytes each time, and found again after what people do to files."""

from __future__ import annotations

import hashlib
import json
import random
from collections import Counter
from collections.abc import Iterator
from decimal import Decimal
from functools import cache

import pytest

from ckanext.govdata.cases.tracing.content import content_digest
from ckanext.govdata.cases.tracing.domain import THRESHOLD, Answer, Finding, bound
from ckanext.govdata.cases.tracing.marking import mark
from ckanext.govdata.cases.tracing.matching import match
from ckanext.govdata.cases.tracing.scoring import Candidate, Leaked, examine, trace
from ckanext.govdata.cases.tracing.streams import row_order
from ckanext.govdata.cases.tracing.tables import NotRewritable, Table, read_table

from .atonce import Scores
from .leaks import ATTACKS, HEADING, attacked, candidates, delivered, rows, together, written

ROWS, RECIPIENTS = 10_000, 200
NAMED = ["whole", "50 % at random", "10 % at random", "300 adjacent", "rounded"]
NAMED += ["turned round", "halves swapped", "columns dropped"]
THIN = ["5 % at random", "1 % at random"]
UNTOLD = ["60 adjacent", "sorted", "shuffled", *THIN]
TOGETHER = ["taking turns", "mean of places", "halves"]


@cache
def scene(recipients: int) -> tuple[bytes, Table, list[Candidate]]:
    source = written(rows(ROWS))
    return source, read_table(source), candidates(hashlib.sha256(source).hexdigest(), recipients)


def found(name: str, recipients: int, seed: int) -> tuple[str, Finding]:
    """Who leaked, and what is found out about it."""
    source, table, register = scene(recipients)
    draw = random.Random(seed)
    culprit = draw.choice(register)
    return culprit.holder, trace(examine(table, attacked(name, delivered(source, culprit), draw)), register)


@pytest.mark.requirement("LYG-26", "LYG-21")
@pytest.mark.parametrize("name", ATTACKS)
def test_who_leaked_is_named_after_each_attack_or_nobody_is(name: str) -> None:
    assert THRESHOLD == 6.0
    culprit, answer = found(name, 40, seed=7)
    named = [one.holder for one in answer.named]
    assert named == ([culprit] if name in NAMED else [])
    assert answer.answer is (Answer.CONSISTENT if named else Answer.CANNOT_TELL)
    assert answer.best_other is not None
    assert abs(answer.best_other.z) < THRESHOLD
    assert (name in NAMED) is not (name in UNTOLD)
    assert answer.thin is (name in THIN), "it is said why"


@pytest.mark.parametrize("how", TOGETHER)
def test_of_two_who_mix_their_files_at_least_one_is_named_and_nobody_else(how: str) -> None:
    source, table, register = scene(40)
    draw = random.Random(11)
    one, other = draw.sample(register, 2)
    file = together(delivered(source, one), delivered(source, other), how, draw)
    named = {evidence.holder for evidence in trace(examine(table, file), register).named}
    assert named
    assert named <= {one.holder, other.holder}


@pytest.mark.parametrize("sort", [sorted, lambda lines: random.Random(1).sample(lines, len(lines))])
def test_lines_sorted_or_shuffled_as_they_are_keep_the_marks_of_their_quotes(sort: object) -> None:
    source, table, register = scene(40)
    heading, *lines = delivered(source, register[3]).split(b"\r\n")[:-1]
    file = read_table(b"\r\n".join([heading, *sort(lines)]))  # type: ignore[operator]
    answer = trace(examine(table, file), register)
    assert [(one.holder, one.channel.value) for one in answer.named] == [(register[3].holder, "format")]


def test_a_thin_selection_is_told_from_a_stretch_that_is_short() -> None:
    source, table, register = scene(40)
    whole = list(read_table(delivered(source, register[5])).rows)
    draw = random.Random(3)
    for rows_kept, is_thin in ((whole[100:400], False), (whole[:150] + whole[-150:], False), (whole[::40], True)):
        answer = trace(examine(table, read_table(written(rows_kept))), register)
        assert (answer.thin, bool(answer.named)) == (is_thin, not is_thin)
    stretch = [*whole[2000:2300], *draw.sample(whole, 20)]
    assert trace(examine(table, read_table(written(stretch))), register).named, (
        "a few rows from elsewhere change nothing"
    )


def drawn_files(number: int, size: int) -> Iterator[list[int]]:
    """Files that come from nobody on the register: each has the rows in an order of its own."""
    draw = random.Random(5)
    return (draw.sample(range(size), size) for _ in range(number))


def test_many_files_are_scored_at_once_as_each_is_scored_alone() -> None:
    for size, share_kept in ((200, 200), (201, 131)):
        register = candidates("0" * 64, 40)
        files = [rows_of[:share_kept] for rows_of in drawn_files(50, size)]
        files.append(row_order(register[7].key, size)[:share_kept])
        found = list(Scores(register, size).highest(files))
        for file, highest in zip(files, found, strict=True):
            alone = trace(Leaked(file, len(file), size), register)
            strongest = [*alone.named, *([alone.best_other] if alone.best_other else [])][0]
            assert highest == pytest.approx(abs(strongest.z), abs=1e-9)
        assert max(found[:-1]) < THRESHOLD <= found[-1], "a file of the register is seen"


def innocent(trials: int, recipients: int, size: int) -> float:
    """The highest score of so many files that come from nobody on the register."""
    scores = Scores(candidates("0" * 64, recipients), size)
    return max(scores.highest(drawn_files(trials, size)))


def test_no_innocent_file_is_named_in_a_thousand_trials() -> None:
    assert 3 < innocent(1000, RECIPIENTS, 200) < THRESHOLD


@pytest.mark.long
@pytest.mark.timeout(3600)
def test_no_innocent_file_is_named_in_a_hundred_thousand_trials() -> None:
    highest = innocent(100_000, RECIPIENTS, 200)
    print(f"100,000 innocent files, {RECIPIENTS} recipients: highest z {highest:.2f}")
    assert 3 < highest < THRESHOLD


@pytest.mark.long
@pytest.mark.timeout(3600)
@pytest.mark.parametrize("name", [*ATTACKS, *TOGETHER])
def test_the_table_of_attacks(name: str) -> None:
    """A hundred leaks each, 10,000 rows, 200 recipients; prints the table's line."""
    true, other, right = [], [], 0
    source, table, register = scene(RECIPIENTS)
    for seed in range(100):
        if name in TOGETHER:
            draw = random.Random(seed)
            pair = draw.sample(register, 2)
            file = together(*(delivered(source, one) for one in pair), name, draw)
            culprits, answer = {one.holder for one in pair}, trace(examine(table, file), register)
        else:
            culprit, answer = found(name, RECIPIENTS, seed)
            culprits = {culprit}
        named = {one.holder for one in answer.named}
        assert named <= culprits, "nobody else is ever named"
        right += bool(named) is (name not in UNTOLD)
        if answer.named:
            true.append(abs(answer.named[0].z))
        if answer.best_other and answer.best_other.holder not in culprits:
            other.append(abs(answer.best_other.z))
    shown = f"{sorted(true)[len(true) // 2]:.1f}" if true else "-"
    best = max(other, default=0.0)  # of few rows the true one is itself the best below the threshold
    print(f"{name}: right {right} of 100, z of the true one {shown}, best other {best:.1f}")
    assert right >= 99


def test_a_marked_file_has_every_row_of_its_source_to_the_letter() -> None:
    source, table, register = scene(40)
    own = mark(source, register[0].key)
    ours = read_table(own.content)
    assert Counter(ours.rows) == Counter(table.rows)
    assert ours.rows != table.rows
    assert own.content_sha256 == content_digest(table.heading, table.rows)
    assert own == mark(source, register[0].key), "a repeat is byte for byte the same"
    assert own.sha256 != mark(source, register[1].key).sha256


AWKWARD = [
    '编号,说明\r\n1,"有,逗号"\r\n2,"两\r\n行"\r\n3,"引号""里"\r\n4,\r\n,没有编号\r\n5, 空格 \r\n'.encode(),
    "编号\t说明\n1\t甲\n2\t乙\n".encode("gb18030"),
    b"\xef\xbb\xbf" + "编号;说明\n007;1.50\n8;1e5\n".encode(),
]


@pytest.mark.parametrize("content", AWKWARD)
def test_awkward_cells_come_through_unchanged(content: bytes) -> None:
    before, after = read_table(content), read_table(mark(content, b"k" * 32).content)
    assert Counter(after.rows) == Counter(before.rows)
    assert (after.heading, after.encoding, after.delimiter) == (before.heading, before.encoding, before.delimiter)


@pytest.mark.parametrize("lines", [False, True])
def test_json_records_keep_their_own_words(lines: bool) -> None:
    records = [f'{{"id": {number}, "v": {number}.50, "t": "\\u4e2d"}}' for number in range(50)]
    content = ("\n".join(records) if lines else "[" + ", ".join(records) + "]").encode()
    own = mark(content, b"k" * 32).content.decode()
    assert all(record in own for record in records)
    assert [json.loads(record)["id"] for record in records] != [
        record["id"] for record in (map(json.loads, own.splitlines()) if lines else json.loads(own))
    ]


@pytest.mark.parametrize("content", [b"PK\x03\x04x", b"a,b\n1\n", b"a\n\n\nb\n", b"", b"[1, 2]", b'[{"a": 1}'])
def test_what_cannot_be_put_into_another_order_for_sure_is_refused(content: bytes) -> None:
    with pytest.raises(NotRewritable):
        mark(content, b"k" * 32)


def test_last_digits_move_in_tolerant_columns_alone_and_by_no_more_than_allowed() -> None:
    source, table, register = scene(40)
    own = read_table(mark(source, register[2].key, {"距离": Decimal("0.001")}).content)
    by_key = {row[0]: row for row in own.rows}
    differences = [abs(Decimal(by_key[row[0]][5]) - Decimal(row[5])) for row in table.rows]
    assert set(differences) == {Decimal("0.000"), Decimal("0.001")}
    assert all(by_key[row[0]][:5] == row[:5] for row in table.rows)
    shuffled = read_table(written(random.Random(2).sample(list(own.rows), len(own.rows))))
    answer = trace(examine(table, shuffled, ["距离"]), register)
    assert [(one.holder, one.channel.value) for one in answer.named] == [(register[2].holder, "digits")]


@pytest.mark.parametrize("text", ["007", "1e5", "abc", "", "12.", "１"])
def test_codes_and_words_are_no_numbers_whose_digits_move(text: str) -> None:
    source = f"编号,值\r\nP1,{text}\r\nP2,{text}\r\n".encode()
    assert {row[1] for row in read_table(mark(source, b"k" * 32, {"值": Decimal(1)}).content).rows} == {text}


def test_a_tampered_column_does_not_hide_the_rows() -> None:
    body = rows(500)
    changed = [(*row[:3], str(number * 7 + 100_000), *row[4:]) for number, row in enumerate(body)]
    assert match((HEADING, body), (HEADING, changed)).count(None) == 0


def test_rows_of_another_table_are_no_rows_of_this_one() -> None:
    assert set(match((HEADING, rows(500)), (HEADING, rows(500, seed=2)))) == {None}


def test_the_bound_grows_with_the_register_and_is_never_above_one() -> None:
    assert bound(200) == pytest.approx(2.4e-5, rel=0.05)
    assert bound(2000) == pytest.approx(10 * bound(200))
    assert bound(10**9) == 1.0
