"""What the rules say about one entry, without CKAN."""

import itertools

import pytest

from ckanext.govdata.catalogue.domain import (
    HoldCause,
    OpenTier,
    Publication,
    Requirements,
    StateSecretError,
    hold_causes,
    judge,
    labels,
    refuse_state_secret,
    strictest,
)
from ckanext.govdata.catalogue.proposal import QUESTIONS, UnansweredError, propose_tier
from ckanext.govdata.catalogue.tier_change import (
    Direction,
    TierChangeStatus,
    direction,
    refuse_decision,
    refuse_edit,
    refuse_proposal,
)

NOTHING_ASKED = Requirements()
DONGCHANGFU = Requirements(basis_required_for=frozenset({OpenTier.CONDITIONAL, OpenTier.NOT_OPEN}))
LIANYUNGANG = Requirements(basis_required_for=frozenset({OpenTier.NOT_OPEN}), exception_required=True)


def place(entry: dict[str, object], asked: Publication = Publication.PUBLISHED, reviewed: bool = True) -> Publication:
    return judge(entry, NOTHING_ASKED, asked=asked, reviewed=reviewed).publication


@pytest.mark.requirement("LYG-6")
@pytest.mark.parametrize(
    "word", [None, "", "open", "开放", "UNCONDITIONAL", " unconditional", "unconditional;", 1, True, []]
)
def test_an_entry_whose_tier_is_not_one_of_the_three_is_held_and_never_public(word: object) -> None:
    judgement = judge({"open_tier": word}, NOTHING_ASKED, asked=Publication.PUBLISHED, reviewed=True)
    assert judgement.publication is Publication.HELD
    assert judgement.private


def test_an_unknown_word_and_a_missing_one_are_told_apart() -> None:
    assert hold_causes({"tier_word": "开放网站"}, NOTHING_ASKED) == (HoldCause.TIER_UNKNOWN,)
    assert hold_causes({}, NOTHING_ASKED) == (HoldCause.TIER_MISSING,)


@pytest.mark.requirement("DCF-22")
@pytest.mark.parametrize("tier", ["conditional", "not_open"])
def test_dongchangfu_holds_conditional_and_closed_entries_without_a_basis(tier: str) -> None:
    assert hold_causes({"open_tier": tier}, DONGCHANGFU) == (HoldCause.BASIS_OUTSTANDING,)
    assert hold_causes({"open_tier": tier, "open_basis": " "}, DONGCHANGFU) == (HoldCause.BASIS_OUTSTANDING,)
    assert hold_causes({"open_tier": tier, "open_basis": "测绘法第四十七条"}, DONGCHANGFU) == ()
    assert hold_causes({"open_tier": "unconditional"}, DONGCHANGFU) == ()


@pytest.mark.requirement("LYG-7")
def test_lianyungang_holds_a_closed_entry_without_a_listed_exception() -> None:
    entry = {"open_tier": "not_open", "open_basis": "办法第七条"}
    assert hold_causes(entry, LIANYUNGANG) == (HoldCause.EXCEPTION_OUTSTANDING,)
    assert hold_causes({**entry, "open_exception": "internal_affairs"}, LIANYUNGANG) == ()


@pytest.mark.requirement("DCF-2", "ZB-2", "LYG-7")
@pytest.mark.parametrize("field", ["grading", "open_exception", "secrecy"])
@pytest.mark.parametrize("word", ["涉密", "state_secret", "国家秘密", " 机密 ", "绝 密"])
def test_a_state_secret_is_refused_and_its_text_is_not_in_the_error(field: str, word: str) -> None:
    with pytest.raises(StateSecretError) as refused:
        refuse_state_secret({"title": "某某工程图纸", field: word})
    assert "某某工程图纸" not in str(refused.value)
    assert refused.value.field == field


def test_a_secret_data_item_refuses_the_whole_entry() -> None:
    with pytest.raises(StateSecretError):
        refuse_state_secret({"data_items": [{"title": "甲"}, {"title": "乙", "secrecy": "涉密"}]})


def test_a_dataset_may_not_be_opened_further_than_its_strictest_item() -> None:
    entry = {"open_tier": "unconditional", "data_items": [{"title": "门牌", "tier": "conditional"}]}
    assert HoldCause.TIER_CONFLICT in hold_causes(entry, NOTHING_ASKED)


def test_what_is_not_shared_between_agencies_is_not_opened_to_the_public() -> None:
    assert hold_causes({"open_tier": "conditional", "sharing_tier": "not_shared"}, NOTHING_ASKED) == (
        HoldCause.TIER_CONFLICT,
    )


@pytest.mark.requirement("LYG-12", "ZB-10")
def test_an_entry_waits_for_the_reviewers_whom_the_rules_name() -> None:
    asked = Requirements(reviewers=("agency", "authority"))
    entry = {"open_tier": "unconditional"}
    assert judge(entry, asked, asked=Publication.PUBLISHED, reviewed=False).publication is Publication.IN_REVIEW
    assert judge(entry, asked, asked=Publication.PUBLISHED, reviewed=True).publication is Publication.PUBLISHED


