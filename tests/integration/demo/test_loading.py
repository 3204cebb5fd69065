"""The demo city in a portal: whole, loaded twice as once, completed after a kill, removed without a trace."""

from __future__ import annotations

import csv
import io
import json
import os
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from ckan import model
from ckan.lib import jobs
from ckan.plugins import toolkit as tk
from ckanext.activity.model import Activity
from openpyxl import load_workbook

from ckanext.govdata.agreements.sealing import folder
from ckanext.govdata.demo.applications import WISHES, load_applications
from ckanext.govdata.demo.catalogue import identity
from ckanext.govdata.demo.entries import entries
from ckanext.govdata.demo.loader import demo_packages, load, reference_day
from ckanext.govdata.demo.people import PEOPLE, create_people
from ckanext.govdata.demo.removal import remove
from ckanext.govdata.tables.reading import read_table
from ckanext.govdata.tables.state import loaded_ids
from ckanext.govdata.tables.store import columns_in_store, tables_in_store

PLUGINS = "activity datastore scheming_datasets govdata govdata_search text_view datatables_view"
pytestmark = [pytest.mark.ckan_config("ckan.plugins", PLUGINS), pytest.mark.usefixtures("portal")]
PASSWORDS = {person.login: f"Jianghai-2026-{person.login}" for person in PEOPLE}
ANYBODY: Any = {"user": "", "ignore_auth": False}


