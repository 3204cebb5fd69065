"""Nothing is half translated: Chinese pages hold no Latin words but names, English pages no Chinese but marked data."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest

from .sample_city import ADMIN
from .test_accessible import OFFICERS, PUBLIC

# Names of formats, programs and things that are written so in Chinese texts too; and what the sample city calls its own.
NAMES = frozenset(
    re.findall(
        r"\w+",
        "CSV Excel JSON GeoJSON GEOJSON XLSX PDF XML API KB MB curl Python JavaScript ICP English axe error asc desc "
        "Authorization Public car parks data jianghai example api name bays nan COUNTER Lines PROV OpenAPI TSV",
    )
)
# The visible text without code, without what is marked as being in the other language, and without addresses.
_TEXT = """(other) => {
  const copy = document.body.cloneNode(true);
  copy.querySelectorAll(`code, pre, script, style, iframe, select, [lang|="${other}"], [hidden]`).forEach(e => e.remove());
  const walker = document.createTreeWalker(copy, NodeFilter.SHOW_TEXT);
  const texts = [];
  while (walker.nextNode()) texts.push(walker.currentNode.nodeValue);
  return texts.join(" ") + " " + [...copy.querySelectorAll("[placeholder], [aria-label], [title], [alt]")]
    .map(e => ["placeholder", "aria-label", "title", "alt"].map(a => e.getAttribute(a) || "").join(" ")).join(" ")
    + " " + document.title;
}"""


def _walk(page: Any, prefix: str, user: bool) -> list[tuple[str, str]]:
    base = page.url.removesuffix("/about")
    texts = []
    for name, path in (OFFICERS if user else PUBLIC).items():
        page.goto(base + prefix + path)
        texts.append((name, page.evaluate(_TEXT, "en" if not prefix else "zh")))
    return texts


@pytest.mark.parametrize("user", ["", ADMIN])
def test_chinese_pages_hold_no_latin_words_but_names(open_page: Callable[..., Any], user: str) -> None:
    page = open_page("/about", user=user)
    found = {}
    for name, text in _walk(page, "", bool(user)):
        # Receipt numbers of objections are drawn from letters too, so that nobody counts them.
        text = re.sub(r"\S+@\S+|https?://\S+|/[a-z0-9/-]+|browser-\w+|\bY\d{8}-\w+", " ", text)
        words = set(re.findall(r"[A-Za-z]{2,}", text)) - NAMES - {"zzzz"}
        if words:
            found[name] = sorted(words)
    assert found == {}


@pytest.mark.parametrize("user", ["", ADMIN])
def test_english_pages_hold_no_chinese_but_marked_data(open_page: Callable[..., Any], user: str) -> None:
    page = open_page("/about", user=user)
    found = {}
    for name, text in _walk(page, "/en", bool(user)):
        # The words somebody searched for come back as they were typed.
        han = re.findall(r"[\u3400-\u9fff]+", re.sub("停车厂?", "", text))
        if han:
            found[name] = han
    assert found == {}


def test_the_page_says_its_language_and_leads_to_the_other(open_page: Callable[..., Any]) -> None:
    page = open_page("/dataset/?q=停车")
    assert page.get_attribute("html", "lang") == "zh-CN"
    page.get_by_text("English").first.click()
    assert page.get_attribute("html", "lang") == "en"
    assert page.input_value("#field-main-search") == "停车"
