"""Databases with a ledger of their own: strict, weak, or copied from one with a history."""

from __future__ import annotations

import json
import secrets
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg2
import pytest
from psycopg2 import sql
from sqlalchemy.engine import make_url

from ckanext.govdata.installation.supervisor import environment
from ckanext.govdata.ledger.entry import compose
from ckanext.govdata.ledger.intake import Intake
from ckanext.govdata.ledger.keys import Folder
from ckanext.govdata.ledger.sequencer import Sequencer, drain
from ckanext.govdata.ledger.strict import keeper_of, setup
from ckanext.govdata.ledger.tables import create
from ckanext.govdata.ledger.verify import Report, verify

from ..installation.instance import Instance

ORIGIN = "data.example.cn/ledger"
PASSWORD = "only-for-tests"
APP, DBOWNER = "govdata_ledger_test_app", "govdata_ledger_test_dbowner"


@dataclass(frozen=True)
class Ledger:
    """One database with a ledger, and the folder that belongs to it."""

    url: Callable[[str], str]
    keeper: str
    folder: Folder

    def connect(self, role: str = "") -> Any:
        """A connection as `app`, `dbowner`, `keeper`, or the superuser."""
        return psycopg2.connect(self.url(role))

    @property
    def intake(self) -> Intake:
        return Intake(self.url("app"))

    def record(self, count: int, action: str = "dataset-download") -> None:
        intake = self.intake
        for number in range(count):
            intake.record(compose(action, fields={"govdata.number": number}, personal={"user.name": f"王芳{number}"}))

    def sequence(self) -> int:
        """Sequence what waits and sign a checkpoint; returns the log's size."""
        with closing(self.connect("keeper")) as connection:
            sequencer = Sequencer(connection, self.folder)
            assert sequencer.acquire()
            drain(sequencer)
            sequencer.checkpoint()
            return sequencer.size

    def verify(self, role: str = "app", held: list[tuple[str, str]] | None = None) -> Report:
        with closing(self.connect(role)) as connection:
            return verify(connection, self.folder.verifiers(), self.folder.anchors(), held or [])

    def kinds(self, **options: Any) -> set[str]:
        return {finding.kind.value for finding in self.verify(**options).findings}

    def run(self, *statements: str, role: str = "") -> None:
        with closing(self.connect(role)) as connection, connection, connection.cursor() as cursor:
            for statement in statements:
                cursor.execute(statement)


@dataclass
class Cluster:
    """The PostgreSQL of the tests, as a superuser."""

    superuser_url: str
    made: list[str]

    def admin(self, *statements: sql.Composable) -> None:
        with closing(psycopg2.connect(self.superuser_url)) as connection:
            connection.autocommit = True
            with connection.cursor() as cursor:
                for statement in statements:
                    cursor.execute(statement)

    def create(self, template: str = "template0") -> str:
        name = f"govdata_ledger_test_{secrets.token_hex(4)}"
        words = sql.SQL("CREATE DATABASE {} OWNER {} TEMPLATE {}")
        self.admin(words.format(sql.Identifier(name), sql.Identifier(DBOWNER), sql.Identifier(template)))
        self.made.append(name)
        return name

    def url_of(self, database: str, keeper: str) -> Callable[[str], str]:
        base = make_url(self.superuser_url).set(database=database)

        def url(role: str) -> str:
            user = {"app": APP, "dbowner": DBOWNER, "keeper": keeper}.get(role)
            found = base.set(username=user, password=PASSWORD) if user else base
            return found.render_as_string(hide_password=False)

        return url

    def drop(self, database: str) -> None:
        self.admin(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(database)))


@pytest.fixture(scope="session")
def cluster(pytestconfig: pytest.Config) -> Iterator[Cluster]:
    from ckan.plugins import toolkit as tk

    url = make_url(str(tk.config["sqlalchemy.url"])).set(drivername="postgresql")
    found = Cluster(url.render_as_string(hide_password=False), [])
    with closing(psycopg2.connect(found.superuser_url)) as connection, connection.cursor() as cursor:
        cursor.execute("SELECT rolsuper FROM pg_roles WHERE rolname = current_user")
        if not cursor.fetchone()[0]:
            pytest.skip("the tests' database role is no superuser, so the attacks of one cannot be tried")
        for role in (APP, DBOWNER):
            cursor.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [role])
            verb = "ALTER" if cursor.fetchone() else "CREATE"
            cursor.execute(f"{verb} ROLE {role} LOGIN NOSUPERUSER PASSWORD '{PASSWORD}'")
        connection.commit()
    yield found
    for database in reversed(found.made):
        found.drop(database)
        found.admin(sql.SQL("DROP ROLE IF EXISTS {}").format(sql.Identifier(keeper_of(database))))


@pytest.fixture(scope="session")
def new_ledger(cluster: Cluster, tmp_path_factory: pytest.TempPathFactory) -> Callable[[], Ledger]:
    """Make an empty ledger in strict mode."""

    def make() -> Ledger:
        database = cluster.create()
        with closing(psycopg2.connect(cluster.url_of(database, "")(""))) as connection:
            keeper, _password = setup(connection, APP, PASSWORD)
        folder = Folder(tmp_path_factory.mktemp("ledger"))
        folder.make_key(ORIGIN)
        return Ledger(cluster.url_of(database, keeper), keeper, folder)

    return make


@pytest.fixture
def ledger(new_ledger: Callable[[], Ledger]) -> Ledger:
    return new_ledger()


@pytest.fixture
def weak_ledger(cluster: Cluster, tmp_path: Path) -> Ledger:
    """A ledger whose tables belong to the database's owner, who is also the portal."""
    database = cluster.create()
    url = cluster.url_of(database, DBOWNER)
    with closing(psycopg2.connect(url("dbowner"))) as connection, connection, connection.cursor() as cursor:
        create(cursor)
    folder = Folder(tmp_path / "ledger")
    folder.make_key(ORIGIN)
    return Ledger(url, DBOWNER, folder)


@pytest.fixture(scope="session")
def copy_of(cluster: Cluster, tmp_path_factory: pytest.TempPathFactory) -> Callable[[Ledger], Ledger]:
    """Copy a ledger with its folder, as a backup does."""

    def make(source: Ledger) -> Ledger:
        database = cluster.create(make_url(source.url("")).database or "")
        folder = tmp_path_factory.mktemp("ledger") / "copy"
        shutil.copytree(source.folder.path, folder)
        return Ledger(cluster.url_of(database, source.keeper), source.keeper, Folder(folder))

    return make


@pytest.fixture(scope="package")
def scene(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Instance, dict[str, str]]]:
    """A whole portal of its own with a holder and two files, for the tests that take its services away; set once for all."""
    instance = Instance(tmp_path_factory.mktemp("scene") / "var")
    try:
        instance.up()
        script = str(Path(__file__).with_name("kill_scene.py"))
        made = subprocess.run(
            [sys.executable, script, str(instance.data / "ckan.ini")],
            env=environment(instance.portal.layout),
            capture_output=True,
            text=True,
            cwd="/",
        )
        assert made.returncode == 0, made.stderr[-2000:]
        yield instance, json.loads(made.stdout.splitlines()[-1])
    finally:
        instance.clear()
