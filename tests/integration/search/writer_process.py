"""A process that writes documents one after another and says each that it was told is in. Run by test_processes.py."""

from __future__ import annotations

import sys

from ckan.cli import CKANConfigLoader
from ckan.config.middleware import make_app


def main(ini: str, index: str, prefix: str, count: int) -> None:
    config = CKANConfigLoader(ini).get_config()
    config.update(
        {"ckan.plugins": "govdata_search", "govdata.search.engine": "tantivy", "govdata.search.index_path": index}
    )
    make_app(config)
    from ckan.lib.search import make_connection

    connection = make_connection(decode_dates=False)
    print("ready", flush=True)
    sys.stdin.readline()
    for number in range(count):
        key = f"{prefix}-{number}"
        connection.add(
            [{"index_id": key, "id": key, "site_id": prefix, "title": "同时写入", "notes": "x " * 2000}], commit=True
        )
        print(key, flush=True)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], sys.argv[3], int(sys.argv[4]))
