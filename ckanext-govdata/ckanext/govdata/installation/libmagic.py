"""CKAN needs libmagic; where the system has none, the copy in the `pylibmagic` wheel does."""

import importlib
from ctypes.util import find_library

from ckanext.govdata.installation.words import Refusal


def ensure() -> None:
    """Make `import magic` work. Call before anything imports CKAN; child processes inherit it by environment."""
    if find_library("magic"):
        return
    try:
        importlib.import_module("pylibmagic")
    except ImportError as error:
        raise Refusal(
            "The library libmagic is missing. Install the package libmagic1 (Debian) or pip's pylibmagic.",
            "缺少 libmagic 库。请安装系统软件包 libmagic1(Debian), 或用 pip 安装 pylibmagic。",
        ) from error
