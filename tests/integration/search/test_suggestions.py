"""Suggestions are made of what the asker may see: the same, word for word, as if hidden entries did not exist."""

from __future__ import annotations

import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from ckan.lib.search import make_connection
from ckan.plugins import toolkit as tk
from ckan.tests.helpers import call_action

HIDDEN = (
    {"title": "医院床位涉密统计", "open_tier": ""},
    {"title": "交通卡口抓拍底册", "open_tier": "not_open", "open_exception": "public_security", "open_basis": "某规定"},
    {
        "title": "公共停车场内部账目",
        "open_tier": "not_open",
        "sharing_tier": "not_shared",
        "open_exception": "internal_affairs",
    },
    {"title": "企业登记未公开名录", "open_tier": "", "notes": "公交 医院 学校"},
    {
        "title": "学校食堂采购 secretword",
        "open_tier": "not_open",
        "open_exception": "agreement_or_ip",
        "open_basis": "合同",
    },
)
SHOWN = (
    "公共停车场名录",
    "道路交通事故统计",
    "医院床位数",
    "企业登记名录",
    "学校基本信息",
    "公共交通线路",
    "Bus stops",
)
TYPED = (
    "jiaotong", "jt", "yy", "yiyuan", "tingchechang", "dice", "secret", "secretword", "卡口", "涉密", "底册", "食堂",
    "采购", "停车", "停车厂", "交同", "一院", "企业", "学校", "zhangmu", "账目", "帐目", "bus", "busz", "kakou", "公交",
)  # fmt: skip


def answers(user: str) -> dict[str, Any]:
    """Everything that search suggests to somebody, for many typed words."""
    context = {"user": user, "ignore_auth": False, "auth_user_obj": None}
    if user:
        from ckan import model

        context["auth_user_obj"] = model.User.get(user)
    fields = ["tags", "theme", "suggest_words", "title_string", "open_tier", "title", "hold_causes"]
    found: dict[str, Any] = {}
    for q in TYPED:
        found[f"complete {q}"] = sorted(
            one["name"] for one in call_action("govdata_search_autocomplete", dict(context), q=q, limit=20)
        )
        found[f"mean {q}"] = call_action("govdata_search_did_you_mean", dict(context), q=q, limit=20)
    for q in ("*:*", "医院", "title:交通", "-title:医院"):
        asked = {"q": q, "rows": 50, "facet.field": fields, "facet.mincount": 0, "facet.limit": -1}
        answer = call_action("package_search", dict(context), **asked)
        found[f"search {q}"] = (answer["count"], answer["facets"], sorted(one["name"] for one in answer["results"]))
    return found


@pytest.mark.requirement("LYG-16", "LYG-7")
def test_hidden_entries_change_no_suggestion_no_count_and_no_correction(
    make_entry: Callable[..., dict[str, Any]], people: dict[str, dict[str, Any]]
) -> None:
    for title in SHOWN:
        make_entry(title=title, tags=[{"name": title[:2]}])
    askers = ("", people["data_user"]["name"])
    before = {user: answers(user) for user in askers}
    assert before[""]["complete jiaotong"]
    assert before[""]["mean 停车厂"]
    hidden = [make_entry(**{"sharing_tier": "not_shared", "sharing_basis": "x", **fields}) for fields in HIDDEN]
    hidden.append(make_entry(title="医院 secretword 私有", private=True, open_tier=""))
    visible = set(call_action("package_list", {"ignore_auth": False, "user": ""}))
    assert not visible & {one["name"] for one in hidden}
    for user in askers:
        assert answers(user) == before[user]
    everything = {"ignore_auth": True, "user": "administrator"}
    assert call_action("package_search", everything, q="secretword", include_private=True)["count"] == 2


def test_each_proposal_finds_what_it_says(make_entry: Callable[..., dict[str, Any]]) -> None:
    for title in SHOWN:
        make_entry(title=title)
    random.seed(7)
    for _round in range(40):
        title = random.choice(SHOWN[:6])
        at = random.randrange(len(title))
        typed = title[:at] + random.choice("同成医路园场") + title[at + 1 :]
        for one in call_action("govdata_search_did_you_mean", {"ignore_auth": False, "user": ""}, q=typed):
            assert (
                call_action("package_search", {"ignore_auth": False, "user": ""}, q=one["q"])["count"]
                == one["count"]
                > 0
            )


@pytest.mark.ckan_config("ckan.plugins", "govdata_search")
@pytest.mark.ckan_config("govdata.search.engine", "tantivy")
@pytest.mark.usefixtures("searching")
class TestAlone:
    """Any CKAN has them, without the rest of the portal."""

    def test_autocompletion_by_characters_pinyin_and_initials(self) -> None:
        from ckan.tests import factories

        factories.Dataset(name="bus-lines", title="公共交通线路")
        factories.Dataset(name="accidents", title="道路交通事故统计")
        factories.Dataset(name="beds", title="医院床位数")
        for q, wanted in (
            ("jiaotong", {"bus-lines", "accidents"}),
            ("jt", {"bus-lines", "accidents"}),
            ("医", {"beds"}),
        ):
            found = call_action("govdata_search_autocomplete", q=q)
            assert {one["name"] for one in found} == wanted, q
        assert call_action("govdata_search_autocomplete", q="公共")[0] == {"name": "bus-lines", "title": "公共交通线路"}
        assert call_action("govdata_search_autocomplete", q='"\\') == []
        with pytest.raises(tk.ValidationError):
            call_action("govdata_search_autocomplete", q="")

    def test_a_citys_synonyms_count_with_the_next_search(
        self, tmp_path: Path, ckan_config: Any, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        from ckan.tests import factories

        factories.Dataset(title="摆渡船时刻")
        own = tmp_path / "own.txt"
        own.write_text("# 本市\n", encoding="utf-8")
        monkeypatch.setitem(ckan_config, "govdata.search.synonyms_file", str(own))
        assert call_action("package_search", q="浮舟")["count"] == 0
        own.write_text("浮舟 = 摆渡船\n", encoding="utf-8")
        assert call_action("package_search", q="浮舟")["count"] == 1
        assert call_action("package_search", q="*:*", fq="title:浮舟")["count"] == 0
        own.write_text("浮舟\n", encoding="utf-8")
        assert call_action("package_search", q="摆渡船")["count"] == 1
        assert tk.h.govdata_search_pieces("摆渡船时刻", "摆渡船") == [("摆渡船", True), ("时刻", False)]

    def test_solrs_highlighting_is_answered(self) -> None:
        from ckan.tests import factories

        factories.Dataset(title="公共交通线路", notes="按月")
        found = make_connection(decode_dates=False).search(
            "交通", **{"hl": "true", "hl.fl": "title,notes", "df": "text"}
        )
        assert list(found.highlighting.values()) == [{"title": ["公共<em>交通</em>线路"]}]
