"""Agreements for tests and benchmarks: facts as an application leaves them, keys, and documents signed by both sides."""

from __future__ import annotations

import datetime
import hashlib
from dataclasses import replace
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from ckan import model

from ckanext.govdata.agreements.documents.domain import Facts, Side, Subject, Use, compose
from ckanext.govdata.agreements.documents.glyphs import fonts
from ckanext.govdata.agreements.documents.setting import set_agreement, set_stamp
from ckanext.govdata.agreements.signing.keys import Folder
from ckanext.govdata.agreements.signing.levels import Field
from ckanext.govdata.agreements.signing.pades import Look, sign, with_fields
from ckanext.govdata.agreements.signing.providers import FileSeals, KeySigner, ProviderSigner
from ckanext.govdata.agreements.signing.timestamps import stamper
from ckanext.govdata.agreements.texts.domain import read_text, starting_body
from ckanext.govdata.agreements.texts.vocabulary import read_conditions
from ckanext.govdata.agreements.verification.verify import Known, digests

SHANGHAI = ZoneInfo("Asia/Shanghai")
AGENCY = "0d6c1f3e-agency"
PORTAL = "连云港市公共数据开放平台"
EVIDENCE = b'{"name":"test"}'
CONDITIONS = ("no_third_party", "cite_source", "report_use:6", "retention:24", "place:江苏省内", "delete_on_withdrawal")


def facts(items: int = 12, **changes: Any) -> Facts:
    """The facts of a usual agreement; give any field of `Facts` to change it."""
    given = Facts(
        number="LYG-2026-000123",
        agency=Side(AGENCY, "连云港市交通运输局"),
        user=Side("party-1", "连云港海州数据科技有限公司", "enterprise", "91320700MA1XXXXXXX"),
        subject=Subject(
            "dataset-1",
            "parking",
            "市区公共停车场实时泊位",
            [(f"field_{number}", f"第{number}项数据（单位：个）") for number in range(1, items + 1)],
            published_conditions="仅限注册地在江苏省的企业申请。",
        ),
        use=Use(
            "product",
            {"zh_Hans_CN": "产品开发", "en": "Product development"},
            "为市民提供停车诱导服务。",
            "数据加密存储，专人管理访问凭证。",
            ["download", "api"],
            "application-1",
            1000,
        ),
        starts_at=datetime.datetime(2026, 12, 1, tzinfo=SHANGHAI),
        ends_at=datetime.datetime(2027, 12, 1, tzinfo=SHANGHAI),
        text=read_text(starting_body()),
        text_key="standard",
        text_version=1,
        portal=PORTAL,
        address="https://data.example.cn",
        made_at=datetime.datetime(2026, 11, 28, 12, tzinfo=SHANGHAI),
        conditions=read_conditions(CONDITIONS),
        checkpoint="data.example.cn/ledger\n123\nq83vEjRWeJCrze8SNFZ4kKvN7xI0VniQq83vEjRWeJA=\n",
    )
    return replace(given, **changes)


def make_keys(path: Path) -> Folder:
    """A folder of keys with a seal for the agency."""
    folder = Folder(path)
    folder.make(PORTAL)
    folder.issue_seal(AGENCY, "连云港市交通运输局 电子印章")
    return folder


def signed(folder: Folder, given: Facts | None = None) -> tuple[bytes, Known]:
    """An agreement signed by user and agency, and what the ledger would know of it."""
    canonical = compose(given or facts())
    stages = signing_stages(folder, canonical)
    sha256, sm3 = digests(stages[-1])
    known = Known(sha256, sm3, hashlib.sha256(canonical).hexdigest(), hashlib.sha256(EVIDENCE).hexdigest())
    return stages[-1], known


def signing_stages(folder: Folder, canonical: bytes) -> list[bytes]:
    """The file after each of its four steps: the text, the fields, the user's signature, the agency's."""
    clock, look = stamper("", folder), look_of()
    plain = set_agreement(canonical, fonts())
    prepared = with_fields(plain)
    by_user = sign(prepared, Field.USER, KeySigner(folder.identity("portal")), clock, look, {"evidence.json": EVIDENCE})
    seals = FileSeals(folder)
    sealer = ProviderSigner(seals, AGENCY, seals.certificates(AGENCY))
    return [plain, prepared, by_user, sign(by_user, Field.AGENCY, sealer, clock, look)]


def look_of(name: str = "李明") -> Look:
    """How a signature looks."""
    at = datetime.datetime(2026, 11, 28, 12, tzinfo=SHANGHAI)
    return Look("agreed", name, set_stamp("约定签名（L1，由平台代为盖章）", [name, "2026-11-28 12:00"], fonts(), at))


_GUARDED = ("act", "reading", "document", "text")


def empty_agreements() -> None:
    """Leave no agreement behind: the tables refuse to be emptied, so as their owner, with the guards off."""
    model.Session.rollback()
    with model.meta.engine.begin() as connection:
        if connection.execute(sa.text("SELECT to_regclass('govdata_agreement_document')")).scalar() is None:
            return
        tables = [f"govdata_agreement_{name}" for name in _GUARDED]
        if not any(connection.execute(sa.text(f"SELECT EXISTS (SELECT FROM {table})")).scalar() for table in tables):
            return
        for table in tables:
            connection.execute(sa.text(f"ALTER TABLE {table} DISABLE TRIGGER USER"))
        connection.execute(sa.text(f"TRUNCATE {', '.join(tables)}"))
        guards = "SELECT tgrelid::regclass AS of, tgname FROM pg_trigger WHERE NOT tgisinternal AND tgenabled = 'D'"
        for row in connection.execute(sa.text(guards)).all():
            connection.execute(sa.text(f"ALTER TABLE {row.of} ENABLE ALWAYS TRIGGER {row.tgname}"))
