"""The pages on which cases are handled, each with its forms open: axe finds nothing, and nothing scrolls the page sideways."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from typing import Any

import pytest

from .conftest import LANGUAGES, WIDTHS
from .sample_city import APPLICANT, DECIDER, OPERATOR
from .test_accessible import check as check_page

Open = Callable[..., Any]
# CI walks each person's pages once, in one language and width; `./govdata test --all` in all four.
IN_CI = ((OPERATOR, "zh", 390), (DECIDER, "en", 1280), ("", "zh", 390))
WALKS = [
    pytest.param(*walk, marks=[] if walk in IN_CI else [pytest.mark.long])
    for walk in itertools.product((OPERATOR, DECIDER, ""), LANGUAGES, WIDTHS)
]
_made: dict[str, str] = {}


def asked(page: Any, action: str, **order: Any) -> Any:
    """What an action answers to whoever is signed in on a page."""
    address = page.evaluate("window.location.origin") + f"/api/3/action/govdata_{action}"
    headers = {"X-CSRFToken": page.get_attribute("meta[name=_csrf_token]", "content")}
    answer = page.request.post(address, data=order, headers=headers)
    assert answer.status == 200, answer.text()
    return answer.json()["result"]


@pytest.fixture
def made(open_page: Open) -> dict[str, str]:
    """The address of a case of each kind that waits for its handler, made once."""
    if _made:
        return _made
    visitor, applicant, operator = open_page("/"), open_page("/", user=APPLICANT), open_page("/", user=OPERATOR)
    number = asked(visitor, "objection_file", id="parking", reason="outdated", text="泊位数已变")["number"]
    found = asked(operator, "objection_list", limit=200)["results"]
    objection = next(one["id"] for one in found if one["number"] == number)
    leak = asked(visitor, "withdrawal_report", id="bus-line-4", text="第二列像是电话", personal=True)["id"]
    wish = {"title": "公交车满载率", "text": "各线路各时段的满载率", "purpose": "出行研究", "agency": "transport"}
    filed = asked(applicant, "request_file", **wish)["number"]
    shown = asked(applicant, "request_file", **{**wish, "title": "公交车准点率"})["number"]
    asked(operator, "request_step", number=shown, command="show")
    word = {"id": "parking", "kind": "reuse", "title": "停车助手", "url": "https://app.example/", "text": "找空车位"}
    reuse = [asked(applicant, "contribution_hand_in", **word)["id"] for _ in range(2)]
    asked(operator, "contribution_step", id=reuse[0], command="show")
    report = {"kind": "other", "text": "数据被转卖", "who": "某公司", "dataset": "bus-cards"}
    number = asked(visitor, "misuse_report", **report)["number"]
    misuse = next(one["id"] for one in asked(operator, "misuse_list", limit=200)["results"] if one["number"] == number)
    asked(operator, "misuse_step", id=misuse, command="examine")
    _made.update(
        objection=f"/desk/objections/{objection}",
        leak=f"/withdrawals/{leak}",
        filed=f"/requests/{filed}",
        shown=f"/requests/{shown}",
        reuse=f"/voices/{reuse[1]}",
        misuse=f"/desk/misuse/{misuse}?party=江海",
        one=f"/desk/cases/{objection}",
    )
    return _made


@pytest.mark.requirement("LYG-20", "LYG-26", "YZ-28", "LYG-18", "LYG-25")
@pytest.mark.parametrize(("user", "language", "width"), WALKS)
def test_axe_finds_nothing_on_the_pages_of_those_who_handle_cases(
    open_page: Open, made: dict[str, str], user: str, language: str, width: int
) -> None:
    desks = (
        "/desk/cases?all=1",
        "/desk/cases/figures",
        "/desk/objections",
        "/desk/withdrawals",
        "/desk/misuse",
        "/voices",
    )
    paths = {
        OPERATOR: [*desks, *made.values()],
        DECIDER: [made["objection"], made["shown"], made["leak"], "/desk/cases"],
        "": ["/showcase", "/objections", made["shown"]],
    }[user]
    page = open_page("/about", width=width, user=user)
    base = page.url.removesuffix("/about")
    for path in paths:
        page.goto(base + LANGUAGES[language] + path)
        assert page.locator("h1").count() == 1, path
        page.eval_on_selector_all("main details", "all => all.forEach(one => { one.open = true })")
        check_page(page, width)
