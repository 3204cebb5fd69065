"""What an entry of each topic may say: its scope, its unit, the words it may take, and how the tables name it."""

from __future__ import annotations

from dataclasses import dataclass

from ckanext.govdata.rules.domain import Reviewer, Scope, Topic, Unit

REFUSAL = frozenset({"reason", "basis", "reason_or_basis", "reason_and_basis"})
OPEN_TIERS = frozenset({"conditional", "not_open"})
SHARING_TIERS = frozenset({"conditional", "not_shared"})
REVIEWERS = frozenset(reviewer.value for reviewer in Reviewer)
# Cases in which a text may let a term rest: the applicant completes, a third party is asked, an expert is heard, nobody can act.
SUSPENSIONS = frozenset({"completion", "third_party", "expert_opinion", "force_majeure"})
NONE: frozenset[str] = frozenset()


@dataclass(frozen=True)
class TopicSpec:
    """The shape of a topic's entry. Without a unit it takes no number; `values` empty means that it takes no value."""

    label: str
    label_zh: str
    scope: Scope
    unit: Unit | None = None
    values: frozenset[str] = NONE
    several: bool = False


def _days(label: str, label_zh: str, scope: Scope, values: frozenset[str] = NONE) -> TopicSpec:
    return TopicSpec(label, label_zh, scope, Unit.WORKING_DAYS, values)


def _choice(label: str, label_zh: str, scope: Scope, values: frozenset[str]) -> TopicSpec:
    return TopicSpec(label, label_zh, scope, None, values)


def _set(label: str, label_zh: str, scope: Scope, values: frozenset[str]) -> TopicSpec:
    return TopicSpec(label, label_zh, scope, None, values, several=True)


O, S, C = Scope.OPEN, Scope.SHARING, Scope.CATALOGUE  # noqa: E741 - the columns of the table below

TOPICS: dict[Topic, TopicSpec] = {
    Topic.SIGN_IN_FOR_UNCONDITIONAL: _choice(
        "Sign-in for unconditional data", "无条件开放数据是否须登录", O, frozenset({"required", "not_required"})
    ),
    Topic.OPEN_APPLICATION_ANSWER: _days("Answer to an application for open data", "开放申请答复时限", O),
    Topic.OPEN_APPLICATION_REFUSAL: _choice("Refusal of it needs", "拒绝开放申请须说明", O, REFUSAL),
    Topic.SHARING_APPLICATION_ANSWER: _days("Answer to a sharing application", "共享申请答复时限", S),
    Topic.SHARING_APPLICATION_REFUSAL: _choice("Refusal of sharing needs", "不同意共享须说明", S, REFUSAL),
    Topic.SHARING_SUPPLY: _days("Supply after approval of sharing", "同意共享后提供时限", S),
    Topic.SHARING_DOUBT: _days("A doubt about shared data is settled", "共享数据疑义校核时限", S),
    Topic.OPEN_OBJECTION: _days(
        "An objection to open data is settled", "开放数据异议处理", O, frozenset({"in_time", "by_procedure"})
    ),
    Topic.CATALOGUE_UPDATE: _days("Catalogue updated after a change", "目录变更后更新时限", C, frozenset({"dynamic"})),
    Topic.YEARLY_REVIEW: TopicSpec("Yearly full review by", "目录年度全面维护", C, Unit.MONTH_DAY),
    Topic.OPEN_BASIS: _set("Open tiers that need a stated basis", "须有依据的开放类型", O, OPEN_TIERS),
    Topic.OPEN_EXCEPTION: _choice(
        "Not open only under a listed exception", "不予开放须属列举情形", O, frozenset({"listed"})
    ),
    Topic.SHARING_BASIS: _set("Sharing tiers that need a basis", "须有依据的共享类型", S, SHARING_TIERS),
    Topic.BASE_REGISTER_SHARING: _choice(
        "Base registers are shared", "基础数据的共享", S, frozenset({"unconditional"})
    ),
    Topic.POOLING_BASIS: _choice("Not pooling needs a basis", "不予汇聚须有依据", C, frozenset({"not_pooled"})),
    Topic.NEGATIVE_LIST: _choice("Negative list", "负面清单", C, frozenset({"kept"})),
    Topic.COMMERCIAL_USE: _choice(
        "Commercial use of conditional data", "商业开发", O, frozenset({"by_competition", "paid_use_explored"})
    ),
    Topic.AUTHORISED_OPERATION_TERM: TopicSpec(
        "Authorised operation, longest", "授权运营最长期限", O, Unit.YEARS, frozenset({"in_principle"})
    ),
    Topic.CATALOGUE_REVIEW: _set("Catalogue reviewed by", "目录审核", C, REVIEWERS),
    Topic.OPEN_LIST_REVIEW: _set("Open list reviewed by", "开放清单审核", O, REVIEWERS),
}
