"""A server with two datasets in every shape that a kind of source knows."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import sha256
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

CSV = "标题,来源部门,开放属性\n停车场名录,江浦市城管局,无条件开放\n学校名录,江浦市教育局,有条件开放\n".encode("gb18030")
DATA_JSON = json.dumps(
    {
        "@type": "dcat:Catalog",
        "dataset": [
            {
                "@type": "dcat:Dataset",
                "identifier": f"x-{number}",
                "title": title,
                "accessLevel": level,
                "publisher": {"name": "江浦市城管局"},
            }
            for number, (title, level) in enumerate([("停车场名录", "public"), ("学校名录", "non-public")])
        ],
    }
).encode()
RDF = """<?xml version="1.0" encoding="utf-8"?>
<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns:dcat="http://www.w3.org/ns/dcat#"
  xmlns:dct="http://purl.org/dc/terms/">
<dcat:Catalog rdf:about="http://example.cn/catalog">{}</dcat:Catalog></rdf:RDF>""".format(
    "".join(
        f'<dcat:dataset><dcat:Dataset rdf:about="http://example.cn/dataset/{number}"><dct:title>{title}</dct:title>'
        f"<dct:identifier>x-{number}</dct:identifier></dcat:Dataset></dcat:dataset>"
        for number, title in enumerate(("停车场名录", "学校名录"))
    )
).encode()
PACKAGES: list[dict[str, Any]] = [
    {
        "id": f"0{number}",
        "name": f"d-{number}",
        "title": title,
        "organization": {"title": "江浦市城管局"},
        "open_tier": tier,
        "license_id": "cc-by",
        "tags": [{"name": "停车"}],
        "metadata_modified": "2026-01-01T00:00:00",
        "theme": "transport",
        "resources": [{"url": "https://example.cn/a.csv", "name": "甲", "format": "CSV"}],
    }
    for number, (title, tier) in enumerate([("停车场名录", "unconditional"), ("学校名录", "conditional")])
]
FILES = {
    "/list.csv": CSV,
    "/data.json": DATA_JSON,
    "/catalog.rdf": RDF,
    "/bucket/list.csv": CSV,
    "/error": b"<h1>!</h1>",
}


class _Handler(BaseHTTPRequestHandler):
    asked: list[dict[str, str]]

    def do_GET(self) -> None:
        self.asked.append(dict(self.headers.items()))
        address = urlsplit(self.path)
        if address.path in ("/api/action/package_search", "/api/3/action/package_search"):
            self._answer(_search(parse_qs(address.query)))
        elif address.path in FILES:
            self._answer(FILES[address.path])
        else:
            self.send_error(404)

    def _answer(self, body: bytes) -> None:
        etag = f'"{sha256(body).hexdigest()[:16]}"'
        if self.headers.get("If-None-Match") == etag:
            self.send_response(304)
            self.end_headers()
            return
        self.send_response(200)
        self.send_header("ETag", etag)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:
        """Nothing is printed."""


def _search(asked: dict[str, list[str]]) -> bytes:
    start, rows = int(asked["start"][0]), int(asked["rows"][0])
    found = {"count": len(PACKAGES), "results": PACKAGES[start : start + rows]}
    return json.dumps({"success": True, "result": found}).encode()


@contextmanager
def server() -> Iterator[tuple[str, list[dict[str, str]]]]:
    """Its address, and the headers of all requests."""
    asked: list[dict[str, str]] = []
    handler = type("Handler", (_Handler,), {"asked": asked})
    running = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=running.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{running.server_port}", asked
    finally:
        running.shutdown()
        running.server_close()
