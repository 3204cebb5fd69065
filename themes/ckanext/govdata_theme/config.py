"""The settings of the public pages, each by a typed function."""

from __future__ import annotations

from pathlib import Path

from ckan.plugins import toolkit as tk

FOOTER_KEYS = ("sponsor", "operator", "icp", "police", "site_identifier", "contact", "email")


def footer() -> dict[str, str]:
    """The texts that a Chinese government site must show, by their short key; empty where the city set none."""
    return {key: str(tk.config.get(f"govdata.footer.{key}") or "") for key in FOOTER_KEYS}


def own_text(page: str) -> str:
    """The city's own Markdown for the page `terms` or `accessibility`; empty when the city has none.

    A file that is set but cannot be read is an error of the installation and raises OSError.
    """
    path = str(tk.config.get(f"govdata.theme.{page}_file") or "")
    return Path(path).read_text(encoding="utf-8") if path else ""


def site_title_en() -> str:
    """The site's name on English pages."""
    return str(tk.config["govdata.theme.site_title_en"])
