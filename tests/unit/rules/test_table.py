"""The generated part of the documentation is current, and the command tells the same."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from click.testing import CliRunner

from ckanext.govdata.cli.rules import rules
from ckanext.govdata.rules.packs import check_file
from ckanext.govdata.rules.table import BEGIN, END, render

PAGE = Path(__file__).parents[3] / "docs" / "rule-packs.md"


def test_the_page_on_rule_packs_shows_the_packs_as_they_are() -> None:
    text = PAGE.read_text(encoding="utf-8")
    shown = text[text.index(BEGIN) + len(BEGIN) : text.index(END)].strip()
    assert shown == render(), "write the output of ckanext.govdata.rules.table.render() between the markers"


@pytest.mark.requirement("LYG-19")
def test_the_command_shows_a_city_s_rules_with_articles_and_words() -> None:
    result = CliRunner().invoke(rules, ["show", "--city", "lianyungang"])
    assert result.exit_code == 0
    assert "10 working days  [LYG-19 第十九条]" in result.output
    assert "十个工作日内作出是否同意开放的答复" in result.output


def test_the_command_checks_a_file_and_prints_each_problem_in_both_languages(tmp_path: Path) -> None:
    path = tmp_path / "own.yaml"
    path.write_text("extends: zibo\nremove: [nothing]\nodd: 1\n", encoding="utf-8")
    result = CliRunner().invoke(rules, ["check", str(path)])
    assert result.exit_code == 1
    assert "own.yaml, line 3" in result.output
    assert "own.yaml 第 2 行" in result.output


def test_the_command_prints_what_a_good_file_makes(tmp_path: Path) -> None:
    path = tmp_path / "own.yaml"
    path.write_text("extends: zibo\nremove: [pooling_basis]\n", encoding="utf-8")
    result = CliRunner().invoke(rules, ["check", str(path)])
    assert result.exit_code == 0
    assert "ZB-10" in result.output
    assert "ZB-13" not in result.output


def test_the_files_that_the_page_shows_as_examples_are_good_ones(tmp_path: Path) -> None:
    whole, extension = re.findall(r"```yaml\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
    for name, text, entries in (("lianyungang.yaml", whole, 1), ("own.yaml", extension, 6)):
        path = tmp_path / name
        path.write_text(text, encoding="utf-8")
        assert len(check_file(path).rules) == entries
