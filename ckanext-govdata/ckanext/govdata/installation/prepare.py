"""The steps of a first start that need CKAN, in one process. Each step may be repeated; a killed one is taken up again."""

import argparse
import logging
from pathlib import Path

from ckanext.govdata.installation import libmagic

libmagic.ensure()

import ckan.plugins as p  # noqa: E402  (libmagic comes first)
from ckan import model  # noqa: E402
from ckan.cli import db as ckan_db  # noqa: E402
from ckan.cli import load_config  # noqa: E402
from ckan.cli.cli import ckan as ckan_command  # noqa: E402
from ckan.config.middleware import make_app  # noqa: E402
from ckan.plugins import toolkit as tk  # noqa: E402
from ckan.types import CKANApp  # noqa: E402
from flask import Flask  # noqa: E402

from ckanext.govdata.agreements.signing.keys import Folder  # noqa: E402
from ckanext.govdata.installation import sign_ins, state  # noqa: E402
from ckanext.govdata.installation.layout import Layout  # noqa: E402
from ckanext.govdata.installation.state import Record  # noqa: E402
from ckanext.govdata.installation.words import tell  # noqa: E402


def migrate() -> None:
    """Bring CKAN's tables, then each plugin's, to the newest version."""
    tell("Making the portal's tables ...", "正在建立门户的数据表……")
    logging.getLogger("alembic").setLevel(logging.WARNING)
    model.repo.upgrade_db()
    for plugin, _count in sorted(ckan_db._get_pending_plugins().items()):
        ckan_db._run_migrations(plugin)
    p.plugins_update()


def make_agreement_keys(layout: Layout) -> None:
    """The keys that seal agreements, where there are none."""
    folder = Folder(layout.agreements)
    if not (folder.path / "root.crt").exists():
        tell("Making the keys that seal agreements ...", "正在生成协议签章密钥……")
        folder.make(str(tk.config.get("ckan.site_title") or "CKAN"))


def load_demo(ini: Path) -> None:
    """Load the made-up city with CKAN's command for it; loading again adds nothing twice."""
    tell("Loading the demo city ...", "正在装入演示城市……")
    for command in (["demo", "load"], ["agreements", "text-start"]):
        ckan_command.main(["-c", str(ini), "govdata", *command], standalone_mode=False)


def load_demo_applications(ini: Path) -> None:
    """Applications by the first sign-ins, so after these are there."""
    tell("Making applications of the demo city ...", "正在生成演示申请和协议……")
    try:
        ckan_command.main(["-c", str(ini), "govdata", "demo", "applications"], standalone_mode=False)
    except Exception as error:
        # A portal without examples is a portal all the same: its first start does not fail on them.
        logging.getLogger(__name__).exception("the demo's applications were not made")
        again = "./govdata ckan govdata demo applications"
        tell(f"They were not made ({error}). Try again: {again}", f"未能生成（{error}）。可再次运行：{again}")


def main() -> None:
    """Prepare the portal whose data folder is given."""
    parser = argparse.ArgumentParser()
    parser.add_argument("data", type=Path)
    parser.add_argument("--first", action="store_true", help="make the first sign-ins")
    parser.add_argument("--demo", action="store_true", help="load the demo city")
    options = parser.parse_args()
    layout = Layout(options.data)
    record = state.load(layout.state)
    application = make_app(load_config(str(layout.ini)))
    migrate()
    make_agreement_keys(layout)
    if options.demo:
        load_demo(layout.ini)
    if options.first:
        make_sign_ins(application, layout, record)
    if options.demo:
        load_demo_applications(layout.ini)


def make_sign_ins(application: CKANApp, layout: Layout, record: Record) -> None:
    """Make the first users, within a request of CKAN's own as its actions expect one."""
    flask_application: Flask = vars(application)["_wsgi_app"]
    with flask_application.test_request_context():
        sign_ins.make(layout, record)


if __name__ == "__main__":
    main()
