"""Fills a portal for the benchmark of the gate: `python _downloads.py PORTAL.INI TIER...`; prints the files' addresses as JSON.

Without a tier it is stock CKAN: one dataset with one file. With tiers each dataset has one, and a holder of a grant a token.
"""

from __future__ import annotations

import datetime
import io
import json
import sys
from pathlib import Path
from typing import Any

from ckan import model
from ckan.cli import load_config
from ckan.config.middleware import make_app
from ckan.plugins import toolkit as tk
from werkzeug.datastructures import FileStorage

from ckanext.govdata.installation.prepare import migrate

DATA = "名称,泊位\n" + "第一停车场,120\n" * 100
_DAY = datetime.timedelta(days=1)
_CLOSED = {"open_basis": "某办法第八条", "open_conditions": "限研究使用"}


def act(action: str, by: str = "", **data: Any) -> Any:
    return tk.get_action(action)({"user": by, "ignore_auth": True}, data)


def dataset(user: str, name: str, **fields: Any) -> tuple[str, str]:
    entry = act("package_create", user, name=name, title=name, owner_org="bench-agency", **fields)
    upload = FileStorage(io.BytesIO(DATA.encode()), filename="list.txt")
    file = act("resource_create", user, package_id=entry["id"], name="list", format="TXT", upload=upload, url="f")
    return entry["id"], f"/dataset/{name}/resource/{file['id']}/download/list.txt"


def _grant(dataset_id: str, user_id: str) -> None:
    from ckanext.govdata.access.granting import grant_under_agreement
    from ckanext.govdata.access.parties.model import Member, Party

    sys.path.insert(0, str(Path(__file__).parents[2]))
    from tests.agreed import agreed

    moment = datetime.datetime.now(datetime.timezone.utc).replace(tzinfo=None)
    party = Party(kind="enterprise", name="某公司", state="verified", created_by=user_id)
    model.Session.add(party)
    model.Session.flush()
    member = Member(party_id=party.id, user_id=user_id, role="legal_representative", confirmed_at=moment)
    model.Session.add(member)
    model.Session.commit()
    term = (moment - _DAY, moment + _DAY)
    grant_under_agreement(dataset_id, party.id, agreed(dataset_id, party.id, *term), *term, "portal")
    model.Session.commit()


def main(ini: str, tiers: list[str]) -> None:
    application = make_app(load_config(ini))
    migrate()
    with vars(application)["_wsgi_app"].test_request_context():
        site = act("get_site_user")["name"]
        holder = act("user_create", site, name="holder", email="holder@example.org", password="bench-holder-1")
        act("organization_create", site, name="bench-agency", title="交通运输局")
        found: dict[str, str] = {}
        for tier in tiers or ["stock"]:
            fields = {"open_tier": tier, **(_CLOSED if tier == "conditional" else {})} if tiers else {}
            dataset_id, found[tier] = dataset(site, f"bench-{tier}", **fields)
            if tier == "conditional":
                _grant(dataset_id, holder["id"])
        found["token"] = act("api_token_create", site, user="holder", name="bench")["token"]
        print(json.dumps(found))


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2:])
