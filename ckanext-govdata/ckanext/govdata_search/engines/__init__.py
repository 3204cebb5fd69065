"""The engines by name; an engine is imported only when it is chosen."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING

from ..errors import BadSetting

if TYPE_CHECKING:
    from ..config import Settings
    from .base import Engine

ENGINES: dict[str, str] = {
    "tantivy": "TantivyEngine",
    "elasticsearch": "ElasticsearchEngine",
    "memory": "MemoryEngine",
}


def make_engine(settings: Settings) -> Engine:
    """The engine that the settings name. Raises BadSetting for an unknown one, and for one whose packages are missing."""
    if settings.engine not in ENGINES:
        raise BadSetting("govdata.search.engine", settings.engine, f"one of {', '.join(sorted(ENGINES))}")
    try:
        module = importlib.import_module(f"{__name__}.{settings.engine}")
    except ImportError as error:
        if str(error.name).startswith("ckanext."):
            raise
        brings = f'pip install "ckanext-govdata[{settings.engine}]" brings'
        wanted = f"an engine whose packages are there; {error.name} is not, which {brings}"
        raise BadSetting("govdata.search.engine", settings.engine, wanted) from error
    return getattr(module, ENGINES[settings.engine])(settings)
