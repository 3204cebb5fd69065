"""The portal behind a socket: a web server in a thread of the tests' own process, asked by a client of its own."""

from __future__ import annotations

import json
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import requests
from werkzeug.serving import make_server

# The second within which everything has to stop, as it is measured at full size on a machine that does nothing else. Beside other
# tests a busy processor takes its share of it; what is not cut off at all goes on far longer than ten.
A_SECOND = 1.0 if os.environ.get("GOVDATA_TEST_ALL") else 10.0


class Answer:
    """An answer with the names that the tests' in-process client gives its own."""

    def __init__(self, given: requests.Response) -> None:
        self.status_code = given.status_code
        self.headers = given.headers
        self.data = given.content

    def get_data(self, as_text: bool = False) -> Any:
        return self.data.decode("utf-8", "replace") if as_text else self.data

    @property
    def json(self) -> Any:
        return json.loads(self.data)


class Web:
    """Asks the server at this address, following no redirect."""

    def __init__(self, base: str) -> None:
        self.base = base

    def get(self, address: str, headers: dict[str, str] | None = None, follow_redirects: bool = False) -> Answer:
        return Answer(requests.get(self.base + address, headers=headers, allow_redirects=False, timeout=60))

    def head(self, address: str, headers: dict[str, str] | None = None) -> Answer:
        return Answer(requests.head(self.base + address, headers=headers, allow_redirects=False, timeout=60))

    def post(
        self, address: str, headers: dict[str, str] | None = None, follow_redirects: bool = False, **body: Any
    ) -> Answer:
        return Answer(requests.post(self.base + address, headers=headers, allow_redirects=False, timeout=60, **body))

    def stream(self, address: str, headers: dict[str, str]) -> requests.Response:
        return requests.get(self.base + address, headers=headers, stream=True, timeout=60)


@contextmanager
def serving(application: Any) -> Iterator[Web]:
    """A server with a thread for each connection, on a free port."""
    server = make_server("127.0.0.1", 0, application, threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield Web(f"http://127.0.0.1:{server.server_port}")
    finally:
        server.shutdown()
        thread.join()
