"""The two ini files of a portal in its data folder: the owner's, and the generated one under it."""

from pathlib import Path

from ckanext.govdata.installation.layout import Layout, config_folder
from ckanext.govdata.installation.postgres import DATASTORE, MAIN, OWNER, READER, Postgres
from ckanext.govdata.installation.redis_server import RedisServer
from ckanext.govdata.installation.state import Record, write_private
from ckanext.govdata.installation.words import Refusal

_OWNERS = """\
# 本门户的设置, 由您填写; 命令不会改写此文件。改动后运行 ./govdata down, 再运行 ./govdata up。
# The settings of this portal, yours to edit; the command never overwrites this file.
# All settings: docs/reference/settings.md and CKAN's documentation.
[app:main]
use = config:run/generated.ini

# ckan.site_title = 某某市公共数据开放平台
"""


def refuse_odd_folder(folder: Path) -> None:
    """CKAN's ini files cannot stand in a folder with a percent sign or a line break in its path."""
    if any(sign in str(folder) for sign in "%\n\r"):
        raise Refusal(
            f"The folder {folder} has a percent sign or a line break in its path, which CKAN's settings cannot hold. "
            "Move the project, or choose another folder with --data DIR.",
            f"目录 {folder} 的路径含有百分号或换行符, CKAN 的设置文件无法使用。请移动项目, 或用 --data DIR 另选目录。",
        )


def addresses(layout: Layout, record: Record, postgres: Postgres, redis: RedisServer) -> dict[str, str]:
    """The settings that differ from portal to portal: addresses, folders, secrets, city."""
    port = record.ports["web"]
    return {
        "ckan.site_url": f"http://127.0.0.1:{port}",
        "sqlalchemy.url": postgres.url(OWNER, MAIN),
        "ckan.datastore.write_url": postgres.url(OWNER, DATASTORE),
        "ckan.datastore.read_url": postgres.url(READER, DATASTORE),
        "ckan.redis.url": redis.url,
        "ckan.storage_path": str(layout.storage),
        "ckan.webassets.path": str(layout.data / "webassets"),
        "govdata.search.index_path": str(layout.index),
        "govdata.ledger.path": str(layout.ledger),
        "govdata.parties.keys": str(layout.parties_keys),
        "govdata.agreements.path": str(layout.agreements),
        "govdata.tracing.key": str(layout.tracing_key),
        "SECRET_KEY": record.secrets["session"],
        "WTF_CSRF_SECRET_KEY": record.secrets["csrf"],
        "api_token.jwt.encode.secret": f"string:{record.secrets['api_token']}",
        "api_token.jwt.decode.secret": f"string:{record.secrets['api_token']}",
        **({"govdata.city": record.city} if record.city else {}),
    }


def write(layout: Layout, settings: dict[str, str], base: Path | None = None) -> bool:
    """Write the generated ini (and the owner's, if there is none); tells whether anything changed."""
    base = base or config_folder() / "embedded.ini"
    lines = [f"{name} = {value.replace('%', '%%')}" for name, value in settings.items()]
    text = "\n".join(
        ["# Written at each start; edit ../ckan.ini instead.", "[app:main]", f"use = config:{base}", *lines, ""]
    )
    changed = not layout.generated_ini.exists() or layout.generated_ini.read_text(encoding="utf-8") != text
    write_private(layout.generated_ini, text)
    if not layout.ini.exists():
        write_private(layout.ini, _OWNERS)
    return changed