def test_a_draft_and_a_withdrawn_entry_stay_what_they_are() -> None:
    entry = {"open_tier": "unconditional"}
    assert place(entry, Publication.DRAFT) is Publication.DRAFT
    assert place(entry, Publication.WITHDRAWN) is Publication.WITHDRAWN


def test_only_published_entries_of_the_two_open_tiers_carry_the_public_label() -> None:
    for publication, tier in itertools.product(
        [*(p.value for p in Publication), "", "x"], [*(t.value for t in OpenTier), ""]
    ):
        public = publication == "published" and tier in ("unconditional", "conditional")
        assert (labels(publication, tier, "", "a1") == ["public"]) is public


@pytest.mark.requirement("YZ-22")
def test_officers_of_other_agencies_see_closed_entries_unless_they_are_not_shared() -> None:
    assert "officer" in labels("published", "not_open", "conditional", "a1")
    assert "officer" not in labels("published", "not_open", "not_shared", "a1")
    assert "officer" not in labels("held", "not_open", "conditional", "a1")


def test_the_strictest_of_several_tiers_is_the_one_that_opens_least() -> None:
    assert strictest([OpenTier.UNCONDITIONAL, OpenTier.NOT_OPEN, OpenTier.CONDITIONAL]) is OpenTier.NOT_OPEN
    assert strictest([]) is None


def answers(**yes: bool) -> dict[str, bool]:
    return {question: yes.get(question, False) for question in QUESTIONS}


@pytest.mark.requirement("LYG-6")
@pytest.mark.parametrize(
    ("yes", "tier"),
    [
        ((), OpenTier.UNCONDITIONAL),
        (("high_security_demand",), OpenTier.CONDITIONAL),
        (("high_timeliness",), OpenTier.CONDITIONAL),
        (("continuous_supply",), OpenTier.CONDITIONAL),
        (("trade_secret_or_privacy",), OpenTier.NOT_OPEN),
        (("trade_secret_or_privacy", "high_timeliness"), OpenTier.NOT_OPEN),
        (("internal_affairs",), OpenTier.NOT_OPEN),
    ],
)
def test_the_tier_follows_from_the_answers(yes: tuple[str, ...], tier: OpenTier) -> None:
    assert propose_tier(answers(**dict.fromkeys(yes, True))).tier is tier


def test_a_state_secret_gets_no_tier_and_silence_gets_none_either() -> None:
    assert propose_tier(answers(state_secret=True)).refused
    with pytest.raises(UnansweredError):
        propose_tier({"state_secret": False})


@pytest.mark.requirement("LYG-7", "YZ-29")
def test_an_edit_may_make_a_tier_stricter_with_a_reason_and_never_looser() -> None:
    published = Publication.PUBLISHED
    looser = refuse_edit(OpenTier.NOT_OPEN, OpenTier.CONDITIONAL, published, "已脱敏")
    assert looser and looser.code == "looser_needs_two_persons"
    silent = refuse_edit(OpenTier.UNCONDITIONAL, OpenTier.CONDITIONAL, published, " ")
    assert silent and silent.code == "reason_missing"
    assert refuse_edit(OpenTier.UNCONDITIONAL, OpenTier.CONDITIONAL, published, "发现个人信息") is None
    undecided = refuse_edit(None, OpenTier.UNCONDITIONAL, Publication.HELD, "查明")
    assert undecided and undecided.code == "looser_needs_two_persons"
    assert refuse_edit(None, OpenTier.UNCONDITIONAL, Publication.DRAFT, "") is None


@pytest.mark.requirement("LYG-7")
def test_closed_data_is_opened_only_with_proof_and_by_somebody_else() -> None:
    bare = refuse_proposal(OpenTier.NOT_OPEN, OpenTier.UNCONDITIONAL, "可开放", "", "")
    assert bare and bare.code == "proof_missing"
    assert refuse_proposal(OpenTier.NOT_OPEN, OpenTier.UNCONDITIONAL, "可开放", "desensitised", "脱敏报告 3 号") is None
    same = refuse_decision(TierChangeStatus.PENDING, "li", "li", "同意")
    assert same and same.code == "same_person"
    assert refuse_decision(TierChangeStatus.PENDING, "li", "wang", "同意") is None
    twice = refuse_decision(TierChangeStatus.APPLIED, "li", "wang", "同意")
    assert twice and twice.code == "already_decided"


def test_giving_a_tier_to_an_undecided_entry_is_looser_and_taking_it_away_is_stricter() -> None:
    assert direction(None, OpenTier.CONDITIONAL) is Direction.LOOSER
    assert direction(OpenTier.CONDITIONAL, None) is Direction.STRICTER
    assert direction(None, None) is Direction.SAME
