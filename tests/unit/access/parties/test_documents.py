"""Identity numbers are checked, spelt in one way and masked, by formats that stand in a table."""

from __future__ import annotations

import pytest
from stdnum.cn import ric, uscc

from ckanext.govdata.access.parties.documents import document_of, documents
from ckanext.govdata.access.parties.domain import Kind
from ckanext.govdata.access.parties.errors import NumberRefused


def card(first_17: str) -> str:
    return first_17 + ric.calc_check_digit(first_17 + "0")


RESIDENT = card("32070519900307123")
# Born in 1955, registered in a district that is there since 1996.
MOVED = card("32130219550307123")
HONG_KONG = card("81000019900307123")
TAIWAN = card("83000019900307123")
FOREIGNER = card("91103320200307123")
ENTERPRISE = "91110000600037341L"
VILLAGE = "N2320705MA1ABCDE1"


@pytest.mark.requirement("ZB-12", "YZ-17")
@pytest.mark.parametrize(
    ("document", "given", "issuer", "kept"),
    [
        ("resident_id", RESIDENT, "", RESIDENT),
        ("resident_id", f" {RESIDENT[:6]} {RESIDENT[6:14]}-{RESIDENT[14:].lower()}", "", RESIDENT),
        ("resident_id", "".join(chr(ord(c) + 0xFEE0) for c in RESIDENT), "", RESIDENT),
        ("resident_id", MOVED, "", MOVED),
        ("residence_permit", HONG_KONG, "", HONG_KONG),
        ("residence_permit", TAIWAN, "", TAIWAN),
        ("permanent_residence", FOREIGNER, "", FOREIGNER),
        ("permanent_residence", "usa110081010101", "", "USA110081010101"),
        ("travel_permit_hk_mo", "h12345678", "", "H12345678"),
        ("travel_permit_hk_mo", "H1234567802", "", "H12345678"),
        ("travel_permit_tw", "12345678", "", "12345678"),
        ("passport", "e 1234-5678", "chn", "CHN/E12345678"),
    ],
)
def test_a_person_s_number_is_taken_in_one_spelling(document: str, given: str, issuer: str, kept: str) -> None:
    assert document_of(document, Kind.PERSON).number(given, issuer) == kept


@pytest.mark.requirement("ZB-12", "YZ-17")
def test_an_enterprise_s_code_is_checked_and_a_village_s_too() -> None:
    check = document_of("uscc", Kind.ENTERPRISE)
    assert check.number("9 1110000-600037341l") == ENTERPRISE
    village = VILLAGE + uscc.calc_check_digit(VILLAGE + "0")
    assert check.number(village) == village


@pytest.mark.requirement("ZB-12")
@pytest.mark.parametrize(
    ("kind", "document", "given", "issuer", "code"),
    [
        (Kind.PERSON, "resident_id", RESIDENT[:-1], "", "malformed"),
        (Kind.PERSON, "resident_id", card("32070519901307123"), "", "wrong_check"),
        (Kind.PERSON, "resident_id", card("69999919900307123"), "", "wrong_check"),
        (Kind.PERSON, "resident_id", "' OR 1=1 --", "", "malformed"),
        (Kind.PERSON, "passport", "E12345678", "", "issuer_missing"),
        (Kind.PERSON, "uscc", ENTERPRISE, "", "wrong_kind"),
        (Kind.PERSON, "driving_licence", "1", "", "unknown_document"),
        (Kind.ENTERPRISE, "uscc", ENTERPRISE[:-1] + "M", "", "wrong_check"),
        (Kind.ENTERPRISE, "uscc", "91110000I00037341L", "", "malformed"),
    ],
)
def test_what_is_no_number_is_refused_and_never_repeated(
    kind: Kind, document: str, given: str, issuer: str, code: str
) -> None:
    with pytest.raises(NumberRefused) as caught:
        document_of(document, kind).number(given, issuer)
    assert caught.value.code == code
    assert given not in str(caught.value)


def test_every_change_of_one_digit_and_every_exchange_of_neighbours_is_found() -> None:
    check = document_of("resident_id", Kind.PERSON)
    for place in range(18):
        wrong = RESIDENT[:place] + str((int(RESIDENT[place].replace("X", "9")) + 1) % 10) + RESIDENT[place + 1 :]
        if wrong != RESIDENT:
            with pytest.raises(NumberRefused):
                check.number(wrong)
    for place in range(17):
        a, b = RESIDENT[place], RESIDENT[place + 1]
        if a != b:
            with pytest.raises(NumberRefused):
                check.number(RESIDENT[:place] + b + a + RESIDENT[place + 2 :])


def test_a_mask_shows_a_few_characters_at_both_ends_and_never_the_birthday() -> None:
    found = documents()
    assert found["resident_id"].masked(RESIDENT) == RESIDENT[:3] + "*" * 13 + RESIDENT[-2:]
    assert found["passport"].masked("CHN/E12345678") == "CHN E******78"
    assert found["passport"].masked("CHN/E1234") == "CHN ****4"
    assert found["uscc"].masked(ENTERPRISE) == "91" + "*" * 12 + "341L"
    for document in found.values():
        assert sum(document.show) <= 6
