"""The documentation names everything that can be set, called or typed."""

from pathlib import Path

import pytest

from ckanext.govdata.cli.docs import pages

REFERENCE = Path(__file__).parents[2] / "docs" / "reference"


@pytest.mark.usefixtures("with_plugins")
def test_every_setting_action_and_command_stands_in_the_reference() -> None:
    for name, text in pages().items():
        written = (REFERENCE / name).read_text(encoding="utf-8")
        assert written == text, f"docs/reference/{name} is behind the code: ./govdata ckan govdata docs docs/reference"


@pytest.mark.usefixtures("with_plugins")
def test_every_setting_says_what_it_does_and_every_action_is_described() -> None:
    for name, text in pages().items():
        # An empty cell of a machine says that the role has no such step.
        rows = [row for row in text.splitlines() if row.startswith("| `") and name != "state-machines.md"]
        assert not [row for row in rows if row.endswith("|  |")], name
        headings = [part.strip() for part in text.split("## `")[1:]]
        assert all(len(part.splitlines()) > 2 and part.splitlines()[2].strip() for part in headings), name
