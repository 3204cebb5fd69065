"""`ckan govdata shut`: the switch from the command line."""

from __future__ import annotations

import click


@click.command(short_help="Shut a dataset at once, on every route.")
@click.argument("dataset")
@click.option("--reason", required=True, help="Why; for those who look into it.")
@click.option("--user", help="The officer who acts; the portal itself unless given.")
def shut(dataset: str, reason: str, user: str | None) -> None:
    """Shut DATASET (name or id), so that nobody gets its files, rows, previews or links (LYG-26).

    To open it again takes two persons, on the dataset's page or through the API.
    """
    from ckan.plugins import toolkit as tk
    from ckan.types import Context

    context = Context(user=user) if user else Context(ignore_auth=True)
    try:
        found = tk.get_action("govdata_shut")(context, {"id": dataset, "reason": reason})
    except (tk.ObjectNotFound, tk.NotAuthorized, tk.ValidationError) as error:
        raise click.ClickException(str(error)) from error
    click.echo(f"{dataset} is shut since {found['shut_at']}. Two persons open it again: propose, then decide.")
