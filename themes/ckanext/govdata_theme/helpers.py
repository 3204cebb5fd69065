"""What the templates ask for; each function's words stand in the module that its noun names."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any

from ckan.plugins import toolkit as tk
from markupsafe import Markup, escape

from . import (
    agreement_life,
    agreement_words,
    applications,
    case_desk,
    config,
    contributions,
    entry,
    forms,
    grants,
    home,
    leaks,
    list_words,
    menus,
    misuse,
    model_texts,
    notices,
    objections,
    party_words,
    requests,
    search,
    states,
    uses,
    words,
)
from .addresses import govdata_address_set, govdata_address_with, govdata_address_without, govdata_pages
from .agencies import govdata_agency_choices, govdata_agency_contact, govdata_agency_title
from .lists import govdata_agency_counts, govdata_agency_list, govdata_agency_negative, govdata_given

_LARGE_TYPE_COOKIE = "govdata_large_type"
_MARK = "/govdata_theme/mark.svg"
_HAN = re.compile(r"[\u3400-\u9fff]")


def govdata_icon(name: str) -> Markup:
    """A drawing of the set beside a word that says the same; hidden from screen readers."""
    address = tk.h.url_for_static("/govdata_theme/icons.svg")
    return Markup('<svg class="gd-icon" aria-hidden="true" focusable="false"><use href="{}#{}"></use></svg>').format(
        address, name
    )


def govdata_mark(text: str, query: str) -> Markup:
    """The text with the words of the query marked."""
    if not query:
        return escape(text)
    cut = search.pieces(text, query)
    return Markup("").join(Markup("<mark>{}</mark>").format(part) if marked else escape(part) for part, marked in cut)


def govdata_site_name() -> str:
    """The site's name in the reader's language."""
    return config.site_title_en() if words.is_english() else str(tk.config.get("ckan.site_title"))


def _own_or_mark(setting: str) -> str:
    """The address of the city's own picture, or of the mark that comes with the portal where CKAN's own is still set."""
    own = str(tk.config.get(setting) or "")
    address = _MARK if not own or own.startswith("/base/images/ckan") else own
    return str(tk.h.url_for_static_or_external(address))


def govdata_logo() -> str:
    return _own_or_mark("ckan.site_logo")


def govdata_favicon() -> str:
    return _own_or_mark("ckan.favicon")


def govdata_is_here(address: str) -> bool:
    """Whether the page at hand is this address or lies below it; the home page is only itself."""
    here = str(tk.h.url_for(tk.request.path)).rstrip("/")
    home_page, there = str(tk.h.url_for("home.index")).rstrip("/"), address.rstrip("/")
    return here == there or (there != home_page and here.startswith(f"{there}/"))


def govdata_lang_of(text: str) -> str:
    """`zh-CN` for Chinese words on a page in another language, so that they are read out in Chinese; else empty."""
    return "zh-CN" if words.is_english() and _HAN.search(str(text or "")) else ""


def govdata_large_type() -> bool:
    """Whether the reader switched to the large-type version (关怀版)."""
    return tk.request.cookies.get(_LARGE_TYPE_COOKIE) == "on"


def govdata_page_lang() -> str:
    """The page's language as browsers and screen readers expect it: zh-CN, en."""
    lang = str(tk.h.lang() or "zh_Hans_CN")
    return "zh-CN" if lang == "zh_Hans_CN" else str(tk.h.unix_locale_to_bcp47(lang))


def govdata_languages() -> list[dict[str, str]]:
    """The other languages offered: `name` in that language, `lang`, `url` of this same page in it."""
    names = {"zh_Hans_CN": ("简体中文", "zh-CN"), "en": ("English", "en")}
    others = [locale for locale in tk.h.get_available_locales() if locale.short_name != tk.h.lang()]
    return [
        {
            "name": names.get(locale.short_name, (locale.display_name, ""))[0],
            "lang": names.get(locale.short_name, ("", locale.short_name.replace("_", "-")))[1],
            "url": tk.h.url_for(tk.h.current_url(), locale=locale.short_name),
        }
        for locale in others
    ]


def govdata_facet_label(facet: str, item: dict[str, Any]) -> str:
    """The word for one value of a facet in the reader's language."""
    name = str(item["name"])
    if facet == "organization":
        return govdata_agency_title(name, str(item.get("display_name") or name))
    if facet == "open_tier":
        return states.govdata_tier_label(name)
    if facet == "res_format":
        return name
    return str(tk.h.govdata_choice_label(facet, name))


def govdata_json_ld_text(dataset: dict[str, Any]) -> Markup:
    """The description for machines as text that cannot end its script element."""
    described = entry.govdata_json_ld(dataset)
    if described is None:
        return Markup("")
    text = json.dumps(described, ensure_ascii=False, indent=1)
    return Markup(text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026"))  # noqa: S704


def govdata_most_rows() -> int:
    """The most rows that one answer of the DataStore holds."""
    return int(tk.config.get("ckan.datastore.search.rows_max") or 32000)


_FUNCTIONS: tuple[Callable[..., Any], ...] = (
    govdata_icon,
    govdata_mark,
    search.govdata_excerpt,
    search.govdata_did_you_mean,
    search.govdata_nearest,
    search.govdata_suggests,
    govdata_site_name,
    govdata_logo,
    govdata_favicon,
    govdata_is_here,
    govdata_lang_of,
    govdata_large_type,
    govdata_page_lang,
    govdata_languages,
    govdata_facet_label,
    govdata_json_ld_text,
    govdata_agency_title,
    govdata_agency_choices,
    govdata_agency_contact,
    govdata_agency_counts,
    govdata_agency_list,
    govdata_given,
    govdata_most_rows,
    govdata_agency_negative,
    govdata_address_set,
    govdata_address_with,
    govdata_address_without,
    govdata_pages,
    home.govdata_home,
    entry.govdata_title,
    entry.govdata_notes,
    entry.govdata_freshness,
    entry.govdata_formats,
    entry.govdata_total_size,
    entry.govdata_may_download,
    entry.govdata_citation,
    entry.govdata_versions,
    entry.govdata_first_rows,
    entry.govdata_footer,
    states.govdata_tier_label,
    states.govdata_tier_meaning,
    states.govdata_publication_label,
    states.govdata_publication_meaning,
    states.govdata_hold_cause,
    states.govdata_reviewer_label,
    states.govdata_questions,
    states.govdata_proof_label,
    states.govdata_change_label,
    states.govdata_change_reason,
    *party_words.HELPERS,
    forms.govdata_form_groups,
    words.govdata_date,
    words.govdata_moment,
    words.govdata_number,
    words.govdata_size,
    words.govdata_format,
)

HELPERS: dict[str, Callable[..., Any]] = {
    **{function.__name__: function for function in _FUNCTIONS},
    **uses.HELPERS,
    **leaks.HELPERS,
    **objections.HELPERS,
    **requests.HELPERS,
    **misuse.HELPERS,
    **contributions.HELPERS,
    **case_desk.HELPERS,
    **grants.HELPERS,
    **agreement_words.HELPERS,
    **agreement_life.HELPERS,
    **model_texts.HELPERS,
    **notices.HELPERS,
    **list_words.HELPERS,
    **menus.HELPERS,
    **applications.HELPERS,
    "govdata_tier_icon": states.tier_icon,
}
