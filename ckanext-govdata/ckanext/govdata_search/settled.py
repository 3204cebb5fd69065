"""What a process begins with stays for good: Python's search for garbage need not go through it time and again."""

from __future__ import annotations

import gc


def settle() -> None:
    """Take all objects that there are out of the search for garbage, once a process; what is made later is searched as before.

    CKAN begins with some 200,000 objects. Every few hundred requests Python looks through all of them, which holds one up
    for more than a tenth of a second (docs/decisions/0040-no-search-for-garbage-in-what-stays.md).
    """
    if not gc.get_freeze_count():
        gc.collect()
        gc.freeze()
