"""YAML with line numbers: each value knows the line it stands in, so that an error can name it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import yaml
from yaml.composer import ComposerError

from ckanext.govdata.rules.errors import Problem, RepeatedKeyProblem, SyntaxProblem, UnreadableFileError


@dataclass(frozen=True)
class Scalar:
    """A text, number, date, truth value or nothing, as YAML reads it, and as it was written."""

    line: int
    value: object
    written: str


@dataclass(frozen=True)
class Sequence:
    line: int
    items: tuple[Located, ...]


@dataclass(frozen=True)
class Mapping:
    """A mapping; `keys` gives the line of each key."""

    line: int
    entries: dict[str, Located]
    keys: dict[str, int]


Located = Scalar | Sequence | Mapping


class _Loader(yaml.SafeLoader):
    """Without aliases: a rule is read where it stands, and none can contain itself."""

    def compose_node(self, parent: yaml.Node | None, index: int) -> yaml.Node | None:
        if self.check_event(yaml.AliasEvent):
            mark = self.peek_event().start_mark
            raise ComposerError(None, None, "aliases (*name) are not used in rule packs", mark)
        return super().compose_node(parent, index)


class Reader:
    """Reads one file. Problems are collected in `problems`, not raised, so that all of them can be told at once."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.name = path.name
        self.problems: list[Problem] = []

    def report(self, kind: type[Problem], line: int, where: str = "", **facts: object) -> None:
        self.problems.append(kind(self.name, line, where, **facts))

    def read(self) -> Located | None:
        """The file's content; None when it is empty or no YAML. Raises UnreadableFileError."""
        try:
            text = self.path.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            raise UnreadableFileError(file=self.path, reason=getattr(error, "strerror", None) or error) from error
        loader: _Loader | None = None
        try:
            loader = _Loader(text)
            node = loader.get_single_node()
            return None if node is None else self._located(loader, node)
        except yaml.YAMLError as error:
            self._report_yaml(error)
            return None
        finally:
            if loader is not None:
                loader.dispose()

    def _report_yaml(self, error: yaml.YAMLError) -> None:
        mark = getattr(error, "problem_mark", None)
        reason = getattr(error, "problem", None) or getattr(error, "reason", None) or error
        self.report(SyntaxProblem, mark.line + 1 if mark else 1, reason=reason)

    def _located(self, loader: _Loader, node: yaml.Node) -> Located:
        line = node.start_mark.line + 1
        if isinstance(node, yaml.MappingNode):
            return self._mapping(loader, node, line)
        if isinstance(node, yaml.SequenceNode):
            return Sequence(line, tuple(self._located(loader, item) for item in node.value))
        try:
            return Scalar(line, loader.construct_object(node), node.value)
        except ValueError as error:
            self.report(SyntaxProblem, line, reason=f"{node.value}: {error}")
            return Scalar(line, None, node.value)

    def _mapping(self, loader: _Loader, node: yaml.MappingNode, line: int) -> Mapping:
        entries: dict[str, Located] = {}
        keys: dict[str, int] = {}
        for key_node, value_node in node.value:
            key, key_line = str(key_node.value), key_node.start_mark.line + 1
            if key in entries:
                self.report(RepeatedKeyProblem, key_line, key=key, first=keys[key])
                continue
            entries[key] = self._located(loader, value_node)
            keys[key] = key_line
        return Mapping(line, entries, keys)
