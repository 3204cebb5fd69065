"""Fills a portal for the browser: two agencies, a dataset of each tier with files, one held, one in review, three officers.

Run as `python sample_city.py PORTAL.INI` against a migrated, empty database; everything goes through the portal's actions.
"""

from __future__ import annotations

import datetime
import io
import sys
from typing import Any

from ckan import model
from ckan.cli import load_config
from ckan.config.middleware import make_app
from ckan.plugins import toolkit as tk
from werkzeug.datastructures import FileStorage

from ckanext.govdata.officers import posts

PASSWORD = "browser-test-1"
ADMIN, PUBLISHER, DECIDER = "browser-admin", "browser-publisher", "browser-decider"
APPLICANT = "browser-applicant"
LEAVING, HEIR = "browser-leaving", "browser-heir"
# Whose box of notices holds what the sample city puts there, whatever other tests do.
TOLD, UNTOLD = "browser-told", "browser-untold"
OPERATOR, AUTHORITY, DATA_USER, CLERK = "browser-operator", "browser-authority", "browser-user", "browser-clerk"
JOURNEYS, FIRM = ("lianyungang", "yangzhou"), "江海停车科技有限公司"
CSV = "序号,名称,泊位数\n" + "".join(f"{n},第{n}停车场,{n * 10}\n" for n in range(1, 41))
GEOJSON = '{"type": "FeatureCollection", "features": []}'


def act(action: str, user: str = ADMIN, **data: Any) -> Any:
    return tk.get_action(action)({"user": user}, data)


def people() -> None:
    site = tk.get_action("get_site_user")({"ignore_auth": True}, {})["name"]
    for name in (
        ADMIN,
        PUBLISHER,
        DECIDER,
        OPERATOR,
        AUTHORITY,
        DATA_USER,
        CLERK,
        APPLICANT,
        LEAVING,
        HEIR,
        TOLD,
        UNTOLD,
    ):
        act("user_create", site, name=name, email=f"{name}@example.org", password=PASSWORD, fullname=name)
    admin = model.User.get(ADMIN)
    assert admin is not None
    admin.sysadmin = True
    model.repo.commit_and_remove()
    for name, role in ((OPERATOR, "operator"), (AUTHORITY, "authority")):
        tk.get_action("govdata_officer_appoint")({"user": ADMIN}, {"user": name, "role": role})


def agencies() -> None:
    for name, title, english in (
        ("transport", "交通运输局", "Transport Bureau"),
        ("health", "卫生健康委员会", "Health Commission"),
    ):
        act(
            "organization_create",
            name=name,
            title=title,
            description="负责本市有关工作。",
            extras=[
                {"key": "title_en", "value": english},
                {"key": "contact_phone", "value": "0518-00000000"},
            ],
        )
    for user, role in ((PUBLISHER, "editor"), (DECIDER, "admin")):
        act("organization_member_create", id="transport", username=user, role=role)
    health, leaving = model.Group.get("health"), model.User.get(LEAVING)
    assert health is not None and leaving is not None
    posts.begin(health.id, leaving, "editor", "数据专员", datetime.date(2099, 12, 31), ADMIN)
    model.Session.commit()


def dataset(name: str, title: str, english: str, user: str = ADMIN, **more: Any) -> dict[str, Any]:
    common = {
        "owner_org": "transport",
        "notes": "城区公共停车场的名称、位置和泊位数，由市交通运输局汇总。",
        "notes_en": "Names, places and numbers of bays of the public car parks.",
        "theme": "transport",
        "update_cycle": "monthly",
        "grading": "general",
        "publication": "published",
        "data_updated": "2026-10-30",
        "contact_phone": "0518-00000001",
        "tags": [{"name": "停车"}],
    }
    return act("package_create", user, name=name, title=title, title_en=english, **{**common, **more})


def resource(package: str, name: str, form: str, text: str) -> dict[str, Any]:
    upload = FileStorage(io.BytesIO(text.encode()), filename=f"data.{form.lower()}")
    return act("resource_create", package_id=package, name=name, format=form, upload=upload, url="")


