"""The portal as a WSGI application: `gunicorn ... ckanext.govdata.installation.wsgi:application`, with CKAN_INI set."""

from ckanext.govdata.installation import libmagic

libmagic.ensure()

from ckan.cli import load_config  # noqa: E402  (libmagic comes first)
from ckan.config.middleware import make_app  # noqa: E402

from ckanext.govdata.installation.patience import wait_for_database  # noqa: E402

_settings = load_config()
wait_for_database(str(_settings["sqlalchemy.url"]))
application = make_app(_settings)
