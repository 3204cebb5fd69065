"""`ckan govdata docs`: the reference pages, written from the code, so that every setting, action and command stands there."""

from __future__ import annotations

import inspect
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import ckan.plugins as p
import click
from ckan.common import config_declaration

_OWN = ("govdata", "govdata_search", "govdata_harvest", "govdata_theme")
_NOTE = "<!-- Written by `./govdata ckan govdata docs docs/reference`; edit the code, not this page. -->\n"


@click.command(short_help="Write the reference pages from the code.")
@click.argument("folder", type=click.Path(path_type=Path, file_okay=False))
def docs(folder: Path) -> None:
    """Write settings.md, actions.md, commands.md, inventory.md and state-machines.md into FOLDER."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in pages().items():
        (folder / name).write_text(text, encoding="utf-8")
        click.echo(str(folder / name))


def pages() -> dict[str, str]:
    """Each reference page's file name and whole text."""
    from ckanext.govdata.access import inventory
    from ckanext.govdata.workflow import rendering

    made = {"settings.md": settings_page(), "actions.md": actions_page(), "commands.md": commands_page()}
    made["state-machines.md"] = _NOTE + "\n" + rendering.render()
    return {**made, "inventory.md": _NOTE + inventory.render()}


def settings_page() -> str:
    """Every setting of ours with its default and purpose."""
    rows = [
        f"| `{key}` | `{json.dumps(option.default, ensure_ascii=False)}` | {_line(option.description or '')} |"
        for key in sorted(config_declaration.iter_options(), key=str)
        if str(key).startswith("govdata.") and (option := config_declaration[key])
    ]
    return "\n".join([_NOTE, "# Settings", "", "| setting | default | what it does |", "|---|---|---|", *rows, ""])


def actions_page() -> str:
    """Every action of ours with its parameters and result, from its docstring."""
    parts = [_NOTE, "# Actions", "", "Called like CKAN's own: `POST /api/3/action/NAME` with a JSON object.", ""]
    for name, action in sorted(_actions()):
        parts += [f"## `{name}`", "", inspect.getdoc(action) or "", ""]
    return "\n".join(parts)


def commands_page() -> str:
    """Every command of ours with its options."""
    parts = [_NOTE, "# Commands", "", "Called as `./govdata ckan COMMAND`.", ""]
    for path, command in sorted(_commands()):
        options = [_option_line(option) for option in command.params if option.name != "help"]
        parts += [f"## `{path}`", "", _line(command.help or ""), "", *options, *([""] if options else [])]
    return "\n".join(parts)


def _option_line(option: click.Parameter) -> str:
    if not isinstance(option, click.Option):
        return f"- `{(option.name or '').upper()}`"
    return f"- `{option.opts[0]}`" + (f": {_line(option.help)}" if option.help else "")


def _line(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")


def _own_plugins(interface: Any) -> Iterator[Any]:
    return (plugin for plugin in p.PluginImplementations(interface) if plugin.name in _OWN)


def _actions() -> Iterator[tuple[str, Callable[..., Any]]]:
    for plugin in _own_plugins(p.IActions):
        for name, action in plugin.get_actions().items():
            if name.startswith("govdata_"):
                yield name, action


def _commands() -> Iterator[tuple[str, click.Command]]:
    for plugin in _own_plugins(p.IClick):
        for command in plugin.get_commands():
            yield from _walk(str(command.name), command)


def _walk(path: str, command: click.Command) -> Iterator[tuple[str, click.Command]]:
    if isinstance(command, click.Group):
        for name, inner in command.commands.items():
            yield from _walk(f"{path} {name}", inner)
    else:
        yield path, command
