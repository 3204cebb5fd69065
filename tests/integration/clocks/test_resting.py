"""A term rests only where the text of the day says so: the city's own next version, in the database from start to resume."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from ckan import model

from ckanext.govdata import clocks
from ckanext.govdata.clocks.model import Clock
from ckanext.govdata.clocks.sweeping import sweep
from tests.integration.once import entries

from .test_clocks import at, begin, events

pytestmark = pytest.mark.usefixtures("staff")

People = dict[str, dict[str, Any]]
CITIES = ("lianyungang", "yangzhou", "dongchangfu", "guiyang", "zibo")
TOPIC = "sharing_application_answer"
# What Yangzhou's draft might say when it is in force; made up for the test.
NEXT = """\
key: yangzhou
city: 扬州
city_en: Yangzhou
instrument:
  code: NEW
  title: 扬州市公共数据管理办法（测试用，虚构）
  title_en: made up
  status: in_force
  effective: 2026-06-01
  source: made up for a test
entries:
  - topic: sharing_application_answer
    article: NEW-22
    scope: sharing
    number: 5
    unit: working_days
    quote: 在5个工作日内予以答复，补正时间不计入
    suspended_while: [completion]
"""


@pytest.fixture
def resting(ckan_config: dict[str, Any], monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Yangzhou with a version of its text that lets the term rest while the applicant completes."""
    file = tmp_path / "yangzhou@2026-06-01.yaml"
    file.write_text(NEXT, encoding="utf-8")
    monkeypatch.setitem(ckan_config, "govdata.city", "yangzhou")
    monkeypatch.setitem(ckan_config, "govdata.rules.versions", str(file))


@pytest.mark.requirement("YZ-22")
def test_where_the_text_says_so_a_term_rests_and_goes_on_with_the_days_that_were_left(
    staff: People, resting: None
) -> None:
    clock = begin(staff, topic=TOPIC, received=at("2026-11-02 09:30"))
    assert (clock.kind, str(clock.due_day)) == ("statutory", "2026-11-09")
    by = staff["decider"]["id"]
    with pytest.raises(clocks.ClockRefused):
        clocks.suspend("case-1", TOPIC, "third_party", by=by, at=at("2026-11-04 10:00"))
    clocks.suspend("case-1", TOPIC, "completion", by=by, at=at("2026-11-04 10:00"))
    model.Session.commit()
    assert sweep(at("2026-11-20 08:00")).breached == 0
    resumed = clocks.resume("case-1", TOPIC, by=by, at=at("2026-11-19 16:00"))
    model.Session.commit()
    # 3 Nov is counted; the 4th to the 19th rest; 20, 23, 24, 25 are the four that were left.
    assert (resumed.state, str(resumed.due_day)) == ("running", "2026-11-25")
    assert events() == ["started", "suspended", "resumed", "moved"]
    assert [len(entries(f"clock-{kind}")) for kind in ("suspended", "resumed")] == [1, 1]
    state = sa.select(Clock.state, Clock.due_day).where(Clock.case_id == "case-1")
    assert tuple(model.Session.execute(state).one()) == ("running", resumed.due_day)
    assert sweep(at("2026-11-26 00:00")).breached == 1


@pytest.mark.requirement("LYG-19", "YZ-22")
@pytest.mark.parametrize("topic", ["open_application_answer", TOPIC])
@pytest.mark.parametrize("city", CITIES)
def test_no_city_s_term_of_an_answer_rests_by_the_texts_as_they_are(
    staff: People, with_city: Callable[[str], None], city: str, topic: str
) -> None:
    with_city(city)
    before = begin(staff, topic=topic)
    with pytest.raises(clocks.ClockRefused):
        clocks.suspend("case-1", topic, "completion", by=staff["decider"]["id"])
    model.Session.rollback()
    assert clocks.due("case-1").due_day == before.due_day  # type: ignore[union-attr]
    assert events() == ["started"]