@pytest.fixture(autouse=True)
def own_storage_and_quiet_queue(
    portal: None, ckan_config: dict[str, Any], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> Iterator[None]:
    monkeypatch.setitem(ckan_config, "ckan.storage_path", str(tmp_path / "storage"))
    yield
    jobs.get_queue().empty()


def silent(_line: str) -> None:
    pass


def everything() -> dict[str, Any]:
    """What the portal holds, to compare before and after."""
    packages = model.Session.execute(sa.select(model.Package.id, model.Package.metadata_modified)).all()
    resources = model.Session.execute(sa.select(model.Resource.id, model.Resource.last_modified)).all()
    counts = {
        table.__name__: model.Session.scalar(sa.select(sa.func.count()).select_from(table))
        for table in (model.Group, model.Member, model.PackageTag, model.ResourceView, Activity)
    }
    return {"packages": sorted(packages), "resources": sorted(map(str, resources)), **counts}


def stored_files(ckan_config: dict[str, Any]) -> set[str]:
    root = Path(ckan_config["ckan.files.storage.resources.path"])
    return {str(path) for path in root.rglob("*") if path.is_file()}


def test_the_city_is_there_by_tier_as_its_templates_say_and_loading_again_changes_nothing() -> None:
    wanted = entries(reference_day())
    assert load(silent) == len(wanted)
    before = everything()
    assert load(silent) == 0
    assert everything() == before
    stood = Counter((package.extras["open_tier"], package.extras["publication"]) for package in packages_with_tier())
    assert stood == Counter((entry.tier, expected_place(entry)) for entry in wanted if entry.tier)
    public = tk.get_action("package_search")(ANYBODY, {"rows": 0, "facet.field": ["open_tier"]})
    open_ones = [entry for entry in wanted if expected_place(entry) == "published" and entry.tier in OPEN]
    assert public["count"] == len(open_ones)
    assert public["facets"]["open_tier"] == dict(Counter(entry.tier for entry in open_ones))
    released = tk.get_action("govdata_negative_list")(ANYBODY, {})
    assert released["count"] == sum(bool(entry.template.get("released")) for entry in wanted)


OPEN = ("unconditional", "conditional")


def packages_with_tier() -> list[model.Package]:
    return [package for package in demo_packages() if package.extras.get("open_tier")]


def expected_place(entry: Any) -> str:
    if entry.key.startswith("held-"):
        return "held"
    return "in_review" if entry.waits_for_review else "published"


@pytest.mark.requirement("LYG-10", "LYG-18")
def test_every_open_file_downloads_and_parses_its_rows_are_in_the_datastore_and_conditional_ones_stay_shut(
    app: Any,
) -> None:
    load(silent)
    tables, seen = tables_in_store(), Counter()
    files = [
        (package.id, package.extras["open_tier"], resource.id, resource.format)
        for package in demo_packages()
        for resource in package.resources
    ]
    for package_id, tier, resource_id, kind in files:
        answer = app.get(f"/dataset/{package_id}/resource/{resource_id}/download/file", follow_redirects=False)
        seen[kind] += 1
        if tier == "conditional":
            assert answer.status_code in (302, 403)
            assert resource_id in tables and len(rows_in_store(resource_id)) in (96, 240)
            continue
        assert (answer.status_code, tier) == (200, "unconditional")
        PARSERS[kind](answer.data)
        if kind in ("CSV", "XLSX"):
            assert rows_in_store(resource_id) == rows_in_file(answer.data, resource_id)
        else:
            assert resource_id not in tables
    assert min(seen[kind] for kind in PARSERS) >= 5
    assert sum(seen.values()) > 150


def rows_in_file(content: bytes, resource_id: str) -> list[tuple[str | None, ...]]:
    """The file's rows as text, dates and times as PostgreSQL writes them."""
    moments = [column.type == "timestamp" for column in columns_in_store(resource_id)]
    return [
        tuple(
            f"{value} 00:00:00" if moment and value and len(value) == 10 else value
            for value, moment in zip(row, moments, strict=True)
        )
        for row in read_table(content, 100_000).rows
    ]


def rows_in_store(resource_id: str) -> list[tuple[str | None, ...]]:
    from ckanext.datastore.backend.postgres import get_read_engine, identifier

    names = ", ".join(f"{identifier(column.name)}::text" for column in columns_in_store(resource_id))
    with get_read_engine().connect() as connection:
        found = connection.execute(sa.text(f"SELECT {names} FROM {identifier(resource_id)} ORDER BY _id"))
        return [tuple(row) for row in found]


def _pdf(content: bytes) -> None:
    assert content.startswith(b"%PDF-1.") and content.rstrip().endswith(b"%%EOF")


PARSERS: dict[str, Callable[[bytes], Any]] = {
    "CSV": lambda content: list(csv.reader(io.StringIO(content.decode("utf-8-sig")))),
    "XLSX": lambda content: load_workbook(io.BytesIO(content), read_only=True),
    "JSON": json.loads,
    "GeoJSON": json.loads,
    "PDF": _pdf,
}


def test_a_load_that_was_killed_is_completed_by_the_next(ckan_config: dict[str, Any], tmp_path: Path) -> None:
    ini = tmp_path / "killed.ini"
    storage = f"ckan.storage_path = {ckan_config['ckan.storage_path']}\n"
    ini.write_text(f"[app:main]\nuse = config:{ckan_config['__file__']}\nckan.plugins = {PLUGINS}\n{storage}", "utf-8")
    command = [sys.executable, "-m", "ckan.cli.cli", "-c", str(ini), "govdata", "demo", "load"]
    starter = "import sys; from ckan.cli.cli import ckan; sys.argv[0] = 'ckan'; ckan()"
    process = subprocess.Popen(
        [sys.executable, "-c", starter, *command[3:]], stdout=subprocess.PIPE, text=True, env={**os.environ}
    )
    assert process.stdout is not None
    for line in process.stdout:
        if line.startswith("datasets:"):
            process.send_signal(signal.SIGKILL)
            break
    process.wait()
    wanted = {entry.key for entry in entries(reference_day())}
    part = {package.extras["list_key"] for package in demo_packages()}
    assert part and part < wanted
    model.Session.rollback()
    assert load(silent) == len(wanted) - len(part)
    assert Counter(package.extras["list_key"] for package in demo_packages()) == Counter(wanted)
    tables = {resource.id for package in demo_packages() for resource in package.resources if is_table(resource)}
    assert tables <= tables_in_store() & loaded_ids()
    assert tables == set(model.Session.scalars(sa.select(model.ResourceView.resource_id)))
    found = tk.get_action("package_search")({"ignore_auth": True}, {"include_private": True, "rows": 0})
    assert found["count"] == len(wanted)


def is_table(resource: model.Resource) -> bool:
    return resource.format in ("CSV", "XLSX")


def test_removing_takes_what_the_demo_loaded_and_nothing_else(ckan_config: dict[str, Any]) -> None:
    own: Any = {"ignore_auth": True, "user": tk.get_action("get_site_user")({"ignore_auth": True}, {})["name"]}
    others = tk.get_action("organization_create")({**own}, {"name": "jianghai-kept", "title": "别的机构"})
    tk.get_action("package_create")({**own}, {"name": "jianghai-other", "title": "别的", "owner_org": others["id"]})
    for left in stored_files(ckan_config):
        Path(left).unlink()
    before, files, tables = everything(), stored_files(ckan_config), tables_in_store()
    load(silent)
    assert stored_files(ckan_config) > files
    # The DataStore is not emptied between tests, and the demo's ids are the same each time.
    tables -= {resource.id for package in demo_packages() for resource in package.resources}
    remove(silent)
    assert everything() == before
    assert (stored_files(ckan_config), tables_in_store()) == (files, tables)
    found = tk.get_action("package_search")({"ignore_auth": True}, {"include_private": True})
    assert [entry["name"] for entry in found["results"]] == ["jianghai-other"]


def test_an_agency_that_got_other_datasets_stays() -> None:
    load(silent)
    own: Any = {"ignore_auth": True, "user": tk.get_action("get_site_user")({"ignore_auth": True}, {})["name"]}
    kept = identity("agency", "edu")
    tk.get_action("package_create")(own, {"name": "another", "title": "别的", "owner_org": kept})
    said: list[str] = []
    remove(said.append)
    assert any("江海市教育局" in line for line in said)
    assert [group.id for group in model.Session.query(model.Group).filter_by(is_organization=True)] == [kept]


@pytest.mark.requirement("LYG-12", "LYG-35")
def test_the_sign_ins_hold_their_roles_can_be_made_again_and_have_applications(
    tmp_path: Path, ckan_config: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    load(silent)
    create_people(PASSWORDS)
    create_people(PASSWORDS)
    terms = tk.get_action("govdata_officer_list")({"ignore_auth": True}, {})
    assert {(term["name"], term["role"]) for term in terms} == {("authority", "authority"), ("operator", "operator")}
    members = tk.get_action("member_list")({"ignore_auth": True}, {"id": "jianghai-transport", "object_type": "user"})
    seats = {(model.User.get(member[0]).name, member[2]) for member in members}
    assert {("publisher", "Editor"), ("decider", "Admin")} <= seats
    for login, password in PASSWORDS.items():
        user = model.User.get(login)
        assert user is not None and user.validate_password(password)
    waiting = tk.get_action("govdata_review_list")(
        {"user": "operator", "auth_user_obj": model.User.get("operator")}, {}
    )
    assert waiting["count"] == sum(entry.waits_for_review for entry in entries(reference_day()))
    applications_stand_in_each_state(tmp_path, ckan_config, monkeypatch)


def applications_stand_in_each_state(
    folder_of_keys: Path, ckan_config: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A dozen, made once however often they are asked for, with one agreement in force and its grant."""
    monkeypatch.setitem(ckan_config, "govdata.agreements.path", str(folder_of_keys / "keys"))
    folder().make("江海市公共数据开放平台")
    own: Any = {"ignore_auth": True, "user": tk.get_action("get_site_user")({"ignore_auth": True}, {})["name"]}
    text = tk.get_action("govdata_agreement_text_draft")({**own}, {})
    tk.get_action("govdata_agreement_text_enforce")({**own}, {"id": text["id"]})
    assert load_applications(silent) == len(WISHES)
    assert load_applications(silent) == 0
    found = tk.get_action("govdata_application_list")({"user": "authority"}, {"desk": "authority", "limit": 100})
    made = Counter(wish.until for wish in WISHES)
    agreed = made["presented"] + made["signed"]
    wanted = made - Counter({"presented": 9, "signed": 9, "effective": 9, "draft": 9})
    wanted["approved"] += agreed
    wanted["supplied"] += made["effective"]
    assert Counter(one["state"] for one in found["results"]) == wanted
    dates = [one["due"]["due_at"] for one in found["results"] if one["due"]]
    assert dates == sorted(dates), "by date"
    mine = tk.get_action("govdata_application_list")({"user": "citizen"}, {})
    assert mine["count"] == sum(wish.firm == "zhixing" for wish in WISHES)
    own_agency = tk.get_action("govdata_application_list")({"user": "decider"}, {"desk": "agency"})
    assert own_agency["count"] == sum(wish.agency == "transport" for wish in WISHES)
    (grant,) = tk.get_action("govdata_grant_list")({"user": "citizen"}, {"mine": True})["results"]
    assert grant["standing"] == "running"


@pytest.mark.long
@pytest.mark.usefixtures("people")
def test_the_city_loads_where_somebody_else_is_called_publisher() -> None:
    theirs = model.User.get("publisher").email
    load(silent)
    assert model.User.get("publisher").email == theirs
    assert model.User.get("jianghai-publisher").state == "active"


@pytest.mark.usefixtures("people")
def test_an_account_of_somebody_else_is_never_taken_over() -> None:
    with pytest.raises(tk.ValidationError, match="not the demo's"):
        create_people({"authority": "Jianghai-2026-authority"})
