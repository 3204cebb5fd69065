"""Fills a portal for the benchmark of lists: `python _cases.py PORTAL.INI NUMBER`; prints a decider's token as JSON.

A few applications go their way by the portal's actions; the rest are copies of their rows, with days of receipt of their own.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from ckan import model
from ckan.cli import load_config
from ckan.config.middleware import make_app
from ckan.plugins import toolkit as tk

from ckanext.govdata.installation.prepare import migrate

REAL = 20
_STEPS = ("submit", "submit", "approve", "refuse")
# A copy's days lie that far before those of its pattern, so that dates differ and some are over.
_BACK = "(copy.n % 400) * interval '1 hour'"
_COPIES = (
    ("govdata_case", ("id",), ("opened_at", "moved_at")),
    ("govdata_case_event", ("case_id", "entry"), ("done_at",)),
    ("govdata_application", ("id",), ("received_at", "decided_at")),
    ("govdata_clock", ("id", "case_id"), ("received_at", "due_at", "ended_at")),
)


def act(action: str, by: str, **data: Any) -> Any:
    context: Any = {"user": by, "auth_user_obj": model.User.get(by)}
    return tk.get_action(action)(context, data)


def _made(action: str, **data: Any) -> Any:
    """As the portal itself."""
    site = tk.get_action("get_site_user")({"ignore_auth": True}, {})["name"]
    context: Any = {"user": site, "ignore_auth": True}
    return tk.get_action(action)(context, data)


def _real(person: str, party: str, dataset: str, number: int) -> None:
    content: dict[str, Any] = {
        "purpose": "innovation",
        "scenario": f"停车诱导 {number}",
        "security": "专人管理",
        "months": 12,
    }
    content["answers"] = {"condition-1": "仅用于研究"}
    made = act("govdata_application_draft", person, id=dataset, party=party, modes=["download"], **content)
    act("govdata_application_submit", person, id=made["id"])
    step = _STEPS[number % len(_STEPS)]
    if step != "submit":
        act("govdata_application_decide", "decider", id=made["id"], accept=step == "approve", reason="不符合条件")


def _copy(number: int) -> None:
    """Rows again and again, past the guards that let nobody write history; the columns are those of the tables."""
    copies = number // REAL - 1
    with model.meta.engine.begin() as connection:  # pyright: ignore[reportOptionalMemberAccess]
        for table, _, _ in _COPIES:
            connection.execute(sa.text(f"ALTER TABLE {table} DISABLE TRIGGER USER"))
        for table, fresh, moved in _COPIES:
            rows = connection.execute(
                sa.text(
                    "SELECT column_name FROM information_schema.columns"
                    " WHERE table_name = :name AND is_generated = 'NEVER'"
                ),
                {"name": table},
            )
            names = [row[0] for row in rows]
            shown = [_shown(name, fresh, moved) for name in names]
            connection.execute(
                sa.text(
                    f"INSERT INTO {table} ({', '.join(names)}) SELECT {', '.join(shown)}"
                    f" FROM (SELECT * FROM {table}) was, generate_series(1, {copies}) AS copy (n)"
                )
            )
        # A case and its last event hang on each other: looked at when both are there.
        connection.execute(sa.text("SET CONSTRAINTS ALL IMMEDIATE"))
        for table, _, _ in _COPIES:
            connection.execute(sa.text(f"ALTER TABLE {table} ENABLE TRIGGER USER"))
            connection.execute(sa.text(f"ANALYZE {table}"))


def _shown(name: str, fresh: tuple[str, ...], moved: tuple[str, ...]) -> str:
    if name == "entry":
        return "gen_random_uuid()"
    if name in fresh:
        return f"was.{name} || '-' || copy.n"
    return f"was.{name} - {_BACK}" if name in moved else f"was.{name}"


def main(ini: str, number: int) -> None:
    # No request: on the command line nobody is asked for a second factor.
    make_app(load_config(ini))
    migrate()
    sys.path.insert(0, str(Path(__file__).parents[2]))
    from tests.agreed import make_party

    for name in ("decider", "person"):
        _made("user_create", name=name, email=f"{name}@example.org", password="bench-person-1")
    _made("organization_create", name="bench-agency", title="交通运输局")
    _made("organization_member_create", id="bench-agency", username="decider", role="admin")
    entry = {"name": "bench-bays", "title": "停车泊位", "owner_org": "bench-agency", "open_tier": "conditional"}
    dataset = _made(
        "package_create", **entry, open_basis="某办法第八条", open_conditions="限研究使用", publication="published"
    )["id"]
    person = model.User.get("person")
    party = make_party(person.id if person else "")
    for one in range(REAL):
        _real("person", party, dataset, one)
    _copy(number)
    token = _made("api_token_create", user="decider", name="bench")["token"]
    print(json.dumps({"token": token}))


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
