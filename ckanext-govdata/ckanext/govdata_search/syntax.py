"""Solr's words read into clauses; purely grammar, no field is known here.

Strict reading (filters) refuses what Solr refuses, so a broken filter can never quietly let more through. Lenient reading
(what people type) mends: an open quote or bracket closes at the end, a dangling AND, OR or NOT is dropped.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from .clauses import Between, Clause, Group, Node, Occur, Text
from .errors import NotSupported, QuerySyntaxError
from .fields import HALVES
from .query import ANY_ONE

_DEEPEST = 40
_WORD_END = frozenset(' \t\r\n\u3000()[]{}"^~:')
_SPACES = (" ", "\t", "\r", "\n", "\u3000")
_ESCAPABLE_END = _WORD_END - {":"}
_FIELD = re.compile(r"[A-Za-z_][\w.\-]*|\*")
_SCHEME = re.compile(r"[a-z][a-z0-9+.\-]*://\S+", re.IGNORECASE)
_PLAIN = re.compile(r"""[^\s()\[\]{}"^~:\\*?]+""")
_PLAIN_SIMPLE = re.compile(r"""[^\s"]+""")
_PLAIN_IN_BRACKETS = re.compile(r"""[^\s"()]+""")
_OPERATOR = re.compile(r"(?:AND|OR|NOT)(?=[\s()]|$)")
_HAS_OPERATOR = re.compile(rf"(?<!\S)\(*{_OPERATOR.pattern}")
_REGULAR_EXPRESSION = re.compile(r"/(?:[^/\\]|\\.)+/(?=[\s()^~]|$)")
_QUOTED = re.compile(r"""[^"\\]+""")
_NUMBER = re.compile(r"\d+(?:\.\d+)?|\.\d+")


@dataclass(frozen=True)
class Reading:
    """How to read: `simple` knows only quotes, + and - and operator words (dismax), `conjunctive` joins by AND.

    Among operator words simple reading knows brackets too: there they cannot be anything else.
    """

    strict: bool = True
    simple: bool = False
    conjunctive: bool = True
    longest: int = 300_000
    cut: bool = False
    """Whether the beginning of a longer text counts; otherwise it is refused."""


def parse(text: str, reading: Reading) -> Group:
    """The clauses of a query. Raises QuerySyntaxError for what cannot be read, is too long, or is nested too deeply."""
    if len(text) > reading.longest:
        if not reading.cut:
            raise QuerySyntaxError(f"it has {len(text)} characters, at most {reading.longest} are read")
        text = text[: reading.longest]
    # Half of a character is none that a document could have, and no engine can be asked for it.
    text = HALVES.sub("\ufffd", text)
    return _Parser(text, reading).whole()


