"""A process that begins three others, says their numbers and then waits to be killed. Run by test_several.py."""

from __future__ import annotations

import os
import sys
import time

from ckan.cli import CKANConfigLoader
from ckan.config.middleware import make_app

from ckanext.govdata_search.several import workers


def who(_number: int) -> int:
    time.sleep(0.2)
    return os.getpid()


def main(ini: str) -> None:
    config = CKANConfigLoader(ini).get_config()
    config["ckan.plugins"] = "govdata_search"
    make_app(config)
    with workers(3) as working:
        print(*{pid for _item, pid in working.map(who, range(9))}, flush=True)
        time.sleep(600)


if __name__ == "__main__":
    main(sys.argv[1])
