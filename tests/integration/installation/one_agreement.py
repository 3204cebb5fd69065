"""Run in a portal's environment: an agreement is presented, signed and sealed there; its file is written to the place given.

    python -m tests.integration.installation.one_agreement AGENCY FILE

On the command line no second factor is asked; by the web nobody signs without one.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from ckan.cli import load_config
from ckan.config.middleware import make_app
from ckan.plugins import toolkit as tk


def _seal(agency: str) -> bytes:
    from ckan.tests import factories

    from tests.integration.agreements.conftest import Desk

    def act(action: str, data: dict[str, Any]) -> Any:
        return tk.get_action(action)({"ignore_auth": True, "user": "admin"}, data)

    people = {role: factories.User(name=f"the-{role}") for role in ("authority", "decider")}
    member = {"id": agency, "username": "the-decider", "role": "admin"}
    act("organization_member_create", member)
    act("govdata_officer_appoint", {"user": "the-authority", "role": "authority"})

    def make_entry(**fields: Any) -> dict[str, Any]:
        items = [{"name": "pm25", "title": "细颗粒物"}]
        own = {"name": "air-quality", "title": "空气质量监测数据", "owner_org": agency, "data_items": items}
        given = {**fields, **own}
        return dict(act("package_create", given))

    return Desk(people, make_entry).sealed().pdf


if __name__ == "__main__":
    make_app(load_config())
    Path(sys.argv[2]).write_bytes(_seal(sys.argv[1]))
