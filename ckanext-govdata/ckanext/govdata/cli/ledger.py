"""`ckan govdata ledger`: set up, sequence, sign, verify, purge."""

from __future__ import annotations

import signal
import threading
import time
from contextlib import closing
from pathlib import Path
from types import FrameType

import click
import psycopg2
from sqlalchemy.engine import make_url

from ckanext.govdata import config
from ckanext.govdata.ledger import portal
from ckanext.govdata.ledger.checkpoint import Checkpoint
from ckanext.govdata.ledger.cosigning import accept
from ckanext.govdata.ledger.errors import LedgerError
from ckanext.govdata.ledger.health import WORDS, Alarm, alarms
from ckanext.govdata.ledger.keeping import note_keeping
from ckanext.govdata.ledger.mode import mode
from ckanext.govdata.ledger.note import Verifier
from ckanext.govdata.ledger.purging import purge as purge_values
from ckanext.govdata.ledger.reading import run_on
from ckanext.govdata.ledger.service import Service
from ckanext.govdata.ledger.standing import standing
from ckanext.govdata.ledger.strict import setup as set_up
from ckanext.govdata.ledger.verify import verify as verify_log


@click.group(short_help="The ledger: set up, sequence, verify, purge.")
def ledger() -> None:
    """The record of every use and decision, and the proof that nobody changed it."""


@ledger.command()
@click.option(
    "--superuser-url", required=True, help="The portal's database, as a superuser: postgresql://postgres@host/db"
)
def setup(superuser_url: str) -> None:
    """Let the database itself guard the ledger: tables owned by a role of their own. May be repeated."""
    with closing(psycopg2.connect(portal.libpq(superuser_url))) as connection:
        keeper, password = set_up(connection, str(make_url(portal.portal_url()).username))
        note_keeping(connection, "ledger-guarded")
    url = make_url(portal.portal_url()).set(username=keeper, password=password)
    portal.folder().write_keeper_url(url.render_as_string(hide_password=False))
    if not portal.folder().verifiers():
        _make_key()
    _tell_mode()


@ledger.command()
@click.option(
    "--replace", is_flag=True, help="Make a new key although there is one; the old one goes on proving what it signed"
)
def keygen(replace: bool) -> None:
    """Make the key that signs checkpoints, and print its public half for the witnesses."""
    folder = portal.folder()
    if folder.verifiers() and not replace:
        raise click.ClickException(f"There is a key in {folder.path}. To make another one, say --replace.")
    click.echo(_make_key())


def _make_key() -> str:
    key = portal.folder().make_key(config.ledger_origin()).encode()
    with closing(_connect()) as connection:
        note_keeping(connection, "ledger-key-made", {"govdata.ledger.key": key})
    return key


@ledger.command()
@click.option("--once", is_flag=True, help="Sequence what waits, sign one checkpoint, and end")
def run(once: bool) -> None:
    """Sequence entries and sign checkpoints, until told to stop. A second one stands by."""
    stop = threading.Event()

    def end(_signal: int, _frame: FrameType | None) -> None:
        stop.set()

    service = Service(_connect, portal.folder(), config.ledger_checkpoint_seconds(), click.echo)
    try:
        if once:
            _tell_checkpoint(service.run_once())
        else:
            signal.signal(signal.SIGTERM, end)
            signal.signal(signal.SIGINT, end)
            service.run(lambda: not stop.is_set())
    except LedgerError as error:
        raise click.ClickException(str(error)) from error


@ledger.command()
@click.option("--key", help="The log's public key, where the one in the ledger's folder is not to be trusted")
@click.option(
    "--held",
    multiple=True,
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="A signed checkpoint that a witness or a receipt's holder keeps; may be given several times",
)
def verify(key: str | None, held: tuple[Path, ...]) -> None:
    """Check every entry, and name what was done to the log. Ends with 1 when something was."""
    folder = portal.folder()
    keys = [Verifier.parse(key)] if key else folder.verifiers()
    notes = [(file.name, file.read_text(encoding="utf-8")) for file in held]
    started = time.monotonic()
    with closing(portal.connect(portal.portal_url())) as connection:
        report = verify_log(connection, keys, folder.anchors(), notes)
    found = report.evidence
    click.echo(f"{found.size} entries read in {time.monotonic() - started:.1f} s, {len(found.right)} checkpoints hold.")
    for finding in report.findings:
        click.echo(f"{finding.kind.value}: {finding.message}", err=not finding.is_warning)
    if not report.sound:
        raise SystemExit(1)
    click.echo("The ledger is sound.")


@ledger.command()
def status() -> None:
    """Say how the ledger stands, and how well the database guards it. Ends with 1 on an alarm."""
    with closing(portal.connect(portal.portal_url())) as connection:
        found = standing(run_on(connection), portal.folder().path)
    click.echo(f"{found.size} entries in the log, {found.waiting} waiting for {found.waiting_seconds:.0f} s at most.")
    click.echo(f"The newest checkpoint covers {found.checkpoint_size} entries.")
    click.echo(f"{found.gap} entries could not be written and are counted as a gap.")
    _tell_mode()
    raised = [alarm for alarm in alarms(found, config.ledger_checkpoint_seconds()) if alarm is not Alarm.WEAK]
    for alarm in raised:
        click.echo(f"ALARM {alarm.value}: {WORDS[alarm]}", err=True)
    if raised:
        raise SystemExit(1)


@ledger.command()
def purge() -> None:
    """Delete names and addresses whose term is over. Proofs go on holding."""
    with closing(_connect()) as connection:
        click.echo(f"Purged the personal values of {purge_values(connection)} entries.")


@ledger.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def cosignature(file: Path) -> None:
    """Take in a checkpoint that a witness has cosigned."""
    with closing(_connect()) as connection, connection:
        try:
            name = accept(run_on(connection), file.read_text(encoding="utf-8"), config.ledger_witnesses())
        except LedgerError as error:
            raise click.ClickException(str(error)) from error
    click.echo(f"Taken: {name}.")


def _connect() -> psycopg2.extensions.connection:
    return portal.connect(portal.keeper_url())


def _tell_checkpoint(found: Checkpoint | None) -> None:
    click.echo(f"The newest checkpoint covers {found.size} entries." if found else "There is no checkpoint yet.")


def _tell_mode() -> None:
    with closing(portal.connect(portal.portal_url())) as connection:
        found = mode(run_on(connection))
    click.echo("Strict mode: the database guards the ledger." if found.strict else "Weak mode:")
    for sentence in found.shortcomings:
        click.echo(f"  {sentence}")
