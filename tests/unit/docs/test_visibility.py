"""The page on who sees what says what the matrix proves."""

from __future__ import annotations

from ...visibility import PAGE, page


def test_the_page_on_visibility_is_the_matrix_of_the_tests() -> None:
    assert PAGE.read_text(encoding="utf-8") == page(), "docs/visibility.md is behind: python -m tests.visibility"
