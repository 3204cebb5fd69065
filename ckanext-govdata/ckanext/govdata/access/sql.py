"""SQL of a visitor held to the columns of a grant: each table is replaced by a subselect of its granted columns. Pure.

Guarantee: what the statement can name is what the subselect has, so no alias, join, whole row, ordering or condition reaches
another column. PostgreSQL's own parser reads the statement, and its tree is what is run, never the visitor's text.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pglast
from pglast import ast, visitors
from pglast.enums import SetOperation
from pglast.stream import RawStream


class Unreadable(ValueError):
    """This is not one statement that PostgreSQL's parser reads."""


def _parse(statement: str) -> Any:
    try:
        parsed = pglast.parser.parse_sql(statement)
    except pglast.parser.ParseError as error:
        raise Unreadable(str(error)) from error
    if len(parsed) != 1:
        raise Unreadable("more than one statement")
    return parsed[0]


def tables_of(statement: str) -> set[str]:
    """The names of all tables and views in a statement, whatever schema stands before them; raises Unreadable."""
    found: set[str] = set()

    class Tables(visitors.Visitor):
        def visit_RangeVar(self, ancestors: Any, node: ast.RangeVar) -> None:
            found.add(str(node.relname))

    Tables()(_parse(statement))
    return found


def held_to(statement: str, tables: Mapping[str, tuple[str, Sequence[str]]]) -> str:
    """The statement with each named table replaced by its granted columns.

    `tables` gives for a name in the statement the real table and the columns, none for all. Raises Unreadable.
    """

    class Narrowing(visitors.Visitor):
        def visit_RangeVar(self, ancestors: Any, node: ast.RangeVar) -> Any:
            if str(node.relname) not in tables:
                return None
            real, columns = tables[str(node.relname)]
            alias = node.alias or ast.Alias(aliasname=node.relname)
            if not columns:
                return ast.RangeVar(schemaname="public", relname=real, inh=True, relpersistence="p", alias=alias)
            return ast.RangeSubselect(subquery=_projection(real, columns), alias=alias)

    parsed = _parse(statement)
    Narrowing()(parsed)
    return str(RawStream()(parsed))


def _projection(table: str, columns: Sequence[str]) -> Any:
    targets = tuple(ast.ResTarget(val=ast.ColumnRef(fields=(ast.String(sval=column),))) for column in columns)
    source = ast.RangeVar(schemaname="public", relname=table, inh=True, relpersistence="p")
    return ast.SelectStmt(targetList=targets, fromClause=(source,), op=SetOperation.SETOP_NONE, all=False)