def datasets() -> None:
    items = [
        {"name": "name", "title": "名称", "type": "字符型", "example": "第1停车场"},
        {"name": "bays", "title": "泊位数", "type": "数值型", "unit": "个", "example": "10"},
    ]
    parking = dataset(
        "parking", "城区公共停车场名录", "Public car parks", open_tier="unconditional", data_items=items, row_count="40"
    )
    table = resource("parking", "停车场名录", "CSV", CSV)
    rows = [dict(zip(("序号", "名称", "泊位数"), line.split(","), strict=True)) for line in CSV.splitlines()[1:]]
    fields = [{"id": name, "type": "text"} for name in ("序号", "名称", "泊位数")]
    act("datastore_create", resource_id=table["id"], fields=fields, records=rows, force=True)
    resource("parking", "停车场位置", "GeoJSON", GEOJSON)
    view = {"resource_id": table["id"], "title": "Table", "view_type": "datatables_view"}
    if not act("resource_view_list", id=table["id"]):
        act("resource_view_create", **view)
    assert parking["publication"] == "published", parking
    dataset(
        "bus-cards",
        "公交刷卡客流",
        "Bus card boardings",
        open_tier="conditional",
        open_conditions="- 用途限于交通规划研究\n- 具备数据安全保护措施",
    )
    dataset(
        "road-works",
        "道路重点部位防护信息",
        "Protection of critical road sites",
        open_tier="not_open",
        open_exception="public_security",
        open_basis="《公共数据开放办法》第七条",
    )
    act("govdata_release", id="road-works", released=True)
    for number in range(1, 7):
        dataset(
            f"bus-line-{number}", f"公交线路站点 {number}", f"Stops of bus line {number}", open_tier="unconditional"
        )
    dataset("clinics", "定点医疗机构", "", owner_org="health", theme="health", open_tier="unconditional", notes_en="")


def cases() -> None:
    held = dataset("held-list", "待定数据", "Undecided data", publication="published", open_tier="")
    assert held["publication"] == "held", held
    waiting = dataset("bus-shelters", "公交候车亭", "Bus shelters", user=PUBLISHER, open_tier="unconditional")
    assert waiting["publication"] == "in_review", waiting
    act("govdata_tier_change_propose", PUBLISHER, id="bus-cards", open_tier="unconditional", reason="已汇总到线路")


def applicants() -> None:
    """A person whom the operator has verified, as they stand after the journey that test_parties walks."""
    from ckanext.govdata.access.parties.model import Member, Party
    from ckanext.govdata.columns import now

    user = model.User.get(APPLICANT)
    assert user is not None
    party = Party(kind="person", name="王小明", state="verified", verified_at=now(), created_by=user.id)
    model.Session.add(party)
    model.Session.flush()
    model.Session.add(Member(party_id=party.id, user_id=user.id, role="self", manages=True, confirmed_at=now()))
    model.repo.commit_and_remove()


def journey_people(city: str) -> dict[str, str]:
    """The logins of one city's journey; they are nobody else's, since whoever has a second factor is always asked for it."""
    return {role: f"browser-{role}-{city}" for role in ("applicant", "decider", "authority")}


def journeys() -> None:
    """For each city's journey: conditional data with a file and rows, an enterprise and its signer, officers of their own."""
    from ckanext.govdata.access.parties.model import Member, Party
    from ckanext.govdata.columns import now

    site = tk.get_action("get_site_user")({"ignore_auth": True}, {})["name"]
    # An agency of their own: what other tests count at the others stays as it is.
    act("organization_create", name="parking", title="停车管理中心", extras=[{"key": "title_en", "value": "Parking"}])
    for city in JOURNEYS:
        names = {"applicant": "王芳", "decider": "赵敏", "authority": "周正"}
        logins = journey_people(city)
        for role, login in logins.items():
            act("user_create", site, name=login, email=f"{login}@example.org", password=PASSWORD, fullname=names[role])
        act("organization_member_create", id="parking", username=logins["decider"], role="admin")
        tk.get_action("govdata_officer_appoint")({"user": ADMIN}, {"user": logins["authority"], "role": "authority"})
        user = model.User.get(logins["applicant"])
        assert user is not None
        party = Party(kind="enterprise", name=FIRM, state="verified", created_by=user.id, verified_at=now())
        model.Session.add(party)
        model.Session.flush()
        role = Member(party_id=party.id, user_id=user.id, role="legal_representative", confirmed_at=now(), manages=True)
        model.Session.add(role)
        model.repo.commit_and_remove()
        _journey_data(city)


