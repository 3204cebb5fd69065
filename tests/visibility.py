"""Who sees the metadata of which catalogue entry: from the matrix that the tests prove to docs/visibility.md.

python -m tests.visibility     writes docs/visibility.md anew
"""

from __future__ import annotations

from pathlib import Path

from .integration.catalogue.scene import KINDS, ROLES

PAGE = Path(__file__).parents[1] / "docs" / "visibility.md"
_KINDS = {
    "unconditional": "published, unconditional (无条件开放)",
    "conditional": "published, conditional (有条件开放)",
    "not_open_not_shared": "published, not open and not shared (不予开放、不予共享)",
    "held_unknown_tier": "held: its list's word for the tier is not known (待定)",
    "basis_outstanding": "held: its basis is outstanding (依据待补)",
    "in_review": "in review (审核中)",
    "draft": "draft (草稿)",
    "closed_later": "was open, is not open now",
    "not_open_shared": "published, not open, shared among agencies (不予开放, 可共享)",
    "not_open_released": "the same, released into the negative list (列入负面清单)",
}
_ROLES = {
    "visitor": "visitor",
    "data_user": "data user",
    "other_officer": "officer of another agency",
    "member": "member of the agency",
    "publisher": "publisher",
    "decider": "decider",
    "operator": "operator",
    "authority": "authority",
    "administrator": "administrator",
}
_WORDS = """# Who sees which entry

Made from the matrix in `tests/integration/catalogue/scene.py`; `tests/integration/catalogue/test_matrix.py` proves each cell, and
that for whoever may not see an entry it is as if it had never existed: in `package_show`, lists, search with crafted filters,
facet counts, autocomplete, feeds, DCAT, activity and every other action and page of the running portal.
To make it anew: `python -m tests.visibility`.

"Yes" is about metadata. Bytes and rows are the gate's business. A released *not open* entry shows its title, agency and basis to
everybody in the negative list, and nowhere else (LYG-7, YZ-22).

"""


def page() -> str:
    """The page: a row for each kind of entry, a column for each role."""
    heads = [_ROLES[role] for role in ROLES]
    rows = [["entry", *heads], ["---"] * (len(heads) + 1)]
    rows += [[_KINDS[kind], *("yes" if role in seen else "–" for role in ROLES)] for kind, seen in KINDS.items()]
    return _WORDS + "\n".join(f"| {' | '.join(row)} |" for row in rows) + "\n"


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
