"""In each city, by its own rule pack: what people say is wrong or missing, and what is done after a leak (rules.md §4 and §5)."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from ckan import model

from ckanext.govdata.access.gate import is_shut
from ckanext.govdata.cases import limits
from ckanext.govdata.cases.withdrawal import cleaning
from ckanext.govdata.clocks import keeping as clocks
from tests.integration.access.stage import PLUGINS, Dataset, Stage, add_dataset, add_grant

from .test_objections import KEY, WORDS

pytestmark = [pytest.mark.ckan_config("ckan.plugins", PLUGINS), pytest.mark.ckan_config("ckan.locale_default", "en")]
BINDING = {
    "yangzhou": ("YZ-24", "YZ-28"),
    "lianyungang": ("LYG-18", "LYG-20", "LYG-21", "LYG-25", "LYG-26", "LYG-33", "LYG-38"),
    "dongchangfu": (),
    "guiyang": ("GY-c5", "GY-c7"),
    "zibo": (),
}
CITIES = [
    pytest.param(city, marks=[pytest.mark.requirement(*rules)] if rules else []) for city, rules in BINDING.items()
]


@pytest.fixture
def data(stage: Stage, ckan_config: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Dataset:
    monkeypatch.setitem(ckan_config, "govdata.tracing.key", str(tmp_path / "tracing.key"))
    monkeypatch.setattr(limits, "MOST", 10_000)
    found = add_dataset(stage, "conditional", False, f"city-{model.types.make_uuid()[:8]}")
    add_grant(stage, "running", found)
    return found


@pytest.mark.parametrize("city", CITIES)
def test_in_each_city_people_are_heard_and_a_leak_is_pulled_back_and_traced(
    app: Any, stage: Stage, data: Dataset, with_city: Callable[[str], None], city: str
) -> None:
    with_city(city)

    def ask(visitor: str, action: str, **order: Any) -> Any:
        answer = app.post(f"/api/3/action/govdata_{action}", json=order, headers=stage.headers(visitor))
        assert answer.status_code == 200, (action, answer.json)
        return answer.json["result"]

    objected = ask("anonymous", "objection_file", id=data.name, reason="wrong", text=WORDS, rows=KEY)
    listed = ask("anonymous", "objection_register", id=data.name)["results"]
    assert [one["number"] for one in listed] == [objected["number"]]
    said = ask("running", "contribution_hand_in", id=data.name, kind="question", text="多久更新")
    assert [one.kind for one in clocks.of(said["id"])] == ["promise"], "no city's text has a term for it"
    asked = ask("signed_in", "request_file", title="充电桩", text="位置")
    assert ask("signed_in", "request_show", number=asked["number"])["state"] == "filed"
    told = ask("anonymous", "misuse_report", kind="other", text="转卖数据")
    assert ask("anonymous", "misuse_follow", number=told["number"], code=told["code"])

    address = f"/dataset/{data.id}/resource/{data.file}/download"
    assert app.get(address, headers=stage.headers("running")).status_code == 200
    case = ask("operator", "withdraw", id=data.id, reason="疑似泄露", what="误含电话")
    assert is_shut(data.id)
    assert app.get(address, headers=stage.headers("running")).status_code == 403
    assert [one["party_id"] for one in case["holders"]] == [stage.parties["running"]], "who took it, by the ledger"
    ask("running", "withdrawal_confirm", id=case["id"], answer="已删除")
    assert cleaning.follow(case["id"])
    ask("own_agency", "withdrawal_step", id=case["id"], command="rework", reason="已脱敏")
    ask("own_agency", "withdrawal_step", id=case["id"], command="propose", reason="好", tier="conditional")
    assert ask("authority", "withdrawal_step", id=case["id"], command="open-again")["state"] == "opened"
    assert not is_shut(data.id)
