"""Every reason has its sentence, and every sentence its Chinese."""

from __future__ import annotations

import re
from pathlib import Path

from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po

import ckanext.govdata_login as package
from ckanext.govdata_login.words import REFUSALS, WEAKNESSES

HOME = Path(package.__file__).parent
CORE = ("Login", "Password", "Remove")
# Said to a service by its own call, never to a person.
TO_SERVICES = "logout_"


def test_every_reason_to_refuse_has_a_sentence() -> None:
    reasons = {found for file in HOME.rglob("*.py") for found in re.findall(r'Refused\("([a-z_]+)"', file.read_text())}
    told = {reason for reason in reasons if not reason.startswith(TO_SERVICES)}
    assert told <= set(REFUSALS) and set(REFUSALS) <= told
    judged = set(re.findall(r'"([a-z_]+)"(?:, grave=True)?\)\n', (HOME / "weakness.py").read_text()))
    assert set(WEAKNESSES) <= judged


def test_every_sentence_has_its_chinese_with_the_same_places_to_fill() -> None:
    with (HOME / "i18n/zh_Hans_CN/LC_MESSAGES/ckanext-govdata_login.po").open("rb") as file:
        chinese = read_po(file, locale="zh_Hans_CN")
    methods = [("**.py", "python"), ("**/templates/**.html", "ckan.lib.extract:extract_ckan")]
    found = {message for _, _, message, _, _ in extract_from_dir(str(HOME), methods)}
    for message in found:
        one = message[0] if isinstance(message, tuple) else message
        translated = chinese.get(one)
        if one in CORE and translated is None:
            continue
        assert translated is not None and translated.string, one
        text = translated.string[0] if isinstance(translated.string, tuple) else translated.string
        assert set(re.findall(r"\{\w+\}", text)) == set(re.findall(r"\{\w+\}", one)), one
