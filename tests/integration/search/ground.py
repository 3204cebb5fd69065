"""A process that has CKAN ready and forks others to write, read or rebuild, so that hundreds can be killed in a minute.

Orders come as lines of JSON on its standard input; each makes a child, whose lines carry its number: `N ready PID`,
`N KEY` for what it was told is in, `N ! ERROR`. Run by test_kills.py.
"""

from __future__ import annotations

import json
import os
import sys
import time
from typing import Any

from ckan.cli import CKANConfigLoader
from ckan.config.middleware import make_app


def say(number: int, *words: object) -> None:
    """One line in one write, so that children do not mix theirs."""
    os.write(1, f"{number} {' '.join(map(str, words))}\n".encode())


def write(number: int, order: dict[str, Any], connection: Any) -> None:
    """Documents one after another, now and then several at once, now and then one of its own deleted."""
    until = time.time() + order.get("seconds", 60)
    prefix, count = order["prefix"], 0
    while time.time() < until:
        keys = [f"{prefix}-{count + more}" for more in range(20 if count % 7 == 3 else 1)]
        connection.add([_document(key, prefix) for key in keys], commit=True)
        if order.get("look") and connection.search(f"id:{keys[-1]}", rows=0).hits != 1:
            say(number, "! its own write is not seen:", keys[-1])
        for key in keys:
            say(number, key, time.time())
        count += len(keys)


def _document(key: str, prefix: str) -> dict[str, Any]:
    return {"index_id": key, "id": key, "site_id": prefix, "title": "同时写入", "notes": "x " * 500}


def rebuild(number: int, order: dict[str, Any], _connection: Any) -> None:
    from ckanext.govdata_search.projection import projection

    while True:
        projection().rebuild(processes=order.get("processes", 1))
        say(number, "rebuilt")


def read(number: int, order: dict[str, Any], connection: Any) -> None:
    """Look for what others said is in, until it is seen; say how late that was."""
    until = time.time() + order["seconds"]
    line = ""
    with open(order["file"], encoding="utf-8") as lines:  # noqa: PTH123
        while time.time() < until:
            # A line may be there only in part as yet.
            line += lines.readline()
            if not line.endswith("\n"):
                time.sleep(0.01)
                continue
            key, said = line.split()
            line = ""
            while connection.search(f"id:{key}", rows=0).hits != 1:
                time.sleep(0.005)
            say(number, "late", round(time.time() - float(said), 4))


def main(ini: str, index: str) -> None:
    config = CKANConfigLoader(ini).get_config()
    settings = {
        "ckan.plugins": "govdata_search",
        "govdata.search.engine": "tantivy",
        "govdata.search.index_path": index,
    }
    config.update(settings)
    make_app(config)
    from ckan import model
    from ckan.lib.search import make_connection

    say(0, "ready", os.getpid())
    for number, line in enumerate(sys.stdin, 1):
        order = json.loads(line)
        if os.fork():
            continue
        model.meta.engine.dispose(close=False)
        try:
            say(number, "ready", os.getpid())
            {"write": write, "rebuild": rebuild, "read": read}[order["do"]](
                number, order, make_connection(decode_dates=False)
            )
        except BaseException as error:  # noqa: BLE001
            say(number, "!", type(error).__name__, str(error).replace("\n", " ")[:300])
        os._exit(0)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2])
