"""What setting up a portal need not do again for each test: parse what does not change, look for what is there, hash slowly."""

from __future__ import annotations

import inspect
from collections import OrderedDict
from copy import copy
from functools import lru_cache, partial
from typing import Any

import sqlalchemy as sa
import yaml
from ckan import model
from ckan.cli.db import _run_migrations
from ckan.config.declaration import load as declarations
from ckan.model import user as users
from ckan.plugins import core as plugins
from ckanext.scheming import loader as schemas
from passlib.hash import pbkdf2_sha512  # pyright: ignore[reportAttributeAccessIssue] - made on demand

# Passwords of tests guard nothing; CKAN's 25,000 rounds cost 20 ms for each person.
_ROUNDS = 100


def set_up_quickly() -> None:
    """Make the parts of CKAN's setting up quicker that every test goes through; what they lead to stays the same."""
    declarations.handler._types["core"] = _CoreDeclaration(declarations.handler._types["core"])
    model.Repository.delete_all = _delete_all  # pyright: ignore[reportAttributeAccessIssue]
    users.pbkdf2_sha512 = pbkdf2_sha512.using(rounds=_ROUNDS)
    _load_plugins_quickly()


def _load_plugins_quickly() -> None:
    """Loading the plugins anew for each test was a third of the time of tests that need a portal."""
    # Every installed package's list of entry points was read for each plugin.
    plugins.entry_points = lru_cache(maxsize=None)(plugins.entry_points)  # pyright: ignore[reportPrivateImportUsage]
    inspect.stack = _callers
    if yaml.__with_libyaml__:
        # The schema of datasets, which no test changes; all other YAML is read as the portal reads it.
        schemas.load = partial(yaml.load, Loader=yaml.CSafeLoader)


def _callers(context: int = 0) -> list[inspect.FrameInfo]:
    """Who called, without the lines around each: CKAN's toolkit asks only from which file it was called."""
    found: list[inspect.FrameInfo] = []
    frame = inspect.currentframe()
    while frame := frame.f_back if frame else None:
        code = frame.f_code
        found.append(inspect.FrameInfo(frame, code.co_filename, frame.f_lineno, code.co_name, None, None))
    return found


class _CoreDeclaration:
    """CKAN's own settings, parsed and validated once; each declaration gets a copy of its own."""

    def __init__(self, load: Any) -> None:
        self._load: Any = load
        self._kept: Any = None

    def __call__(self, declaration: Any) -> None:
        if declaration._options or declaration._members:
            self._load(declaration)
        elif self._kept:
            declaration._options, declaration._members = _copied(*self._kept)
        else:
            self._load(declaration)
            self._kept = _copied(declaration._options, declaration._members)


def _copied(options: dict[Any, Any], members: list[Any]) -> tuple[OrderedDict[Any, Any], list[Any]]:
    """Options are changed by whoever declares more of them; keys and headings are not."""
    return OrderedDict((key, copy(option)) for key, option in options.items()), list(members)


def _delete_all(repository: Any) -> None:
    """As CKAN's own, with one question for all the tables that are there, and one statement for all."""
    repository.session.remove()
    connection = repository.session.connection()
    there = set(sa.inspect(connection).get_table_names()) - {"alembic_version"}
    names = [table.name for table in reversed(repository.metadata.sorted_tables) if table.name in there]
    if names:
        connection.exec_driver_sql(";".join(f'DELETE FROM "{name}"' for name in names))
    repository.session.commit()


class Migrations:
    """Runs a plugin's migrations, unless the database stands where they led before."""

    def __init__(self) -> None:
        self._heads: dict[str, str] = {}

    def __call__(self, plugin: str, version: str = "head", forward: bool = True) -> None:
        if forward and version == "head" and self._heads.get(plugin) == _stands_at(plugin) is not None:
            return
        _run_migrations(plugin, version, forward)
        if version == "head" and forward:
            self._heads[plugin] = _stands_at(plugin) or ""


def _stands_at(plugin: str) -> str | None:
    table = f"{plugin}_alembic_version"
    with model.ensure_engine().connect() as connection:
        if connection.scalar(sa.text("SELECT to_regclass(:table)"), {"table": table}) is None:
            return None
        return connection.scalar(sa.text(f"SELECT version_num FROM {table}"))