def _journey_data(city: str) -> None:
    items = [
        {"name": "序号", "title": "序号"},
        {"name": "名称", "title": "名称"},
        {"name": "泊位数", "title": "泊位数"},
    ]
    dataset(
        f"bays-{city}",
        "停车泊位实时占用",
        "Occupancy of bays",
        open_tier="conditional",
        open_basis="《公共数据开放办法》第六条",
        open_conditions="用途限于停车诱导服务\n系统达到网络安全等级保护二级",
        use_codes="report_use:6",
        data_items=items,
        owner_org="parking",
        theme="housing",
        notes="市区泊位的占用情况。",
        notes_en="Which bays are taken.",
        tags=[],
    )
    table = resource(f"bays-{city}", "泊位占用", "CSV", CSV)
    rows = [dict(zip(("序号", "名称", "泊位数"), line.split(","), strict=True)) for line in CSV.splitlines()[1:]]
    fields = [{"id": name, "type": "text"} for name in ("序号", "名称", "泊位数")]
    act("datastore_create", resource_id=table["id"], fields=fields, records=rows, force=True)


def notices() -> None:
    from ckanext.govdata.notices.telling import tell

    facts = {"thing": "申请：公交刷卡客流", "due": "2026-12-04", "kind": {"zh": "法定期限", "en": "statutory"}}
    user = model.User.get(TOLD)
    assert user is not None
    for number in range(2):
        tell([f"user:{user.id}"], "clock_reminder", facts, link="/dataset/bus-cards", key=f"sample-{number}")
    model.repo.commit_and_remove()


def agreements() -> None:
    """Two agreements of DATA_USER's enterprise: one to sign, one that both have signed; the file of the second beside the ini."""
    from ckanext.govdata.access.parties.model import Member, Party
    from ckanext.govdata.agreements import keeping
    from ckanext.govdata.agreements.documents.domain import Use
    from ckanext.govdata.agreements.gathering import facts_of
    from ckanext.govdata.agreements.sealing import folder
    from ckanext.govdata.columns import now
    from ckanext.govdata.confirming import Confirmation

    folder().make("江海市公共数据开放平台")
    act("govdata_agreement_text_enforce", AUTHORITY, id=act("govdata_agreement_text_draft", AUTHORITY)["id"])
    user, decider = model.User.get(DATA_USER), model.User.get(DECIDER)
    assert user is not None and decider is not None
    party = Party(kind="enterprise", name="江海䶮数据有限公司", state="verified", created_by=user.id, verified_at=now())
    model.Session.add(party)
    model.Session.flush()
    role = Member(party_id=party.id, user_id=user.id, role="legal_representative", confirmed_at=now(), manages=True)
    model.Session.add(role)
    use = Use("research", {"zh_Hans_CN": "科学研究", "en": "Research"}, "客流规律研究", "加密存储", ["download"])
    start = datetime.datetime(2026, 12, 1, tzinfo=datetime.timezone.utc)
    package, years = act("package_show", id="bus-cards"), datetime.timedelta(days=365)
    given = facts_of(package, party.id, use, start, start + years, conditions=["no_third_party", "report_use:6"])
    keeping.present(given, decider.id)
    signed = keeping.present(facts_of(package, party.id, use, start, start + years), decider.id)
    keeping.mark_read(signed.id, user.id)
    keeping.sign_agreed(signed.id, user.id, DATA_USER, DATA_USER, Confirmation())
    keeping.seal(signed.id, decider.id, DECIDER, Confirmation())
    (folder().path / "signed.pdf").write_bytes(signed.pdf)
    model.Session.commit()


def main(ini: str) -> None:
    app = make_app(load_config(ini))
    with app._wsgi_app.test_request_context():
        people()
        agencies()
        datasets()
        cases()
        applicants()
        notices()
        agreements()
        journeys()


if __name__ == "__main__":
    main(sys.argv[1])
