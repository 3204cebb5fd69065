"""The first sign-ins, one for each role, with passwords made by chance and kept where only the owner reads."""

import secrets
from collections.abc import Mapping
from typing import Any

from ckanext.govdata.installation import state
from ckanext.govdata.installation.layout import Layout
from ckanext.govdata.installation.state import Record, write_private

#: user name -> the role in Chinese and English
ROLES = {
    "admin": ("系统管理员", "administrator (technical)"),
    "authority": ("主管部门", "officer of the authority"),
    "operator": ("平台运行单位", "operator of the portal"),
    "publisher": ("数据发布员", "publisher of an agency"),
    "decider": ("数据审核员", "decider of an agency"),
    "data-user": ("数据利用主体", "data user"),
}
_OF_AN_AGENCY = {"publisher": "editor", "decider": "admin"}
_OFFICERS = ("authority", "operator")
_HEADING = "# 首批账号; 请登录后修改口令。 The first sign-ins; change the passwords after signing in.\n"


def make(layout: Layout, record: Record) -> None:
    """Make the users that are missing, give them their roles, and write the list. Runs inside CKAN.

    Publisher and decider belong to an agency, so they are left out while the portal has none.
    """
    agency = _busiest_agency()
    names = [name for name in ROLES if agency or name not in _OF_AN_AGENCY]
    for name in names:
        record.passwords.setdefault(name, secrets.token_urlsafe(9))
    state.save(layout.state, record)
    for name in names:
        _make_user(name, record.passwords[name])
    for role in _OFFICERS:
        _call("govdata_officer_appoint", user=role, role=role)
    if agency:
        for name, capacity in _OF_AN_AGENCY.items():
            _call("organization_member_create", id=agency["name"], username=name, role=capacity)
    place = dict.fromkeys(_OF_AN_AGENCY, agency["title"]) if agency else {}
    write_private(layout.sign_ins, listing(record, place))


def listing(record: Record, agencies: Mapping[str, Any] | None = None) -> str:
    """The text of the file: user name, password, role, agency."""
    rows = [
        f"{name:<12} {record.passwords[name]:<16} {chinese} / {english} {(agencies or {}).get(name, '')}".rstrip()
        for name, (chinese, english) in ROLES.items()
        if name in record.passwords
    ]
    return _HEADING + "\n".join(rows) + "\n"


def _call(action: str, **data: Any) -> Any:
    from ckan.plugins import toolkit as tk

    site_user = tk.get_action("get_site_user")({"ignore_auth": True}, {})
    return tk.get_action(action)({"ignore_auth": True, "user": site_user["name"]}, data)


def _busiest_agency() -> dict[str, Any] | None:
    found = _call("organization_list", all_fields=True, sort="package_count desc", limit=1)
    return found[0] if found else None


def _make_user(name: str, password: str) -> None:
    from ckan import model

    if model.User.by_name(name):
        return
    title = ROLES[name][0]
    _call("user_create", name=name, password=password, email=f"{name}@portal.invalid", fullname=title)
    if name == "admin":
        model.Session.query(model.User).filter_by(name=name).update({"sysadmin": True})
        model.Session.commit()