class _Parser:
    def __init__(self, text: str, reading: Reading) -> None:
        self.text = text
        self.at = 0
        self.reading = reading

        self.brackets = not reading.simple or bool(_HAS_OPERATOR.search(text))
        self.plain = (_PLAIN_IN_BRACKETS if self.brackets else _PLAIN_SIMPLE) if reading.simple else _PLAIN

    def whole(self) -> Group:
        clauses: list[Clause] = []
        while True:
            clauses += self.clauses(0, None).clauses
            if self.at >= len(self.text):
                return Group(tuple(clauses))
            self.problem(f"'{self.text[self.at]}' without its counterpart")
            self.at += 1

    def problem(self, what: str) -> None:
        if self.reading.strict:
            raise QuerySyntaxError(what, min(self.at, len(self.text)))

    def peek(self, ahead: int = 0) -> str:
        at = self.at + ahead
        return self.text[at] if at < len(self.text) else ""

    def skip_space(self) -> None:
        while self.at < len(self.text) and self.text[self.at].isspace():
            self.at += 1

    def clauses(self, depth: int, field: str | None) -> Group:
        """Clauses up to a closing bracket or the end."""
        if depth > _DEEPEST:
            raise QuerySyntaxError(f"more than {_DEEPEST} brackets in one another", self.at)
        found: list[Clause] = []
        while True:
            conjunction = self.conjunction()
            negated, sign = self.modifiers()
            self.skip_space()
            if not self.peek() or (self.peek() == ")" and self.brackets):
                if conjunction or negated or sign:
                    self.problem("an operator without anything behind it")
                return Group(tuple(found), field)
            if conjunction and not found:
                self.problem(f"{conjunction} without anything before it")
                conjunction = ""
            before = self.at
            node = self.node(depth, field)
            if node is None:
                if self.at == before:
                    return Group(tuple(found), field)
                continue
            self.add(found, node, conjunction, negated, sign)

    def conjunction(self) -> str:
        found = ""
        while True:
            self.skip_space()
            word = self.operator("AND", "&&") or self.operator("OR", "||")
            if not word:
                return found
            if found:
                self.problem("two operators in a row")
            found = "AND" if word in ("AND", "&&") else "OR"

    def operator(self, word: str, signs: str) -> str:
        if self.text.startswith(word, self.at) and (self.peek(len(word)) in _WORD_END or not self.peek(len(word))):
            if self.peek(len(word)) == ":":
                return ""
            self.at += len(word)
            return word
        if not self.reading.simple and self.text.startswith(signs, self.at):
            self.at += len(signs)
            return signs
        return ""

    def modifiers(self) -> tuple[bool, str]:
        """NOT or `!` or `-`, and an explicit `+`; a lone sign in front of a space is a dash in a title, not an operator."""
        negated, sign = False, ""
        while True:
            self.skip_space()
            if self.operator("NOT", "!"):
                negated = not negated or not self.reading.strict
                continue
            char = self.peek()
            if char not in ("+", "-") or not char:
                return negated, sign
            if not self.reading.strict and self.peek(1) in ("", "+", "-", *_SPACES):
                self.at += 1 if self.peek(1) in ("", *_SPACES) else self.run_of_signs()
                continue
            sign, negated = char, negated or char == "-"
            self.at += 1

    def run_of_signs(self) -> int:
        """Several signs in a row, as in --included, say nothing about what is wanted."""
        length = 1
        while self.peek(length) in ("+", "-") and self.peek(length):
            length += 1
        return length

    def add(self, found: list[Clause], node: Node, conjunction: str, negated: bool, sign: str) -> None:
        boost, constant = self.boost()
        explicit = bool(conjunction) or (negated and sign != "-")
        if conjunction and found:
            found[-1] = self.joined(found[-1], conjunction)
        if negated:
            occur = Occur.MUST_NOT
        elif sign == "+" or conjunction == "AND" or (self.reading.conjunctive and conjunction != "OR"):
            occur = Occur.MUST
        else:
            occur = Occur.SHOULD
        found.append(Clause(occur, node, boost, constant, sign == "+" and not negated, explicit))

    def joined(self, clause: Clause, conjunction: str) -> Clause:
        """The clause before an operator word: AND makes it wanted; OR makes it optional unless it was demanded by `+`.

        Lucene lets OR weaken `+` too; here a filter such as +capacity:public stays, whatever is written behind it.
        """
        if clause.occur is Occur.MUST_NOT:
            return replace(clause, explicit=True)
        if conjunction == "AND":
            return replace(clause, occur=Occur.MUST, explicit=True)
        return replace(clause, occur=clause.occur if clause.demanded else Occur.SHOULD, explicit=True)

    def boost(self) -> tuple[float | None, bool]:
        if self.reading.simple or self.peek() != "^":
            return None, False
        self.at += 1
        constant = self.peek() == "="
        self.at += constant
        number = self.number()
        if number is None:
            self.problem("^ without a number")
        return number, constant

    def number(self) -> float | None:
        match = _NUMBER.match(self.text, self.at)
        if not match:
            return None
        self.at = match.end()
        return min(float(match.group()), 1e6)

    def node(self, depth: int, field: str | None) -> Node | None:
        char = self.peek()
        if char == '"':
            return self.phrase(field)
        if char == "(" and self.brackets:
            return self.bracket(depth, field)
        if self.reading.simple:
            return self.word(field)
        if char in "[{":
            return self.between(field)
        if char in "]}^~:":
            self.problem(f"unexpected '{char}'")
            self.at += 1
            return None
        return self.word_or_field(depth, field)

    def bracket(self, depth: int, field: str | None) -> Group:
        self.at += 1
        group = self.clauses(depth + 1, field)
        if self.peek() == ")":
            self.at += 1
        else:
            self.problem("a bracket is not closed")
        if not group.clauses:
            self.problem("an empty bracket")
        return group

    def word_or_field(self, depth: int, field: str | None) -> Node | None:
        address = _SCHEME.match(self.text, self.at)
        if address and not self.reading.strict:
            self.at = address.end()
            return Text(address.group(), field, quoted=False)
        self.refuse_foreign()
        name = _FIELD.match(self.text, self.at)
        end = name.end() if name else self.at
        while self.text[end : end + 1].isspace():
            end += 1
        if name and self.text[end : end + 1] == ":":
            return self.fielded(depth, name.group(), end + 1)
        return self.word(field)

    def fielded(self, depth: int, name: str, after: int) -> Node | None:
        start, self.at = self.at, after
        self.skip_space()
        if name == "*" and self.peek() == "*":
            self.at += 1
            return Text("*", "*", parts=(None,))
        if not self.peek() or self.peek() in ")]}^~:":
            self.problem(f"field {name} without a value")
            return Text(self.text[start : self.at].rstrip(": "), None)
        if self.peek() in '"([{':
            return self.node(depth, name)
        self.refuse_valueless(name)
        # What people type behind it is the value, even where it looks like a field (12:30) or a sign (-5).
        word = self.word(name)
        return replace(word, named=True) if word else None

    def refuse_foreign(self) -> None:
        """What only Solr reads; in a filter as words it would let through what it was to keep back."""
        if self.reading.strict and self.text.startswith(("/", "filter("), self.at):
            raise NotSupported("a regular expression, a comment or filter() in a filter")

    def refuse_valueless(self, name: str) -> None:
        """In a filter the next clause is not swallowed as the value that is missing."""
        if _REGULAR_EXPRESSION.match(self.text, self.at):
            raise NotSupported("a regular expression (/.../)")
        self.refuse_foreign()
        if self.peek() in "+-!" or _OPERATOR.match(self.text, self.at):
            self.problem(f"field {name} without a value")

    def phrase(self, field: str | None) -> Text:
        self.at += 1
        chars: list[str] = []
        while self.at < len(self.text) and self.peek() != '"':
            run = _QUOTED.match(self.text, self.at)
            if run:
                chars.append(run.group())
                self.at = run.end()
                continue
            if self.peek(1):
                self.at += 1
            chars.append(self.peek())
            self.at += 1
        if self.peek() == '"':
            self.at += 1
        else:
            self.problem("a quotation mark is not closed")
        return Text("".join(chars), field, quoted=True, nearness=self.nearness())

    def nearness(self) -> float | None:
        if self.reading.simple or self.peek() != "~":
            return None
        self.at += 1
        number = self.number()
        return 2.0 if number is None else number

    def word(self, field: str | None) -> Text | None:
        chars: list[str] = []
        parts: list[str | None] = []
        wild = False
        while self.at < len(self.text):
            run = self.plain.match(self.text, self.at)
            if run:
                chars.append(run.group())
                parts.append(run.group())
                self.at = run.end()
                continue
            char = self.peek()
            if self.ends_word(char, bool(chars)):
                break
            if char == "\\" and not self.reading.simple:
                self.at += 1
                char = self.peek()
                if not char:
                    self.problem("a backslash at the end")
                    break
                parts.append(char)
            elif char in "*?" and not self.reading.simple:
                wild = True
                parts.append(None if char == "*" else ANY_ONE)
            else:
                parts.append(char)
            chars.append(char)
            self.at += 1
        if not chars:
            self.problem(f"unexpected '{self.peek()}'")
            self.at += 1
            return None
        return Text("".join(chars), field, parts=self.pattern(parts, wild), nearness=self.nearness())

    def ends_word(self, char: str, begun: bool) -> bool:
        if self.reading.simple:
            return char.isspace() or (char == '"' and begun) or (char in "()" and self.brackets)
        if char == ":":
            # People type a colon inside of a value, as in a time or an address; in a filter a value is missing before it.
            self.problem("unexpected ':'; put the value in quotation marks")
            return False
        return char in _ESCAPABLE_END or char.isspace()

    @staticmethod
    def pattern(parts: list[str | None], wild: bool) -> tuple[str | None, ...]:
        """Runs of plain characters joined, between the wildcards."""
        if not wild:
            return ()
        joined: list[str | None] = []
        for part in parts:
            if part in (None, ANY_ONE) or not joined or joined[-1] in (None, ANY_ONE):
                joined.append(part)
            else:
                joined[-1] = f"{joined[-1]}{part}"
        return tuple(joined)

    def between(self, field: str | None) -> Between | None:
        include_low = self.peek() == "["
        start = self.at
        self.at += 1
        low = self.bound()
        self.skip_space()
        to = self.text[self.at : self.at + 2]
        if (to if self.reading.strict else to.upper()) == "TO" and self.peek(2) in (" ", "\t", '"'):
            self.at += 2
            high = self.bound()
        else:
            self.problem("a range is written [low TO high]")
            self.at = start + 1
            return None
        self.skip_space()
        if self.peek() not in ("]", "}"):
            self.problem("a range is not closed")
            return Between(low, high, include_low, True, field)
        include_high = self.peek() == "]"
        self.at += 1
        return Between(low, high, include_low, include_high, field)

    def bound(self) -> str | None:
        self.skip_space()
        if self.peek() == '"':
            return self.phrase(None).text
        chars: list[str] = []
        while self.at < len(self.text) and not self.peek().isspace() and self.peek() not in "]}":
            if self.peek() == "\\":
                self.at += 1
            chars.append(self.peek())
            self.at += 1
        value = "".join(chars)
        if not value:
            self.problem("a range without a bound")
        return None if value in ("*", "") else value
