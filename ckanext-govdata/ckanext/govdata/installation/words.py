"""What the command says: each message in English and Chinese, chosen by the locale of the terminal."""

import os
import sys


def chinese() -> bool:
    """True where the terminal's locale is Chinese; otherwise the command speaks English."""
    for name in ("LC_ALL", "LC_MESSAGES", "LANG"):
        if value := os.environ.get(name):
            return value.lower().startswith("zh")
    return False


def pick(english: str, chinese_text: str) -> str:
    """The one of the two texts that the reader of this terminal understands."""
    return chinese_text if chinese() else english


def tell(english: str, chinese_text: str) -> None:
    """Print one line of progress at once, even into a pipe."""
    print(pick(english, chinese_text), flush=True)


def warn(english: str, chinese_text: str) -> None:
    """Print one line to standard error: something is not as it should be, but work goes on."""
    print(pick(english, chinese_text), file=sys.stderr, flush=True)


class Refusal(Exception):
    """The command cannot go on. The message says what is wrong, where, and what to do."""

    def __init__(self, english: str, chinese_text: str) -> None:
        super().__init__(pick(english, chinese_text))
