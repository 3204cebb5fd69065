"""The runner of CKAN's own tests reports what fails unlisted, and what is listed and passes."""

from __future__ import annotations

from pathlib import Path

import pytest
from faker.providers.lorem import en_US

from tests.conformance.runner import HERE, Outcome, exceptions, judge, read_report
from tests.conformance.standins import plain_words


@pytest.mark.parametrize("path", sorted(HERE.glob("exceptions*.yaml")), ids=lambda path: path.stem)
def test_every_listed_exception_names_its_cause(path: Path) -> None:
    listed = exceptions(path)
    assert listed
    assert all(name.startswith("ckan") and cause for name, cause in listed.items())


def test_an_exception_without_a_cause_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "exceptions.yaml"
    path.write_text("- name: ckan.tests.a::b\n", encoding="utf-8")
    with pytest.raises(ValueError, match="no cause"):
        exceptions(path)


def test_unlisted_failures_and_stale_exceptions_are_both_reported() -> None:
    outcome = Outcome(passed={"m::old"}, failed={"m::new", "m::known", "m::many[a]"})
    verdict = judge(outcome, {"m::known": "x", "m::old": "x", "m::many*": "x"})
    assert verdict.unlisted == ["m::new"]
    assert verdict.stale == ["m::old"]
    assert not verdict.good


def test_the_report_is_read_by_test(tmp_path: Path) -> None:
    path = tmp_path / "report.xml"
    path.write_text(
        '<testsuites><testsuite><testcase classname="x.site-packages.ckan.t" name="a"/>'
        '<testcase classname="ckan.t" name="b"><failure/></testcase>'
        '<testcase classname="ckan.t" name="c"><skipped/></testcase></testsuite></testsuites>',
        encoding="utf-8",
    )
    outcome = read_report(path)
    assert outcome == Outcome({"ckan.t::a"}, {"ckan.t::b"}, {"ckan.t::c"})


def test_ckans_factories_make_up_no_word_that_its_tests_of_search_ask_for() -> None:
    before = en_US.Provider.word_list
    kept = plain_words(("record", "Record", "perhaps"))
    assert kept == ("perhaps",)
    assert "record" not in before, "the stand-ins are loaded, yet the word is still drawn"
