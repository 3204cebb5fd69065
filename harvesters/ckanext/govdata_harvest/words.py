"""The report in words, in the reader's language; the words are data (report_words.yaml)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from .readers import ListError


@cache
def _table() -> dict[str, dict[str, dict[str, str]]]:
    return yaml.safe_load((Path(__file__).parent / "report_words.yaml").read_text("utf-8"))


def language_of(locale: str) -> str:
    """`zh` for any Chinese locale, otherwise `en`."""
    return "zh" if locale.lower().startswith("zh") else "en"


def say(topic: str, key: str, language: str, **values: object) -> str:
    """One phrase; a key without words of its own is shown as it is."""
    phrase = _table()[topic].get(key)
    return phrase[language].format(**values) if phrase else key


def error_text(error: ListError, language: str) -> str:
    """Why a whole list was not read, where, and what to do."""
    text = say("errors", error.cause, language, line=error.line, detail=error.detail)
    return say("counts", "in_sheet", language, sheet=error.sheet, text=text) if error.sheet else text


def lines(report: Mapping[str, Any], language: str) -> Iterator[str]:
    """The report line by line."""
    yield say("counts", "heading", language, file=report["file"], list=report["list"])
    if not report["written"]:
        yield say("counts", "checked", language)
    shown = ("read", "added", "changed", "unchanged", "withdrawn", "held", "refused", "duplicates")
    yield "  " + " · ".join(f"{say('counts', name, language)} {report[name]}" for name in shown)
    tiers = report["tiers"]
    names = {
        "unconditional": "unconditional",
        "conditional": "conditional",
        "not_open": "not_open",
        "held": "tier_held",
    }
    tier_words = (f"{say('counts', word, language)} {tiers[key]}" for key, word in names.items())
    yield f"  {say('counts', 'tiers', language)}: " + " · ".join(tier_words)
    if report["safety"]:
        yield "  " + say("counts", f"safety_{report['safety']['cause']}", language, **report["safety"])
    if report["agencies_created"]:
        made = "agencies_created" if report["written"] else "agencies_missing"
        yield "  " + say("counts", made, language, count=len(report["agencies_created"]))
    yield from _problems(report, language)
    if report["columns_unknown"]:
        yield "  " + say("counts", "columns_unknown", language, names="、".join(report["columns_unknown"][:20]))
    yield "  " + say("counts", "rate", language, seconds=report["seconds"], rate=report["rate"])


def _problems(report: Mapping[str, Any], language: str) -> Iterator[str]:
    level = ""
    for problem in report["problems"]:
        if problem["level"] != level:
            level = problem["level"]
            yield f"  {say('levels', level, language)}"
        yield f"    {problem['count']:>6}  {say('causes', problem['cause'], language)}"
        if problem["cause"] == "duplicate":
            yield from _duplicates(report["duplicates_named"], language)
        else:
            yield from _examples(problem, language)


def _examples(problem: Mapping[str, Any], language: str) -> Iterator[str]:
    for example in problem["examples"]:
        key = "example_sheet" if example.get("sheet") else "example"
        place = say("counts", key, language, row=example["row"], sheet=example.get("sheet"))
        place += f" ({example['cell']})" if example.get("cell") else ""
        said = " = ".join(part for part in (example.get("column"), example.get("value")) if part)
        yield f"            {place}" + (f": {said}" if said else "")
    rest = problem["count"] - len(problem["examples"])
    if rest > 0:
        yield "            " + say("counts", "more", language, count=rest)


def _duplicates(named: list[dict[str, Any]], language: str) -> Iterator[str]:
    for found in (each for each in named if "same_as_row" in each):
        values = {"row": found["row"], "first": found["same_as_row"], "title": found["title"]}
        yield "            " + say("counts", "same_as", language, **values)
