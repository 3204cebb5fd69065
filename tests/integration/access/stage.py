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

from ...agreed import agreed

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
    # What tests make beside it once and use again: files and datasets, by a name of the test's own.
    kept: dict[str, Any] = field(default_factory=dict)
    condition: list[Any] = field(default_factory=list)

    def headers(self, visitor: str) -> dict[str, str]:
        person = self.people[visitor]
        return {"Authorization": person["token"]} if person else {}

    def grant(self, visitor: str, dataset: Dataset) -> Grant:
        found = model.Session.get(Grant, self.grants[visitor, dataset.id], populate_existing=True)
        assert found is not None
        return found


def condition(stage: Stage) -> list[Any]:
    """Everything that the answers to the stage's people rest on: another condition is another stage."""
    datasets = [dataset.id for dataset in stage.datasets.values()]
    files = [dataset.file for dataset in stage.datasets.values()]
    users = [person["id"] for person in stage.people.values() if person]
    parties = sorted(stage.parties.values())
    questions: tuple[tuple[str, list[str]], ...] = (
        ("SELECT id, state, owner_org, extras::text FROM package WHERE id = ANY(:ids) ORDER BY id", datasets),
        ("SELECT id, state, url FROM resource WHERE package_id = ANY(:ids) AND id IN (SELECT id FROM resource"
         " WHERE name IN ('停车场名录', 'link')) ORDER BY id", datasets),
        ("SELECT package_id FROM govdata_shutting WHERE package_id = ANY(:ids) AND opened_at IS NULL ORDER BY 1", datasets),
        ("SELECT id, state, starts_at, ends_at, modes, items, files, addresses, quota FROM govdata_grant"
         " WHERE package_id = ANY(:ids) ORDER BY id", datasets),
        ("SELECT id, state, sysadmin FROM \"user\" WHERE id = ANY(:ids) ORDER BY id", users),
        ("SELECT table_id, group_id, capacity, state FROM member WHERE table_id = ANY(:ids) ORDER BY 1, 2, 4", users),
        ("SELECT user_id, count(*) FROM api_token WHERE user_id = ANY(:ids) GROUP BY 1 ORDER BY 1", users),
        ("SELECT user_id, role FROM govdata_officer WHERE user_id = ANY(:ids) AND ended_at IS NULL ORDER BY 1", users),
        ("SELECT id, state, ended_at FROM govdata_party WHERE id = ANY(:ids) ORDER BY id", parties),
        ("SELECT party_id, user_id, role, ended_at FROM govdata_party_member WHERE party_id = ANY(:ids) ORDER BY 1, 2", parties),
        ("SELECT party_id, state FROM govdata_party_block WHERE party_id = ANY(:ids) ORDER BY 1, 2", parties),
    )  # fmt: skip
    try:
        found = [model.Session.execute(sa.text(words), {"ids": ids}).all() for words, ids in questions]
    except sa.exc.ProgrammingError as error:
        return [str(error.orig)]  # the tables are gone
    finally:
        model.Session.rollback()
    return [*map(list, found), _tables_of(files), _in_index(datasets)]


def _tables_of(files: list[str]) -> int:
    from ckanext.datastore.backend.postgres import get_read_engine

    with get_read_engine().connect() as connection:
        words = sa.text("SELECT count(*) FROM pg_class WHERE relname = ANY(:names)")
        return int(connection.execute(words, {"names": files}).scalar_one())


def _in_index(datasets: list[str]) -> int:
    wanted = {"fq": f"id:({' OR '.join(datasets)})", "rows": 0, "include_private": True}
    return int(tk.get_action("package_search")({"ignore_auth": True}, wanted)["count"])


def put_back(stage: Stage) -> None:
    """Take away the grants that a test has added, inspections among them: rows of theirs would tell in later answers."""
    ids = {"datasets": [dataset.id for dataset in stage.datasets.values()], "own": list(stage.grants.values())}
    added = "SELECT id FROM govdata_grant WHERE package_id = ANY(:datasets) AND NOT id = ANY(:own)"
    try:
        model.Session.execute(sa.text(f"DELETE FROM govdata_grant_step WHERE grant_id IN ({added})"), ids)
        model.Session.execute(sa.text(f"DELETE FROM govdata_grant WHERE id IN ({added})"), ids)
        model.Session.commit()
    except sa.exc.SQLAlchemyError:
        model.Session.rollback()  # what stays is seen before the next test


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
    party, moment = stage.parties[visitor], now()
    # One party has one grant of a dataset at a time.
    earlier = sa.update(Grant).where(Grant.package_id == dataset.id, Grant.party_id == party)
    model.Session.execute(earlier.values(state="revoked"))
    agreement = agreed(dataset.id, party, moment + start, moment + end)
    row = grant_under_agreement(dataset.id, party, agreement, moment + start, moment + end, "portal", **given)
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
