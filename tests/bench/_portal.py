"""A made-up CKAN portal that is harvested: `python _portal.py PORT COUNT` answers `package_search` with so many datasets."""

from __future__ import annotations

import json
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

from tests.bench._made import FORMATS, records

WORDS = {"unconditional": "无条件开放", "conditional": "有条件开放", "not_open": "不予开放"}


def datasets(count: int) -> list[dict[str, Any]]:
    """So many datasets as `package_search` of a CKAN gives them; the same each time."""
    return [_dataset(record, number) for number, record in enumerate(records(count, seed=9))]


def _dataset(record: dict[str, Any], number: int) -> dict[str, Any]:
    address = f"http://portal.example/files/{number}"
    kind = FORMATS[number % len(FORMATS)]
    return {
        "id": f"0b9d{number:028x}",
        "name": f"dataset-{number:06}",
        "type": "dataset",
        "title": f"{record['title']} {number}",
        "notes": record.get("notes") or "",
        "license_id": "cc-by",
        "tags": [{"name": tag, "display_name": tag} for tag in record.get("tags") or ()],
        "resources": [{"id": f"1b9d{number:028x}", "url": f"{address}.csv", "name": "名录", "format": kind}],
        "metadata_created": "2026-01-05T08:00:00",
        "metadata_modified": "2026-02-03T08:00:00",
        "organization": {"name": "bureau", "title": "交通运输局"},
        "extras": [{"key": "open_type", "value": WORDS["unconditional" if number % 3 else "conditional"]}],
    }


def main() -> None:
    """Serve until ended."""
    found = datasets(int(sys.argv[2]))

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            address = urlsplit(self.path)
            if not address.path.endswith("/package_search"):
                self.send_error(404)
                return
            asked = parse_qs(address.query)
            start, rows = (int(asked.get(name, ["0"])[0]) for name in ("start", "rows"))
            result = {"count": len(found), "results": found[start : start + rows]}
            body = json.dumps({"success": True, "result": result}, ensure_ascii=False).encode()
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: Any) -> None:
            """Nothing is printed."""

    ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), Handler).serve_forever()


if __name__ == "__main__":
    main()
