"""gunicorn's settings: the application is loaded once and shared by the workers; database sockets are not.

Sizes may be set by environment: GOVDATA_WORKERS (default 2), GOVDATA_THREADS (default 4).
"""

import gc
import os
from typing import Any

wsgi_app = "ckanext.govdata.installation.wsgi:application"
bind = os.environ.get("GOVDATA_BIND", "127.0.0.1:5000")
worker_class = "gthread"
workers = int(os.environ.get("GOVDATA_WORKERS", "2"))
threads = int(os.environ.get("GOVDATA_THREADS", "4"))
preload_app = True
# Harvests of whole lists are jobs of the worker; a page that takes longer than this is stuck.
timeout = 120
graceful_timeout = 10
keepalive = 5
max_requests = 5000
max_requests_jitter = 500
# Heartbeats in memory: on a disk that stalls, healthy workers would be killed.
worker_tmp_dir = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None  # noqa: S108  (gunicorn makes private files)
control_socket_disable = True  # it would lie in the home folder, which a service has none of
forwarded_allow_ips = os.environ.get("FORWARDED_ALLOW_IPS", "127.0.0.1")


def when_ready(server: Any) -> None:
    """What is loaded now is shared by all workers for good: keep the collector from touching, so copying, it."""
    gc.collect()
    gc.freeze()


def pre_fork(server: Any, worker: Any) -> None:
    """Tell CKAN's plugins, as CKAN's own job worker does."""
    import ckan.plugins as plugins

    for plugin in plugins.PluginImplementations(plugins.IForkObserver):
        plugin.before_fork()


def post_fork(server: Any, worker: Any) -> None:
    """A worker opens its own database connections: those of the parent are forgotten, not closed."""
    from ckan.model import meta

    meta.Session.remove()
    for engine in (meta.engine, *_datastore_engines()):
        if engine is not None:
            engine.dispose(close=False)


def _datastore_engines() -> list[Any]:
    from ckanext.datastore.backend import postgres

    return list(postgres._engines.values())
