"""What was found is marked in the text as it stands, by the query's own words and theirs alone."""

from __future__ import annotations

import pytest

from ckanext.govdata_search import synonyms
from ckanext.govdata_search.highlight import Highlighting, pieces, sought
from ckanext.govdata_search.interpret import Manner, read_query, read_words

KNOWN = synonyms.read(["公交 = 公共交通"])


def marked(text: str, query: str) -> str:
    manner = Manner(weights={"text": 1.0}, synonyms=KNOWN)
    tree = read_query(query, Manner(synonyms=KNOWN)) if ":" in query else read_words(query, manner, full=False)
    cut = pieces(text, sought(tree))
    assert "".join(piece for piece, _is_mark in cut) == text
    return "".join(f"[{piece}]" if is_mark else piece for piece, is_mark in cut)


@pytest.mark.requirement("LYG-16")
@pytest.mark.parametrize(
    ("text", "query", "expected"),
    [
        ("江山市公共交通信息", "公交", "江山市[公共交通]信息"),
        ("医院床位数", "医院床位", "[医院床位]数"),
        ("企業登記名錄", "企业登记", "[企業登記]名錄"),
        ("企业名录", "企業", "[企业]名录"),
        ("ＡＥＤ点位", "aed", "[ＡＥＤ]点位"),
        ("Ｗi-Fi hotspots 2024", "wifi hotspot", "[Ｗi-Fi] [hotspots] 2024"),
        ("医疗", "医", "[医]疗"),
        ("道路交通事故统计", "交通 -事故", "道路[交通]事故统计"),
        ("PowerShot cameras", "powershot", "[PowerShot] cameras"),
        ("㎡面积10㎡", "面积", "㎡[面积]10㎡"),
        ("<b>医院</b>", "医院", "<b>[医院]</b>"),
        ("道路交通事故", "title:交*", "道路[交]通事故"),
        ("free wireless in parks", 'notes:"free parks"~3', "[free wireless in parks]"),
        ("连云港市", "连云港市", "[连云港]市"),
        ("别的", "交通", "别的"),
        ("", "交通", ""),
    ],
)
def test_what_answers_the_query_is_marked_where_it_stands(text: str, query: str, expected: str) -> None:
    assert marked(text, query) == expected


def test_fragments_are_cut_around_the_marks_and_written_as_asked() -> None:
    wanted = sought(read_words("医院", Manner(weights={"text": 1.0}), full=False))
    notes = "甲" * 200 + "<医院>" + "乙" * 200
    document = {"index_id": "x", "title": "医院", "notes": notes, "permission_labels": ["医院"], "secret": "医院"}
    asked = Highlighting(("title", "notes", "permission_labels", "secret", "name"), length=30, escaped=True)
    found = asked.of(document, wanted)
    assert found["title"] == ["<em>医院</em>"]
    (fragment,) = found["notes"]
    assert "&lt;<em>医院</em>&gt;" in fragment
    assert len(fragment) < 60
    assert set(found) == {"title", "notes"}
    whole = Highlighting(("notes",), length=0, before="[", after="]").of(document, wanted)
    assert whole["notes"] == [notes.replace("医院", "[医院]")]


@pytest.mark.timeout(20)
def test_stars_are_held_against_a_word_but_once() -> None:
    assert marked("x " + "0" * 3_600, "title:x OR title:" + "*0" * 9 + "*1") == "[x] " + "0" * 3_600
    assert marked("abcabd", "title:a*b?d") == "abcabd"
    assert marked("abcabxd", "title:a*b?d") == "[abcabxd]"
