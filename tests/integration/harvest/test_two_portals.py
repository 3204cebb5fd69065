"""Two real portals, each with its database: one mirrors the other's datasets in their tiers, and follows what becomes of them."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from ckan import model
from ckan.plugins import toolkit as tk

from ckanext.govdata_harvest.jobs.obeying import ask_all
from tests.beside import make_place
from tests.browser.portal import free_port

from .conftest import adds_up, stored, writing_statements
from .sources import act, make, through

PLUGINS = "govdata scheming_datasets govdata_search activity govdata_harvest"
People = dict[str, dict[str, Any]]

pytestmark = [
    pytest.mark.usefixtures("people"),
    pytest.mark.ckan_config("govdata.city", "guiyang"),
    pytest.mark.ckan_config("govdata.harvest.host_pause_ms", 0),
    pytest.mark.ckan_config("govdata.harvest.fetch_tries", 1),
    pytest.mark.ckan_config("govdata.harvest.inner_networks", "127.0.0.0/8"),
    pytest.mark.timeout(900),
]


class Sibling:
    """The other portal: its address, and its actions."""

    def __init__(self, ini: Path, url: str) -> None:
        self.url = url
        command = [sys.executable, str(Path(__file__).with_name("sibling.py")), str(ini), url.rsplit(":", 1)[1]]
        self.process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
        )
        self._said("ready")

    def _said(self, word: str) -> str:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            if line.startswith(word):
                return line.removeprefix(word)
        raise AssertionError("the other portal has ended")

    def does(self, action: str, context: dict[str, Any] | None = None, **data: Any) -> Any:
        assert self.process.stdin is not None
        self.process.stdin.write(json.dumps({"action": action, "data": data, "context": context or {}}) + "\n")
        self.process.stdin.flush()
        return json.loads(self._said("done"))


@pytest.fixture(scope="module")
def sibling(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sibling]:
    """The other portal, with an agency."""
    folder = tmp_path_factory.mktemp("sibling")
    place = make_place(Path(request.config.option.ckan_ini), "sibling", 2, folder)
    url = f"http://127.0.0.1:{free_port()}"
    ini = folder / "portal.ini"
    ini.write_text(
        f"[app:main]\nuse = config:{place.ini}\nckan.plugins = {PLUGINS}\nckan.site_url = {url}\n"
        "ckan.site_id = sibling\ngovdata.city = guiyang\n",
        "utf-8",
    )
    found = Sibling(ini, url)
    found.does("organization_create", name="qu-jiaotong", title="江浦区交通局")
    yield found
    found.process.kill()
    found.process.wait()
    place.drop()


def published(sibling: Sibling, name: str, tier: str, **more: Any) -> dict[str, Any]:
    """A dataset of the other portal."""
    fields = {"title": f"{name}名录", "owner_org": "qu-jiaotong", "notes": "由区里维护", "tag_string": "交通"}
    return sibling.does("package_create", name=name, open_tier=tier, **{**fields, **more})


def mirrored(people: People) -> dict[str, Any]:
    """One run of the mirror, applied."""
    run = through(people["decider"], act("run_start", people["decider"], id="district"))
    if run["state"] == "planned":
        run = through(people["decider"], act("plan_send", people["decider"], id=run["id"]))
    assert run["state"] == "finished", run["error"]
    adds_up(run["report"])
    return run


def here(title: str) -> model.Package:
    return next(package for package in stored() if package.title == title)


def is_shut(title: str) -> bool:
    found = tk.get_action("govdata_shut_list")({"ignore_auth": True, "user": "administrator"}, {"limit": 100})
    return here(title).id in [one["package_id"] for one in found["results"]]


LINKED = [{"url": "https://files.example.cn/a.csv", "name": "甲", "format": "CSV"}]


def in_their_tiers(people: People) -> None:
    """The first run brings all in their tiers, and not what the portal shows nobody; the second has nothing to write."""
    mirrored(people)
    tiers = {package.title: package.extras["open_tier"] for package in stored(publication="published")}
    assert tiers == {**{f"open{n}名录": "unconditional" for n in range(5)}, "asked名录": "conditional"}
    assert here("asked名录").extras["open_conditions"] == "用于科研"
    shown = tk.get_action("package_show")({"user": ""}, {"id": here("open0名录").id})
    assert [one["url"] for one in shown["resources"]] == [LINKED[0]["url"]]
    assert shown["held_here"] is False, "the file is where it was"
    with writing_statements() as written:
        run = mirrored(people)
    assert (run["counts"]["unchanged"], run["counts"]["added"], written) == (6, 0, [])


def changed(people: People, sibling: Sibling) -> None:
    """Text changes here at once and so does a stricter tier; a looser one only by two persons."""
    sibling.does("package_patch", id="open0", notes="改由市里维护")
    stricter = {"open_tier": "conditional", "open_conditions": "签协议", "tier_change_reason": "收紧"}
    sibling.does("package_patch", id="open1", **stricter)
    run = mirrored(people)
    assert run["counts"]["changed"] == 2
    assert (here("open0名录").notes, here("open1名录").extras["open_tier"]) == ("改由市里维护", "conditional")


def withdrawn_and_returned(people: People, sibling: Sibling) -> None:
    """Withdrawn there by its agency, it is withdrawn here by the next run; returned, it is back under the same identity."""
    before = here("open2名录").id
    sibling.does("package_patch", {"govdata_asked": "withdrawn"}, id="open2", publication="withdrawn")
    assert mirrored(people)["counts"]["withdrawn"] == 1
    assert here("open2名录").extras["publication"] == "withdrawn"
    sibling.does("package_patch", {"govdata_asked": "published"}, id="open2", publication="published")
    run = mirrored(people)
    assert (run["report"]["returned"], here("open2名录").id) == (1, before), run["report"]
    assert here("open2名录").extras["publication"] == "published"


def shut_without_a_run(people: People, sibling: Sibling, ids: list[str]) -> None:
    """Shut there by its switch, it is shut here by the chore, far beyond the threshold of lists that shrink."""
    for id in ids:
        sibling.does("govdata_shut", id=id, reason="泄露个人信息")
    assert ask_all()["shut"] == 4
    assert all(is_shut(f"open{n}名录") for n in range(1, 5)) and not is_shut("open0名录")
    assert len(stored()) == 6, "nothing is deleted"
    assert ask_all()["shut"] == 0, "obeyed once"
    mirrored(people)
    assert is_shut("open1名录"), "an import opens nothing"


def opened_again_by_ours(people: People, sibling: Sibling, id: str) -> None:
    """Opened again there by two persons, it is proposed here, and opened by a person of ours."""
    sibling.does("govdata_open_again_propose", id=id, reason="已删除")
    second = sibling.does("user_create", name="second", email="s@jianghai.example", password="long-enough-1")
    sibling.does("govdata_open_again_decide", {"user": second["name"]}, id=id, accept=True, reason="同意")
    assert ask_all()["proposed"] == 1
    assert is_shut("open1名录"), "a proposal opens nothing"
    order = {"id": here("open1名录").id, "accept": True, "reason": "同意"}
    tk.get_action("govdata_open_again_decide")({"user": people["authority"]["name"]}, order)
    assert not is_shut("open1名录") and is_shut("open3名录")
    assert ask_all() == {"shut": 0, "proposed": 0, "unreadable": 0}


@pytest.mark.requirement("YZ-7", "ZB-7")
def test_a_portal_is_mirrored_changed_withdrawn_returned_and_its_tombstones_are_obeyed(
    people: People, sibling: Sibling
) -> None:
    entries = [published(sibling, f"open{n}", "unconditional", resources=LINKED) for n in range(5)]
    published(sibling, "asked", "conditional", open_conditions="用于科研")
    published(sibling, "closed", "not_open", open_basis="条例", open_exception="trade_secret_or_privacy")
    make(people["decider"], "district", "portal", settings={"address": sibling.url})
    act("source_trust", people["operator"], id="district", trusted=True)
    in_their_tiers(people)
    changed(people, sibling)
    withdrawn_and_returned(people, sibling)
    shut_without_a_run(people, sibling, [entry["id"] for entry in entries[1:]])
    opened_again_by_ours(people, sibling, entries[1]["id"])
