"""What the command writes: tables of benchmarks, supervisor's ini, private files."""

from __future__ import annotations

import configparser
import os
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from ckanext.govdata.installation import bench, state
from ckanext.govdata.installation.layout import Layout
from ckanext.govdata.installation.machine import settle_port
from ckanext.govdata.installation.supervisor import PROGRAMS, configuration
from ckanext.govdata.installation.words import Refusal, pick


def test_a_benchmarks_table_has_a_column_for_each_key_and_says_on_what_it_was_measured() -> None:
    text = bench.table("search", [{"engine": "tantivy", "ms": 1.23456}, {"engine": "memory", "rows": 10}])
    assert "| engine | ms | rows |" in text
    assert "| tantivy | 1.23 |  |" in text
    assert "cores" in text and "ckan 2.12" in text


def test_a_command_with_spaces_chinese_and_percent_reaches_supervisor_unchanged(tmp_path: Path) -> None:
    layout = Layout(tmp_path / "数据 门户 100%")
    layout.make()
    command = ["/opt/数据 门户/bin/python", "-m", "a b", "50%", 'quote"d']
    text = configuration(layout, dict.fromkeys(PROGRAMS, command))
    parser = configparser.RawConfigParser()
    parser.read_string(text)
    assert shlex.split(parser["program:web"]["command"].replace("%%", "%")) == command


def test_a_record_survives_and_keeps_its_secrets(tmp_path: Path) -> None:
    record = state.Record(city="zibo")
    record.complete()
    secrets = dict(record.secrets)
    state.save(tmp_path / "state.json", record)
    again = state.load(tmp_path / "state.json")
    again.complete()
    assert again.secrets == secrets and again.city == "zibo"
    assert len(set(secrets.values())) == len(state.SECRET_NAMES)


def test_a_remembered_port_is_kept_while_it_is_free(tmp_path: Path) -> None:
    first = settle_port(None, tmp_path, "redis")
    assert settle_port(first, tmp_path, "redis") == first
    assert 20_000 <= first < 30_000


@pytest.mark.parametrize(("language", "text"), [("zh_CN.UTF-8", "满"), ("C", "full"), ("en_US.UTF-8", "full")])
def test_messages_follow_the_terminals_language(monkeypatch: pytest.MonkeyPatch, language: str, text: str) -> None:
    monkeypatch.setenv("LC_ALL", language)
    assert pick("full", "满") == text
    assert str(Refusal("full", "满")) == text


def test_every_benchmark_can_be_read() -> None:
    """One that names what another no longer has would be found out only by whoever measures next."""
    for name in bench.benchmarks():
        assert callable(bench.read(name).main)


def test_the_benchmark_of_search_asks_nothing_twice() -> None:
    """Solr answers what it was asked before from a cache, which is another thing than searching."""
    found = bench.read("search")
    for kind in found.KINDS:
        asked = [repr(sorted(one.items())) for one in found.queries(kind, 250, 100_000)]
        assert len(set(asked)) == 250
    with pytest.raises(ValueError, match="different texts"):
        list(found.queries(found.KINDS[1], 5_000, 100_000))


def test_the_benchmark_of_http_counts_a_process_and_its_parent_once() -> None:
    processor = bench.read("search_http").processor
    busy = "import time; end = time.process_time() + 0.5\nwhile time.process_time() < end: pass\nprint(flush=True); input()"
    with subprocess.Popen([sys.executable, "-c", busy], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as child:
        assert child.stdout and child.stdout.readline()
        both, parent = processor([os.getpid(), child.pid]), processor([os.getpid()])
        assert processor([child.pid]) >= 0.45
        assert both - parent < 0.2
        child.communicate(b"\n")
