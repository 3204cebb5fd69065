"""The table role x permission as Markdown, made from the permissions; docs/roles.md carries it, and a test compares."""

from __future__ import annotations

from .domain import GRANTS, Permission, Role

BEGIN, END = "<!-- generated from the permissions: begin -->", "<!-- generated from the permissions: end -->"


def render() -> str:
    """The table, then what each permission is for, with the rule behind it and the words of its denial."""
    roles = [role.value.replace("_", " ") for role in Role]
    table = _markdown(["permission", *roles], [[f"`{name.value}`", *_reaches(name)] for name in Permission])
    words = [[f"`{name.value}`", grant.meaning, grant.source, grant.denial] for name, grant in GRANTS.items()]
    return f"{table}\n\n{_markdown(['permission', 'lets somebody', 'rule', 'who is denied reads'], words)}"


def _reaches(permission: Permission) -> list[str]:
    return [reach.value if (reach := GRANTS[permission].reach(role)) else "" for role in Role]


def _markdown(head: list[str], rows: list[list[str]]) -> str:
    return "\n".join("| " + " | ".join(row) + " |" for row in [head, ["---"] * len(head), *rows])
