"""A real nginx in front of a portal, set up as config/deploy/nginx.conf has it: without https, and on a port of its own."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_CONFIG = """
daemon off; master_process off; pid {folder}/nginx.pid; error_log {folder}/error.log warn;
{user}
events {{ worker_connections 64; }}
http {{
    access_log off; sendfile {sendfile}; default_type application/octet-stream;
    client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy; fastcgi_temp_path {folder}/f;
    uwsgi_temp_path {folder}/u; scgi_temp_path {folder}/s;
    server {{
        listen 127.0.0.1:{port} sndbuf=64k;
        location / {{
            proxy_pass {portal}; proxy_http_version 1.1;
            proxy_set_header Connection ""; proxy_set_header Host $http_host;
        }}
        location {prefix}/ {{ internal; alias {resources}/; }}
    }}
}}
"""


def nginx() -> str | None:
    """Where nginx is, if it is installed."""
    return shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin:/usr/local/sbin")


@contextmanager
def serving(portal: str, resources: Path, prefix: str, folder: Path, sendfile: bool = True) -> Iterator[str]:
    """The address of an nginx that asks the portal and sends the files of `resources` that it is told to."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    folder.mkdir(parents=True, exist_ok=True)
    text = _CONFIG.format(
        folder=folder, port=port, portal=portal, prefix=prefix, resources=resources,
        sendfile="on" if sendfile else "off", user="user root;" if os.geteuid() == 0 else "",
    )  # fmt: skip
    (folder / "nginx.conf").write_text(text, "utf-8")
    command = [str(nginx()), "-p", str(folder), "-c", str(folder / "nginx.conf")]
    running = subprocess.Popen(command, stderr=subprocess.DEVNULL)
    try:
        for _ in range(100):
            with socket.socket() as trial:
                if trial.connect_ex(("127.0.0.1", port)) == 0:
                    break
            assert running.poll() is None, (folder / "error.log").read_text("utf-8", "replace")
            time.sleep(0.05)
        yield f"http://127.0.0.1:{port}"
    finally:
        running.terminate()
        running.wait(20)
