"""`ckan govdata-withdraw`: withdraw a dataset, or rehearse it on a copy."""

from __future__ import annotations

from typing import Any

import click


@click.command("govdata-withdraw", short_help="Withdraw a dataset that leaked, or rehearse it.")
@click.argument("dataset")
@click.option("--rehearse", is_flag=True, help="Walk the whole path on a copy, and record the drill.")
@click.option("--user", required=True, help="The officer who acts.")
@click.option("--second", help="Of a rehearsal, the officer who opens again.")
@click.option("--reason", help="Why; for those who handle it.")
@click.option("--what", help="What leaked, as its holders are told; never the content.")
@click.pass_context
def withdraw(
    context: click.Context,
    dataset: str,
    rehearse: bool,
    user: str,
    second: str | None,
    reason: str | None,
    what: str | None,
) -> None:
    """Withdraw DATASET (name or id) on every route, and tell whoever has it (LYG-26).

    With --rehearse nothing happens to DATASET: a copy is withdrawn, worked over and opened again, and the seconds until
    each route is shut are printed and kept as a drill (LYG-34, GY-c7).
    """
    if rehearse:
        _rehearse(context, dataset, user, second)
        return
    if not reason or not what:
        raise click.UsageError("Give --reason and --what.")
    _withdraw(dataset, user, reason, what)


def _withdraw(dataset: str, user: str, reason: str, what: str) -> None:
    from ckan.plugins import toolkit as tk
    from ckan.types import Context

    try:
        found = tk.get_action("govdata_withdraw")(Context(user=user), {"id": dataset, "reason": reason, "what": what})
    except (tk.ObjectNotFound, tk.NotAuthorized, tk.ValidationError) as error:
        raise click.ClickException(str(error)) from error
    click.echo(f"{dataset} is withdrawn: case {found['id']}, {len(found['holders'])} holders told.")


def _rehearse(context: click.Context, dataset: str, user: str, second: str | None) -> None:
    from ckan import model

    from ckanext.govdata.cases.withdrawal.rehearsing import rehearse

    package, first, other = model.Package.get(dataset), model.User.get(user), model.User.get(second or "")
    if package is None or first is None or other is None or first.id == other.id:
        raise click.ClickException("Name a dataset, and two different officers by --user and --second.")
    application: Any = context.meta["flask_app"]
    found = rehearse(application, package, first, other)
    for name, taken in found.seconds.items():
        click.echo(f"{name}: {taken:.3f} s")
    click.echo(f"holders of {dataset} by the ledger: {found.holders}")
    for fault in found.faults:
        click.echo(f"! {fault}", err=True)
    if not found.whole:
        raise click.ClickException("The drill found faults; it is on record.")
    click.echo("The path is whole: withdrawn, sealed, confirmed, opened again by two; the copy is purged.")
