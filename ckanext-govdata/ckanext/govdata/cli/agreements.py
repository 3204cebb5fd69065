"""`ckan govdata agreements`: keys, seals, model texts, signatures that wait, and checking a file."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import click
from ckan.plugins import toolkit as tk

from ckanext.govdata.agreements import keeping
from ckanext.govdata.agreements.sealing import folder
from ckanext.govdata.agreements.signing import sm2
from ckanext.govdata.agreements.verification.verify import check, report
from ckanext.govdata.agreements.verifying import verdict_of


@click.group(short_help="Agreements: keys, seals, model texts, verification.")
def agreements() -> None:
    """What seals agreements, and what checks them."""


@agreements.command()
def keygen() -> None:
    """Make the portal's root, the key that seals agreed signatures, and its clock; files that their owner alone reads."""
    title = str(tk.config.get("ckan.site_title") or tk.config["ckan.site_id"])
    try:
        folder().make(title)
    except FileExistsError as error:
        raise click.ClickException(f"There are keys already: {error}. Nothing was changed.") from error
    click.echo(f"Made in {folder().path}. Take root.key away: only new certificates need it.")


@agreements.command("seal-make")
@click.argument("agency")
def seal_make(agency: str) -> None:
    """Make an electronic seal of the file provider for an agency, by name or id."""
    found = tk.get_action("organization_show")({"ignore_auth": True}, {"id": agency, "include_users": False})
    folder().issue_seal(found["id"], f"{found['title'] or found['name']} 电子印章")
    click.echo(f"Made: {folder().path / 'seals' / found['id']}.crt")


@agreements.command("text-start")
def text_start() -> None:
    """Put the text that comes with the portal in force as `standard`, where no text of this key is; for a first start."""
    context: Any = {"ignore_auth": True, "user": tk.get_action("get_site_user")({"ignore_auth": True}, {})["name"]}
    known = tk.get_action("govdata_agreement_text_list")(context, {})
    if any(one["key"] == "standard" and one["state"] == "in_force" for one in known):
        click.echo("There is one in force already.")
        return
    draft = tk.get_action("govdata_agreement_text_draft")(context, {})
    tk.get_action("govdata_agreement_text_enforce")(context, {"id": draft["id"]})
    click.echo("In force: standard, version 1. The authority may write the next version.")


@agreements.command("try-again")
def try_again() -> None:
    """Complete signatures that wait for a timestamp or seal service; the worker does it every ten minutes too."""
    click.echo(f"Completed: {keeping.try_again()}")


@agreements.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--offline", is_flag=True, help="Check the signatures alone, without the ledger")
def verify(file: Path, offline: bool) -> None:
    """Check the file of an agreement; ends with 0 when it holds."""
    if offline:
        verdict = check(file.read_bytes(), folder().roots())
        click.echo(report(verdict, "both"))
        sys.exit(1 if verdict.failed else 0)
    told = verdict_of(file.read_bytes())
    for one in told["checks"]:
        mark = {True: "✓", False: "✗", None: "–"}[one["ok"]]
        click.echo(f"{mark} {one['words']['zh_Hans_CN']} / {one['words']['en']}")
    click.echo(f"{told['conclusion']['zh_Hans_CN']} / {told['conclusion']['en']}")
    sys.exit(0 if told["holds"] else 1)


@agreements.command("sm2-make")
def sm2_make() -> None:
    """Make the portal's SM2 key, for signatures beside a file; needs the extra `sm2`."""
    try:
        click.echo(f"Made: {sm2.make(folder().path)}")
    except (FileExistsError, sm2.Sm2Missing) as error:
        raise click.ClickException(str(error)) from error


@agreements.command("sm2-sign")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def sm2_sign(file: Path) -> None:
    """Write an SM2 signature over a file beside it, as FILE.sm2."""
    beside = file.with_name(f"{file.name}.sm2")
    try:
        beside.write_bytes(sm2.sign(folder().path, file.read_bytes()))
    except (OSError, sm2.Sm2Missing) as error:
        raise click.ClickException(str(error)) from error
    click.echo(f"Made: {beside}")


@agreements.command("sm2-verify")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.argument("signature", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.argument("key", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def sm2_verify(file: Path, signature: Path, key: Path) -> None:
    """Check an SM2 signature over a file by the public KEY; ends with 0 when it holds."""
    try:
        whole = sm2.holds(key.read_bytes(), signature.read_bytes(), file.read_bytes())
    except (ValueError, sm2.Sm2Missing) as error:
        raise click.ClickException(str(error)) from error
    click.echo("✓ SM2" if whole else "✗ SM2")
    sys.exit(0 if whole else 1)
