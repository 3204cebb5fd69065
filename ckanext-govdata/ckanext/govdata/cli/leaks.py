"""`ckan govdata leak-trace`: whose delivery a leaked file is consistent with."""

from __future__ import annotations

import base64
from pathlib import Path

import click


@click.command("leak-trace", short_help="Whose delivery is a leaked file consistent with?")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--resource", required=True, help="Id of the portal's file that it may come from.")
@click.option("--reason", required=True, help="Why; its digest stands in the ledger.")
@click.option("--user", required=True, help="The officer of the authority who asks.")
@click.option("--source", type=click.Path(exists=True, dir_okay=False, path_type=Path), help="An older version of it.")
def leak_trace(file: Path, resource: str, reason: str, user: str, source: Path | None) -> None:
    """Compare FILE with the register of marked deliveries (LYG-26). The question and the answer are in the ledger."""
    from ckan.plugins import toolkit as tk
    from ckan.types import Context

    asked = {"id": resource, "reason": reason, "upload": base64.b64encode(file.read_bytes()).decode()}
    if source:
        asked["source"] = base64.b64encode(source.read_bytes()).decode()
    try:
        # CKAN asks a sysadmin no permission; whoever types a command here could read the key in any case.
        found = tk.get_action("govdata_leak_trace")(Context(user=user), asked)
    except (tk.ObjectNotFound, tk.NotAuthorized, tk.ValidationError) as error:
        raise click.ClickException(str(error)) from error
    click.echo(
        f"{found['answer']}: {found['matched']} of {found['rows']} rows, {found['candidates']} deliveries compared"
    )
    for one in found["named"]:
        click.echo(
            f"  party {one['party']} grant {one['grant']} z {one['z']} ({one['channel']}) delivery {one['delivery']}"
        )
    click.echo(found["caution"])
