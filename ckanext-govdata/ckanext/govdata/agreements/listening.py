"""Who follows a document's steps: the room of applications moves its case, grants begin.

    listen(function)      function(step, document) is called for `presented`, `signed`, `sealed`, `void`

It is called in the transaction of the step, before its commit; if it raises, the step is not made. A signature that waits for
its timestamp tells nobody until it is there.
"""

from __future__ import annotations

from collections.abc import Callable

from .model import Document

Listener = Callable[[str, Document], None]
_LISTENERS: list[Listener] = []


def listen(function: Listener) -> Listener:
    """Have a function called with each step of each document; usable as a decorator."""
    if function not in _LISTENERS:
        _LISTENERS.append(function)
    return function


def tell(document: Document) -> None:
    """Call whoever listens."""
    for function in _LISTENERS:
        function(document.step, document)
