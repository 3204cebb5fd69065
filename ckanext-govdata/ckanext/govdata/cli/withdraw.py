"""`ckan govdata-withdraw`: withdraw a dataset, rehearse it on a copy, or look for what leaks."""

from __future__ import annotations

from typing import Any

import click


@click.command("govdata-withdraw", short_help="Withdraw a dataset that leaked, or rehearse it.")
@click.argument("dataset")
@click.option("--rehearse", is_flag=True, help="Walk the whole path on a copy, and record the drill.")
@click.option("--scan", is_flag=True, help="Look for identity numbers in its files, and report what is found.")
@click.option("--user", help="The officer who acts; in a rehearsal one of the operator's, unless named.")
@click.option("--second", help="Of a rehearsal, the officer who opens again; one of the authority's, unless named.")
@click.option("--reason", help="Why; for those who handle it.")
@click.option("--what", help="What leaked, as its holders are told; never the content.")
@click.option("--notice-title", default="", help="The title that stays on the notice; withheld unless given.")
@click.pass_context
def withdraw(
    context: click.Context,
    dataset: str,
    rehearse: bool,
    scan: bool,
    user: str | None,
    second: str | None,
    reason: str | None,
    what: str | None,
    notice_title: str,
) -> None:
    """Withdraw DATASET (name or id) on every route, and tell whoever has it (LYG-26).

    Its title is withheld unless --notice-title says what it is called meanwhile: a title can tell what leaked.

    With --rehearse nothing happens to DATASET: a copy is withdrawn, worked over and opened again, and the seconds until
    each route is shut are printed and kept as a drill (LYG-34, GY-c7). With --scan its files are looked through.
    """
    if rehearse:
        _rehearse(context, dataset, user, second)
        return
    if scan:
        _scan(dataset)
        return
    if not user or not reason or not what:
        raise click.UsageError("Give --user, --reason and --what.")
    _withdraw(dataset, user, {"reason": reason, "what": what, "notice_title": notice_title})


def _withdraw(dataset: str, user: str, order: dict[str, str]) -> None:
    from ckan.plugins import toolkit as tk
    from ckan.types import Context

    try:
        found = tk.get_action("govdata_withdraw")(Context(user=user), {"id": dataset, **order})
    except (tk.ObjectNotFound, tk.NotAuthorized, tk.ValidationError) as error:
        raise click.ClickException(str(error)) from error
    click.echo(f"{dataset} is withdrawn: case {found['id']}, {len(found['holders'])} holders told.")
    click.echo(
        "Its title stays on the notice." if order["notice_title"] else "Its title is withheld; sealed with the rest."
    )


def _scan(dataset: str) -> None:
    from ckan import model

    from ckanext.govdata.cases.withdrawal.scanning import scan

    package = model.Package.get(dataset)
    if package is None or package.state != "active":
        raise click.ClickException(f"There is no dataset {dataset}.")
    reported = scan(package)
    click.echo(f"{package.name}: {len(reported)} files have what looks like identity numbers and was not reported yet.")
    for case in reported:
        click.echo(f"reported as case {case}")


def _rehearse(context: click.Context, dataset: str, user: str | None, second: str | None) -> None:
    from ckan import model

    from ckanext.govdata.cases.withdrawal.rehearsing import rehearse

    package = model.Package.get(dataset)
    if package is None or package.state != "active":
        raise click.ClickException(f"There is no dataset {dataset}.")
    first, other = _officers(user, second)
    click.echo(f"{package.name}: {first.name} withdraws a copy, {other.name} opens it again.")
    application: Any = context.meta["flask_app"]
    found = rehearse(application, package, first, other)
    for name, taken in found.seconds.items():
        click.echo(f"{name}: {taken:.3f} s")
    click.echo(f"holders of {package.name} by the ledger: {found.holders}")
    for fault in found.faults:
        click.echo(f"! {fault}", err=True)
    if not found.whole:
        raise click.ClickException("The drill found faults; it is on record.")
    click.echo("The path is whole: withdrawn, sealed, confirmed, opened again by two; the copy is purged.")
    click.echo(f"The drill is on record: {found.drill_id}")


def _officers(user: str | None, second: str | None) -> tuple[Any, Any]:
    """The two who take part: those named, else one of the operator's officers and another of the authority's."""
    from ckan import model

    from ckanext.govdata.roles.actors import officers_of
    from ckanext.govdata.roles.domain import Role

    first = model.User.get(user) if user else next(map(model.User.get, officers_of(Role.OPERATOR.value)), None)
    others = [second] if second else officers_of(Role.AUTHORITY.value)
    found = [one for one in map(model.User.get, others) if one is not None and (first is None or one.id != first.id)]
    if first is None or not found:
        raise click.ClickException(
            "It takes two different officers: appoint them, or name them by --user and --second."
        )
    return first, found[0]
