"""The portal as a WSGI application: `gunicorn ... ckanext.govdata.installation.wsgi:application`, with CKAN_INI set."""

from ckanext.govdata.installation import libmagic

libmagic.ensure()

from ckan import authz, logic  # noqa: E402  (libmagic comes first)
from ckan.cli import load_config  # noqa: E402
from ckan.config.middleware import make_app  # noqa: E402

from ckanext.govdata.installation.patience import wait_for_database  # noqa: E402


def fill_registries() -> None:
    """Build CKAN's registries of actions, permissions and validators now, while there is one thread.

    CKAN builds each at its first use, and shows a half-built one to other threads: core's functions without the plugins'
    chained to them. A request at that moment would be answered by CKAN's rules alone, past tiers and gate.
    """
    logic.get_action("package_show")
    authz.auth_functions_list()
    logic.get_validator("not_empty")


_settings = load_config()
wait_for_database(str(_settings["sqlalchemy.url"]))
application = make_app(_settings)
fill_registries()
