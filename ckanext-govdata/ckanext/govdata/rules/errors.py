"""The errors of a rule pack: each says what is wrong, where (file, line, article, topic) and what to do.

Every message exists in Chinese and in English.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar


class RulePackError(ValueError):
    """A rule pack that cannot be used. `str()` is bilingual; `message("zh")` and `message("en")` give one language."""

    zh: ClassVar[str] = "规则包有误。"
    en: ClassVar[str] = "The rule pack is wrong."

    def __init__(self, **facts: object) -> None:
        self.facts = facts
        super().__init__(facts)

    def message(self, lang: str = "en") -> str:
        template = self.zh if lang.startswith("zh") else self.en
        return template.format(**{name: _shown(value) for name, value in self.facts.items()})

    def __str__(self) -> str:
        return f"{self.message('zh')}\n{self.message('en')}"


class UnknownPackError(RulePackError):
    """The setting names a city that has no pack."""

    zh = "没有名为“{key}”的规则包。请把 govdata.city 设为其中之一：{known}。"
    en = 'There is no rule pack named "{key}". Set govdata.city to one of: {known}.'


class UnreadableFileError(RulePackError):
    """A pack's file that is missing, or may not be read, or is no UTF-8 text."""

    zh = "{file}：无法读取（{reason}）。请检查路径、权限，并以 UTF-8 编码保存。"
    en = "{file}: cannot be read ({reason}). Check path and permissions, and save it as UTF-8."


class InvalidPackError(RulePackError):
    """Everything that is wrong in one file, problem by problem."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__()

    def message(self, lang: str = "en") -> str:
        return "\n".join(problem.message(lang) for problem in self.problems)

    def __str__(self) -> str:
        return "\n".join(str(problem) for problem in self.problems)


class Problem(RulePackError):
    """One thing that is wrong at one line. `where` names article and topic as far as they are known."""

    def __init__(self, file: str, line: int, where: str = "", **facts: object) -> None:
        self.file, self.line, self.where = file, line, where
        super().__init__(**facts)

    def message(self, lang: str = "en") -> str:
        chinese = lang.startswith("zh")
        place = f"{self.file} 第 {self.line} 行" if chinese else f"{self.file}, line {self.line}"
        where = f"（{self.where}）" if chinese and self.where else f" ({self.where})" if self.where else ""
        return f"{place}{where}{'：' if chinese else ': '}{super().message(lang)}"


class SyntaxProblem(Problem):
    zh = "不是有效的 YAML：{reason}。请检查缩进、冒号和引号。"
    en = "not valid YAML: {reason}. Check indentation, colons and quotation marks."


class MissingKeyProblem(Problem):
    zh = "缺少“{key}”。请补上。"
    en = '"{key}" is missing. Add it.'


class MissingArticleProblem(Problem):
    zh = "缺少条款“article”。请写明依据哪一条，如 {example}。"
    en = 'the "article" is missing. Name the article that the entry rests on, such as {example}.'


class UnknownKeyProblem(Problem):
    zh = "不认识的键“{key}”。请删除，或改为其中之一：{known}。"
    en = 'unknown key "{key}". Remove it, or use one of: {known}.'


class RepeatedKeyProblem(Problem):
    zh = "键“{key}”重复出现，前一处在第 {first} 行。请只保留一处。"
    en = 'the key "{key}" is repeated; it stands in line {first} already. Keep one of them.'


class WrongTypeProblem(Problem):
    zh = "“{key}”应为{expected_zh}，现为“{value}”。请改正。"
    en = '"{key}" has to be {expected}, and is "{value}". Correct it.'


class UnknownValueProblem(Problem):
    zh = "“{key}”的值“{value}”不可用。请改为其中之一：{known}。"
    en = '"{key}" cannot be "{value}". Use one of: {known}.'


class UnknownTopicProblem(Problem):
    zh = "不认识的主题“{value}”。请改为其中之一：{known}。"
    en = 'unknown topic "{value}". Use one of: {known}.'


class DuplicateTopicProblem(Problem):
    zh = "主题“{topic}”重复，前一处在第 {first} 行。请只保留一处。"
    en = 'the topic "{topic}" is repeated; it stands in line {first} already. Keep one of them.'


class WrongUnitProblem(Problem):
    zh = "该主题的单位应为 {expected}，现为“{value}”。请改正。"
    en = 'the unit of this topic is {expected}, not "{value}". Correct it.'


class NoAnswerProblem(Problem):
    zh = "该条目没有内容。请写明 {expected}。"
    en = "the entry says nothing. State {expected}."


class UselessKeyProblem(Problem):
    zh = "该主题不使用“{key}”。请删除。"
    en = 'this topic takes no "{key}". Remove it.'


class BadArticleProblem(Problem):
    zh = "条款“{value}”不符合写法。请写成 {example}。"
    en = 'the article "{value}" is not written as it should be. Write it like {example}.'


class NoSuchArticleProblem(Problem):
    zh = "条款“{value}”不存在：该文本可引用到 {last}。请核对编号。"
    en = 'there is no "{value}": the text can be cited up to {last}. Check the number.'


class DatesProblem(Problem):
    zh = "“{later}”（{later_date}）早于“{earlier}”（{earlier_date}）。请核对日期。"
    en = '"{later}" ({later_date}) lies before "{earlier}" ({earlier_date}). Check the dates.'


class StatusDateProblem(Problem):
    zh = "状态为 {status} 的文本{verb_zh}“{key}”。请核对状态与日期。"
    en = 'a text with status {status} {verb} "{key}". Check status and dates.'


class WrongBaseProblem(Problem):
    zh = "该文件扩展的是“{value}”，而门户使用“{expected}”。请修改 extends 或 govdata.city。"
    en = 'this file extends "{value}", but the portal runs "{expected}". Change extends or govdata.city.'


class TakenCodeProblem(Problem):
    zh = "代码“{value}”已属于基础规则包的文本。请为本文件的文本另取代码。"
    en = "the code \"{value}\" belongs to the base pack's text. Give this file's text a code of its own."


class NotInBaseProblem(Problem):
    zh = "基础规则包没有主题“{topic}”，不能修改或删除。新增请写在 add 之下。"
    en = 'the base pack has no topic "{topic}" to change or remove. A new one belongs under add.'


class AlreadyInBaseProblem(Problem):
    zh = "基础规则包已有主题“{topic}”。修改请写在 change 之下。"
    en = 'the base pack has the topic "{topic}" already. To change it, write it under change.'


class DayProblem(Problem):
    zh = (
        "“{value}”不是本年度通知中的日期。请写作 2026-02-15，或 2026-02-15/2026-02-23（不超过 31 天）；"
        "年份须为本年度（或上年 12 月），调休上班日须为周六或周日。"
    )
    en = (
        '"{value}" is no day of this year\'s notice. Write 2026-02-15, or 2026-02-15/2026-02-23 (31 days at most), in the '
        "notice's own year or the December before it; a day worked in lieu has to be a Saturday or a Sunday."
    )


class RepeatedDayProblem(Problem):
    zh = "{day} 重复出现，或既写作放假又写作上班。请只保留一处。"
    en = "{day} stands in it twice, or both as a day off and as a day worked. Keep one of them."


def _shown(value: object) -> str:
    if isinstance(value, (list, tuple, set, frozenset)):
        return ", ".join(sorted(str(item) for item in value))
    return str(value)
