"""The table of visitors: what the gate answers whom. Read by the test that proves it, written into docs/access.md.

`python -m tests.access_table` writes the table anew.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml

HERE = Path(__file__).parent
PAGE = HERE.parent / "docs" / "access.md"
BEGIN, END = "<!-- generated from tests/access_table.yaml: begin -->", "<!-- generated: end -->"
WHO = {
    "anonymous": "anonymous",
    "signed_in": "signed in",
    "applicant": "applicant",
    "running": "holder of a running grant",
    "future": "of a future one",
    "ended": "of an ended one",
    "suspended": "of a suspended one",
    "revoked": "of a revoked one",
    "other_dataset": "of another dataset's",
    "columns_only": "of one for two columns",
    "other_member": "other member of the running grant's party",
    "own_agency": "the dataset's agency",
    "other_agency": "another agency",
    "operator": "operator",
    "authority": "authority",
    "administrator": "administrator (CKAN's sysadmin)",
}
_GIVEN: dict[str, Any] = yaml.safe_load((HERE / "access_table.yaml").read_text(encoding="utf-8"))
_TIERS = ("unconditional", "conditional", "not_open")


def _cell(tier: str, shut: bool, visitor: str) -> str:
    cells = _GIVEN[tier]["shut" if shut else "open"]
    return str(cells.get(visitor, cells["all"]))


EXPECTED: dict[tuple[str, bool], dict[str, str]] = {
    (tier, shut): {visitor: _cell(tier, shut, visitor) for visitor in WHO} for tier in _TIERS for shut in (False, True)
}


def render() -> str:
    """The table as Markdown, with the rule or reason behind each code."""
    columns = [(tier, shut) for shut in (False, True) for tier in _TIERS]
    head = ["visitor", *(f"{tier.replace('_', ' ')}{', shut' if shut else ''}" for tier, shut in columns)]
    rows = [[WHO[visitor], *(f"`{EXPECTED[column][visitor]}`" for column in columns)] for visitor in WHO]
    words = [[f"`{code}`", str(rule)] for code, rule in _GIVEN["rules"].items()]
    return f"{_markdown(head, rows)}\n\n{_markdown(['answer', 'rule or reason'], words)}"


def _markdown(head: list[str], rows: list[list[str]]) -> str:
    return "\n".join("| " + " | ".join(row) + " |" for row in [head, ["---"] * len(head), *rows])


def written() -> str:
    """The table as the page has it."""
    return PAGE.read_text(encoding="utf-8").split(BEGIN)[1].split(END)[0].strip()


def main() -> None:
    text = PAGE.read_text(encoding="utf-8")
    before, rest = text.split(BEGIN)
    PAGE.write_text(f"{before}{BEGIN}\n{render()}\n{END}{rest.split(END)[1]}", encoding="utf-8")


if __name__ == "__main__":
    main()
