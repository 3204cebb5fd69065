"""XML read as a stream without what makes it dangerous: no entities of its own, no other files, no boundless depth."""

from __future__ import annotations

import io
from collections.abc import Iterator
from typing import IO, Any

from lxml import etree  # pyright: ignore[reportAttributeAccessIssue]

from .errors import ListError


def safe_events(
    source: IO[bytes] | io.RawIOBase, events: tuple[str, ...], charset: str | None = None
) -> Iterator[tuple[str, Any]]:
    """The parser's events. Raises ListError where the text declares entities, XMLSyntaxError where it is broken."""
    parser = etree.iterparse(
        source,
        events=events,
        encoding=charset,
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
    )
    asked = False
    for event, element in parser:
        if not asked:
            asked = True
            _refuse_entities(element)
        yield event, element


def _refuse_entities(element: Any) -> None:
    dtd = element.getroottree().docinfo.internalDTD
    if dtd is not None and any(True for _ in dtd.iterentities()):
        raise ListError("xml_entities", 1)
