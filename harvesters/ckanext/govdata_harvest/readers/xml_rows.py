"""XML as rows: the element that stands again and again and whose children bear known names is a row, wherever it stands."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from itertools import islice
from typing import Any

from lxml import etree  # pyright: ignore[reportAttributeAccessIssue]

from .columns import ColumnNames
from .errors import ListError
from .markup import safe_events
from .text_stream import TextBytes

Pieces = Callable[[], Iterable[str]]
Path = tuple[str, ...]
_LOOKED_AT = 20_000
_MOST_DEPTH = 60
_MOST_CHILDREN = 20_000
_MOST_NAMES = 200


def row_path(pieces: Pieces, names: ColumnNames) -> Path:
    """The path of the elements that are rows. Raises ListError where no element has two known names in it."""
    score: Counter[Path] = Counter()
    seen: Counter[Path] = Counter()
    for path, element in islice(_elements(pieces()), _LOOKED_AT):
        seen[path] += 1
        score[path] = max(score[path], names.known(sorted(set(_names(element)))))
    best = max(score, key=lambda path: (score[path], seen[path], -len(path)), default=())
    if score[best] < 2:
        raise ListError("header_unknown" if score else "list_empty", 1)
    return best


def _names(element: Any) -> Iterator[str]:
    yield from map(str, element.attrib)
    yield from (_label(child) for child in islice(element, _MOST_NAMES))


def xml_rows(pieces: Iterable[str], path: Path) -> Iterator[list[tuple[str, Any]]]:
    """The cells of each row in order. Raises ListError where the text breaks off."""
    for found, element in _elements(pieces, path):
        if found == path:
            yield list(_cells(element))


def _elements(pieces: Iterable[str], rows: Path | None = None) -> Iterator[tuple[Path, Any]]:
    """Every element with its path, at its end. Given the path of the rows, whatever is not inside one is forgotten at once."""
    path: list[str] = []
    try:
        for event, element in safe_events(TextBytes(pieces), ("start", "end"), "utf-8"):
            if event == "start":
                path.append(etree.QName(element).localname)
                if len(path) > _MOST_DEPTH:
                    raise ListError("xml_too_deep", element.sourceline or 0)
                continue
            yield tuple(path), element
            if rows is not None and (len(path) <= len(rows) or tuple(path[: len(rows)]) != rows):
                _forget(element)
            path.pop()
    except etree.XMLSyntaxError as error:
        raise ListError("xml_cut_short" if path else "xml_broken", error.lineno or 0) from None


def _forget(element: Any) -> None:
    element.clear(keep_tail=True)
    parent = element.getparent()
    while parent is not None and parent[0] is not element:
        del parent[0]


def _cells(element: Any) -> Iterator[tuple[str, Any]]:
    """The cells of a row: its attributes and its children; a child with children of its own is an object, or a list of them."""
    yield from ((etree.QName(name).localname, value) for name, value in element.attrib.items())
    for place, child in enumerate(element):
        if place > _MOST_CHILDREN:
            raise ListError("too_many_cells", child.sourceline or 0)
        yield _label(child), _value(child)


def _label(child: Any) -> str:
    """A child's name; one such as `<field name="标题">` is named by its attribute."""
    named = child.get("name") or child.get("label") or child.get("key")
    return named if named and len(child) == 0 else etree.QName(child).localname


def _value(element: Any) -> Any:
    if len(element) == 0:
        return (element.text or "").strip() or element.get("value", "")
    children = [(_label(child), _value(child)) for child in element]
    inner = [value for _, value in children if isinstance(value, dict)]
    if inner:
        return inner
    if len({name for name, _ in children}) == 1 and len(children) > 1:
        return [value for _, value in children]
    return dict(children)
