"""Fills a portal for the kills: a conditional dataset with a grant's holder, an unconditional one, each with a file of 2 MB.

Run as `python kill_scene.py PORTAL.INI`; prints addresses and the holder's token as JSON.
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

from ckanext.govdata.access.granting import grant_under_agreement
from ckanext.govdata.access.parties.model import Member, Party
from ckanext.govdata.columns import now

DAY = datetime.timedelta(days=1)
DATA = "名称,泊位\n" + "第一停车场,120\n" * 100_000


def act(action: str, **data: Any) -> Any:
    return tk.get_action(action)({"user": "admin", "ignore_auth": True}, data)


def dataset(tier: str) -> tuple[str, str]:
    basis = {"open_basis": "某办法第八条", "open_conditions": "限研究使用"} if tier == "conditional" else {}
    entry = act("package_create", name=tier, title=tier, owner_org="jiaotongju", open_tier=tier, **basis)
    upload = FileStorage(io.BytesIO(DATA.encode()), filename="list.txt")
    file = act("resource_create", package_id=entry["id"], name="名录", format="TXT", upload=upload, url="f")
    return entry["id"], f"/dataset/{tier}/resource/{file['id']}/download/list.txt"


def main(ini: str) -> None:
    application = make_app(load_config(ini))
    with vars(application)["_wsgi_app"].test_request_context():
        act("organization_create", name="jiaotongju", title="交通运输局")
        user = act("user_create", name="holder", email="holder@example.org", password="kill-test-1")
        party = Party(kind="enterprise", name="某公司", state="verified", created_by=user["id"])
        model.Session.add(party)
        model.Session.flush()
        member = Member(party_id=party.id, user_id=user["id"], role="legal_representative", confirmed_at=now())
        model.Session.add(member)
        model.Session.commit()
        (closed, closed_file), (_, open_file) = dataset("conditional"), dataset("unconditional")
        sys.path.insert(0, str(Path(__file__).parents[3]))
        from tests.agreed import agreed

        term = (now() - DAY, now() + DAY)
        grant_under_agreement(closed, party.id, agreed(closed, party.id, *term), *term, "portal")
        model.Session.commit()
        token = act("api_token_create", user="holder", name="kills")["token"]
        print(json.dumps({"closed": closed_file, "open": open_file, "token": token}))


if __name__ == "__main__":
    main(sys.argv[1])
