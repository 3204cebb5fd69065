"""The stage of the gate's tests: sixteen kinds of visitor, and a dataset in each tier with a file, rows, a view and a link."""

from __future__ import annotations

import datetime
import json
from dataclasses import dataclass, field
from io import BytesIO
from typing import Any

import sqlalchemy as sa
from ckan import model
from ckan.plugins import toolkit as tk
from ckan.tests import factories
from ckan.tests.helpers import call_action
from werkzeug.datastructures import FileStorage

from ckanext.govdata.access.granting import grant_under_agreement
from ckanext.govdata.access.model import Grant
from ckanext.govdata.access.parties.model import Member, Party
from ckanext.govdata.columns import now

PLUGINS = (
    "govdata_theme govdata_harvest govdata govdata_search scheming_datasets activity datastore text_view image_view "
    "datatables_view resource_proxy stats tracking dcat"
)
VISITORS = (
    "anonymous",
    "signed_in",
    "applicant",
    "running",
    "future",
    "ended",
    "suspended",
    "revoked",
    "other_dataset",
    "columns_only",
    "other_member",
    "own_agency",
    "other_agency",
    "operator",
    "authority",
    "administrator",
)
TIERS = ("unconditional", "conditional", "not_open")
_DAY = datetime.timedelta(days=1)
_NOT_OPEN = {
    "open_basis": "某市数据管理办法第七条",
    "open_exception": "internal_affairs",
    "sharing_tier": "conditional",
}
ITEMS = [
    {"name": "lot", "title": "停车场"},
    {"name": "spaces", "title": "泊位数"},
    {"name": "owner", "title": "经营者"},
    {"name": "phone", "title": "电话"},
]


@dataclass
class Dataset:
    """A dataset of the stage; `open_word` stands in a column that the columns-only holder has, `closed_word` in another."""

    tier: str
    shut: bool
    id: str = ""
    name: str = ""
    file: str = ""
    link: str = ""
    view: str = ""

    @property
    def key(self) -> str:
        return f"{self.tier.replace('_', '')}{'shut' if self.shut else ''}"

    @property
    def open_word(self) -> str:
        return f"lotof{self.key}"

    @property
    def closed_word(self) -> str:
        return f"ownerof{self.key}"

    @property
    def alias(self) -> str:
        """Another name of its table; the DataStore outlives the stage, so a new one each time."""
        return f"alias{self.key}{self.id[:8]}"


@dataclass
class Stage:
    people: dict[str, dict[str, Any] | None] = field(default_factory=dict)
    agencies: dict[str, dict[str, Any]] = field(default_factory=dict)
    parties: dict[str, str] = field(default_factory=dict)
    datasets: dict[tuple[str, bool], Dataset] = field(default_factory=dict)
    grants: dict[tuple[str, str], str] = field(default_factory=dict)

    def headers(self, visitor: str) -> dict[str, str]:
        person = self.people[visitor]
        return {"Authorization": person["token"]} if person else {}

    def grant(self, visitor: str, dataset: Dataset) -> Grant:
        found = model.Session.get(Grant, self.grants[visitor, dataset.id], populate_existing=True)
        assert found is not None
        return found


def content(dataset: Dataset) -> str:
    rows = [f"{dataset.open_word}-{number},{number},{dataset.closed_word}-{number},051{number}" for number in range(30)]
    return "\r\n".join(["停车场,泊位数,经营者,电话", *rows]) + "\r\n"


def set_stage() -> Stage:
    """People, parties, and a dataset a tier, open and shut."""
    stage = Stage()
    _people(stage)
    for tier in TIERS:
        for is_shut in (False, True):
            stage.datasets[tier, is_shut] = add_dataset(stage, tier, is_shut)
    for dataset in stage.datasets.values():
        _grants(stage, dataset)
    for dataset in stage.datasets.values():
        if dataset.shut:
            call_action("govdata_shut", {"user": "administrator"}, id=dataset.id, reason="疑似泄露")
    return stage


def _people(stage: Stage) -> None:
    stage.agencies = {name: factories.Organization(name=name) for name in ("jiaotongju", "weijianwei")}
    for visitor in VISITORS:
        if visitor == "anonymous":
            stage.people[visitor] = None
            continue
        make = factories.Sysadmin if visitor == "administrator" else factories.User
        person = make(name=visitor.replace("_", "-"))
        stage.people[visitor] = person
        person["token"] = call_action("api_token_create", user=person["name"], name="gate")["token"]
    for visitor, agency in (("own_agency", "jiaotongju"), ("other_agency", "weijianwei")):
        call_action(
            "organization_member_create",
            id=stage.agencies[agency]["id"],
            username=visitor.replace("_", "-"),
            role="admin",
        )
    for office in ("operator", "authority"):
        call_action("govdata_officer_appoint", {"user": "administrator"}, user=office, role=office)
    for visitor in VISITORS[2:10]:
        stage.parties[visitor] = _party(stage, visitor)
    _member(stage, stage.parties["running"], "other_member", "member")
    model.Session.commit()


