"""A file under a grant as its holder gets it: with the marks that tell its deliveries apart, where its agency allows it."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import replace

from ckan import model
from ckan.lib import signals
from flask import Response, request

from ..cases.tracing import delivering
from ..cases.tracing.marking import Marked
from .delivery import Delivery
from .domain import Reason
from .serving import RangeRefused, StoredFile, Watch, described, disposition, not_modified, whole_or_ranges


def mark_for_holder(
    resource: model.Resource, file: StoredFile, delivery: Delivery, pieces: Iterable[bytes]
) -> Marked | None:
    """The holder's own file, out of what would leave; None where it carries no marks. The pieces are read to their end."""
    grant = delivery.verdict.grant
    return delivering.marked(resource.id, file.sha256, grant, b"".join(pieces)) if grant else None


def carries_marks(resource: model.Resource, file: StoredFile, delivery: Delivery) -> bool:
    """Whether this delivery is to be marked: one under an agreement's grant, of a file whose order means nothing."""
    granted = delivery.verdict.reason is Reason.GRANTED
    return granted and delivering.is_marked(resource.id, file.path.stat().st_size)


def deliver_marked(
    resource: model.Resource,
    source: StoredFile,
    name: str,
    columns: Iterable[str],
    own: Marked,
    delivery: Delivery,
    watch: Watch,
) -> Response:
    """The answer with a holder's own file, whole or in ranges; its digests are on record before a byte leaves."""
    with _nameless(source, name, own) as file:
        if not_modified(file.etag):
            return described(Response(status=304), file)
        if request.method == "HEAD":
            return whole_or_ranges(file, iter)
        try:
            answer = whole_or_ranges(file, watch)
        except RangeRefused as refused:
            return Response(status=416, headers={"Content-Range": str(refused), "Content-Type": "text/plain"})
    try:
        delivery.settle(sha256=source.sha256, columns=columns, own=(own.sha256, own.content_sha256))
        grant = str(delivery.verdict.grant)
        delivering.register(resource.id, source.sha256, grant, delivery.who.party_id, own, delivery.number)
    except BaseException:
        answer.close()
        raise
    signals.resource_download.send(resource.id)
    answer.headers["Content-Disposition"] = disposition(name)
    return answer


@contextmanager
def _nameless(source: StoredFile, name: str, own: Marked) -> Iterator[StoredFile]:
    """The holder's file for the length of the answer, as old as its source, in a file that never had a name.

    Whoever holds it open can read it, and nobody else; whatever is killed when, nothing of closed data stays behind. Where a
    disk knows no files without names, Python takes the name away before anything is written.
    """
    with tempfile.TemporaryFile(prefix="govdata-delivery-") as stream:
        stream.write(own.content)
        stream.flush()
        yield replace(source, name=name, sha256=own.sha256, opened=stream.fileno())
