"""What somebody looked for, as parts of the tree: words and phrases, other words for them, and what several say together."""

from __future__ import annotations

from functools import lru_cache

from . import analysis
from .clauses import Clause, Group, Occur, Text
from .empty import EMPTY, GENERIC, UNSAID
from .query import Best, Boost, Combine, Constant, Pattern, Phrase, Query, Term, either, every
from .segments import is_area, is_word

# Rarer words score more, so a rare synonym would come before what was typed; on judged queries these shares did best.
_SYNONYM = 0.5
NARROWER = 0.3
_PAIR = 2


def empty_clauses(group: Group) -> dict[Clause, bool]:
    """Words typed by themselves that are not demanded beside others, as within one word, and whether they are welcome.

    请问 and 查询 of 请问 公积金 查询 are. None where the others are so wide that only the form says what is meant: 企业 名录.
    """
    words = {clause: _plain_words(clause) for clause in group.clauses}
    empty = {clause: not said <= UNSAID for clause, said in words.items() if said and said <= EMPTY}
    others = [clause for clause in group.clauses if clause not in empty and clause.occur is not Occur.MUST_NOT]
    return empty if any(not words[clause] or not words[clause] <= GENERIC for clause in others) else {}


def _plain_words(clause: Clause) -> set[str]:
    """The Chinese words of a clause that is typed as it comes, without anything of the query language; else none."""
    node = clause.node
    if not isinstance(node, Text) or node != Text(node.text):
        return set()
    is_plain = clause.occur is Occur.SHOULD and clause.boost is None and not clause.explicit
    return set(analysis.han_only(node.text)) if is_plain else set()


def found_in(name: str, words: analysis.Words, slop: int = 0) -> Query:
    if words.open_end and len(words.tokens) == 1:
        return Pattern(name, (words.tokens[0], None))
    if len(words.tokens) == 1:
        return Term(name, words.tokens[0])
    return Phrase(name, words.tokens, slop, words.open_end)


@lru_cache(maxsize=2048)
def either_of(name: str, choice: analysis.Choice) -> Query:
    """What was typed, or another word for it, which counts less; a narrower one is looked for in titles."""
    typed, *others = choice.alternatives
    where = "title" if name == "text" else name
    narrower = (((words,), where, NARROWER) for words in choice.narrower)
    replaced = ((wanted, where, NARROWER) for wanted in choice.replaced)
    also = (*((wanted, name, _SYNONYM) for wanted in others), *narrower, *replaced)
    own = _all_found_in(name, typed)
    weighed = (Boost(_all_found_in(at, wanted), share * _weight(typed, wanted)) for wanted, at, share in also)
    return Best((own, *weighed)) if also else own


def _all_found_in(name: str, wanted: tuple[analysis.Words, ...]) -> Query:
    return every([found_in(name, words) for words in wanted])


def _weight(typed: tuple[analysis.Words, ...], other: tuple[analysis.Words, ...]) -> float:
    """Each token adds to a score, so a longer word would come before what was typed merely for its length."""
    return min(1.0, _length(typed) / _length(other))


def _length(wanted: tuple[analysis.Words, ...]) -> int:
    return sum(len(words.tokens) for words in wanted)


def about(typed: str, named: list[analysis.Choice], english: bool) -> Query:
    """What several words typed as one are about: one of them stands in the title, or all stand together as they were typed.

    Descriptions list columns, so 招标 and 药品 far apart in one say nothing of 药品招标.
    """
    titled = [either_of("title", choice) for choice in named]
    return Constant(either([*titled, *together(typed, english)]), 0.0)


def together(typed: str, english: bool) -> list[Query]:
    """Texts that say it as it was typed; none where no token is in it."""
    phrase = analysis.query_phrase(typed, english)
    return [found_in("text", phrase)] if phrase else []


def nearly_all(named: list[analysis.Choice]) -> Query:
    """Titles with all but one of several words typed as one; those that are kept are never left out, nor is the last.

    The last word says what it is about.
    """
    must = tuple(either_of("title", choice) for choice in named if choice.kept or choice is named[-1])
    others = tuple(either_of("title", choice) for choice in named[:-1] if not choice.kept)
    return Combine(must=must, should=others, minimum=max(0, len(others) - 1))


def any_of(named: list[analysis.Choice]) -> Query | None:
    """Titles with any of several words typed as one, or with a part of the only one, for who found nothing with all.

    Words that are kept are demanded. None where a word is in no dictionary: then it is more likely misspelt.
    """
    others = [choice for choice in named if not choice.kept and _typed(choice) not in GENERIC]
    if not others or not all(is_word(_typed(choice)) for choice in others):
        return None
    if len(named) == 1:
        return _part_of(others[0])
    kept = (either_of("title", choice) for choice in named if choice.kept)
    return every([*kept, either([either_of("title", choice) for choice in others])])


def _part_of(choice: analysis.Choice) -> Query | None:
    """Titles with two characters of a longer word that are a word of their own: 加油 of 加油站, but not 服务 of 服务区."""
    if is_area(_typed(choice)):
        return None
    (words,) = choice.alternatives[0]
    pairs = [
        found_in("title", analysis.Words((token,))) for token in words.tokens if len(token) == _PAIR and is_word(token)
    ]
    return either(pairs) if len(words.tokens) > 1 and pairs else None


def _typed(choice: analysis.Choice) -> str:
    """The word of a choice, its pairs of characters joined again."""
    tokens = [token for words in choice.alternatives[0] for token in words.tokens]
    return "".join((*tokens[:1], *(token[-1] for token in tokens[1:])))
