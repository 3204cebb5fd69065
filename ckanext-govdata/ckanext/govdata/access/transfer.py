"""Bytes on their way out: the gate is asked again while they leave, and what has lost its leave is cut off.

Guarantee: within a second of a grant's end, a suspension, a block or the switch no further byte is handed to the web server;
the visitor sees a broken transfer, never one that looks complete. When the gate cannot be asked, the transfer ends too.
A reader who takes nothing for a while is looked after by another thread (see stalled.py).
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator

from ckan import model

from ..ledger import journal
from .delivery import Delivery
from .stalled import Transfer, connection_of_request, looked_after

# A third of the second in which everything has to stop: asking takes time too, on a busy machine.
ASK_AGAIN_SECONDS = 0.33


class TransferStopped(Exception):
    """The leave for data on its way out has ended; the connection is broken off."""


def watched(chunks: Iterable[bytes], delivery: Delivery) -> Iterator[bytes]:
    """The same chunks, as long as the gate says yes; the end of a closed delivery is recorded, whole or not."""
    transfer = Transfer(lambda: _may_go_on(delivery), connection_of_request())
    return _watched(chunks, delivery, transfer)


def _watched(chunks: Iterable[bytes], delivery: Delivery, transfer: Transfer) -> Iterator[bytes]:
    sent, whole, transfer.asked = 0, False, time.monotonic()
    try:
        with looked_after(transfer):
            for chunk in chunks:
                if time.monotonic() - transfer.asked >= ASK_AGAIN_SECONDS:
                    _demand(delivery, transfer)
                    transfer.asked = time.monotonic()
                yield chunk
                sent += len(chunk)
        whole = True
    finally:
        close = getattr(chunks, "close", None)
        if close is not None:
            close()
        if delivery.is_closed and delivery.number is not None:
            journal.delivery_end(delivery.number, delivery.data, delivery.who, sent, whole)


def _demand(delivery: Delivery, transfer: Transfer) -> None:
    if not _may_go_on(delivery):
        transfer.cut()
        raise TransferStopped(f"delivery {delivery.number} was cut off: its leave has ended")


def _may_go_on(delivery: Delivery) -> bool:
    try:
        return delivery.still_allowed()
    finally:
        # What was read belongs to a moment that has passed, and no connection is held between two questions.
        model.Session.remove()