def _party(stage: Stage, visitor: str) -> str:
    person = stage.people[visitor]
    assert person is not None
    row = Party(kind="enterprise", name=f"{visitor}公司", state="verified", created_by=person["id"])
    model.Session.add(row)
    model.Session.flush()
    _member(stage, row.id, visitor, "legal_representative")
    return row.id


def _member(stage: Stage, party: str, visitor: str, role: str) -> None:
    person = stage.people[visitor]
    assert person is not None
    model.Session.add(Member(party_id=party, user_id=person["id"], role=role, confirmed_at=now()))


def add_dataset(stage: Stage, tier: str, shut: bool, name: str = "") -> Dataset:
    """A dataset with a file, its rows under an alias, a table view and a linked file."""
    dataset = Dataset(tier, shut)
    context: Any = {"user": "administrator", "ignore_auth": True}
    fields: dict[str, Any] = {
        "name": name or f"data-{dataset.key}",
        "title": f"停车场{dataset.key}",
        "owner_org": stage.agencies["jiaotongju"]["id"],
        "open_tier": tier,
        "data_items": ITEMS,
        **(_NOT_OPEN if tier == "not_open" else {"open_basis": "某市数据管理办法第八条"}),
    }
    package = tk.get_action("package_create")(dict(context), fields)
    dataset.id, dataset.name = package["id"], package["name"]
    dataset.file = upload(dataset.id, content(dataset).encode())
    link = {"package_id": dataset.id, "url": f"https://link{dataset.key}.example/data.csv", "name": "link"}
    dataset.link = tk.get_action("resource_create")(dict(context), link)["id"]
    lines = [line.split(",") for line in content(dataset).split("\r\n")[1:] if line]
    add_rows(dataset.file, [item["title"] for item in ITEMS], lines, dataset.alias)
    dataset.view = call_action(
        "resource_view_create",
        {"user": "administrator"},
        resource_id=dataset.file,
        view_type="datatables_view",
        title="表",
    )["id"]
    return dataset


def upload(package_id: str, data: bytes, file_name: str = "停车场.csv", name: str = "停车场名录") -> str:
    fields = {
        "package_id": package_id,
        "name": name,
        "format": file_name.rsplit(".", 1)[-1].upper(),
        "url": "f",
        "upload": FileStorage(BytesIO(data), file_name),
    }
    context: Any = {"user": "administrator", "ignore_auth": True}
    return str(tk.get_action("resource_create")(context, fields)["id"])


def add_rows(resource_id: str, names: list[str], lines: list[list[str]], alias: str) -> None:
    call_action(
        "datastore_create",
        {"user": "administrator"},
        resource_id=resource_id,
        force=True,
        aliases=alias,
        fields=[{"id": name, "type": "text"} for name in names],
        records=[dict(zip(names, line, strict=True)) for line in lines],
    )


_TERMS = {"future": (_DAY, 9 * _DAY), "ended": (-9 * _DAY, -_DAY)}
_STATES = {"applicant": "requested", "suspended": "suspended", "revoked": "revoked"}


def _grants(stage: Stage, dataset: Dataset) -> None:
    """What each holder has of this dataset, as an agreement would leave it; nothing for the holder of another."""
    for visitor in VISITORS[2:10]:
        if visitor != "other_dataset":
            stage.grants[visitor, dataset.id] = add_grant(stage, visitor, dataset)
    other = next(iter(stage.datasets.values()))
    if ("other_dataset", other.id) not in stage.grants:
        stage.grants["other_dataset", other.id] = add_grant(stage, "other_dataset", other)


def add_grant(stage: Stage, visitor: str, dataset: Dataset, **more: Any) -> str:
    start, end = _TERMS.get(visitor, (-_DAY, 9 * _DAY))
    items = ["lot", "spaces"] if visitor == "columns_only" else []
    given: dict[str, Any] = {"items": items, **more}
    row = grant_under_agreement(
        dataset.id, stage.parties[visitor], f"协议-{visitor}", now() + start, now() + end, "portal", **given
    )
    row.state = _STATES.get(visitor, "running")
    model.Session.commit()
    return row.id


def entries() -> list[dict[str, Any]]:
    """All entries of the ledger, from the log and from the intake."""
    tables = (
        "SELECT entry FROM govdata_ledger.log ORDER BY seq",
        "SELECT entry FROM govdata_ledger.intake ORDER BY id",
    )
    return [json.loads(bytes(row[0])) for table in tables for row in model.Session.execute(sa.text(table))]
