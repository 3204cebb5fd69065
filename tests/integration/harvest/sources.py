"""Sources as tests use them: made, started, worked on in the test's own process, decided."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

from ckan import model
from ckan.plugins import toolkit as tk
from werkzeug.datastructures import FileStorage

from ckanext.govdata_harvest.jobs.domain import WORKING
from ckanext.govdata_harvest.jobs.working import work
from ckanext.govdata_harvest.source_model import HarvestJob

Person = dict[str, Any]


def act(action: str, person: Person, **data: Any) -> Any:
    """Call an action of harvesting as a person, with all permissions asked."""
    model.Session.rollback()
    context: Any = {"user": person["name"], "ignore_auth": False}
    return tk.get_action(f"govdata_harvest_{action}")(context, data)


def make(person: Person, name: str = "stops", kind: str = "upload", **more: Any) -> dict[str, Any]:
    return act("source_create", person, name=name, kind=kind, **{"agency": "jiaotongju", **more})


def hand_in(person: Person, path: Path, source: str = "stops", **more: Any) -> dict[str, Any]:
    """Start a run with a file, and let it be worked on until it waits or has ended."""
    upload = FileStorage(io.BytesIO(path.read_bytes()), filename=path.name)
    return through(person, act("run_start", person, id=source, upload=upload, **more))


def through(person: Person, run: dict[str, Any]) -> dict[str, Any]:
    """Do what the workers would do with a run until it waits for a person or has ended."""
    states = [state.value for state in WORKING]
    for _ in range(200):
        model.Session.rollback()
        job = model.Session.get(HarvestJob, run["id"], populate_existing=True)
        if job is None or job.state not in states or job.not_before is not None:
            break
        work(run["id"])
    return act("run_show", person, id=run["id"])


def agreed(people: dict[str, Person], run: dict[str, Any]) -> dict[str, Any]:
    """Every reviewer in turn agrees; then it is applied."""
    roles = {"agency": "decider", "operator": "operator", "authority": "authority"}
    while run["turn"]:
        person = people[roles[run["turn"]]]
        run = act("plan_decide", person, id=run["id"], reviewer=run["turn"], accept=True)
    return through(people["decider"], run)


def row(number: int) -> dict[str, Any]:
    """A row of an agency's list, which may be opened."""
    return {
        "资源名称": f"公交站点第{number}册",
        "资源代码": f"JT-{number:06}",
        "开放属性": "无条件开放",
        "关键字": "公交、站点",
    }
