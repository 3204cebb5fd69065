"""The bytes of a resource through the gate: whole, in ranges, or cut to the columns of a grant."""

from __future__ import annotations

import mimetypes
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import quote

from ckan import model
from ckan.lib import signals
from flask import Response, request
from flask import url_for as flask_url_for

from .. import config
from ..cases.objections import marks
from ..cases.tracing.marking import Marked
from ..stored import place_of
from .cutting import CannotCut, Cut, cut
from .delivery import Delivery, open_delivery
from .digests import sha256_of
from .domain import Reason
from .items import headings_for
from .marked_files import carries_marks, deliver_marked, mark_for_holder
from .serving import RangeRefused, StoredFile, described, disposition, not_modified, whole_or_ranges
from .transfer import watched


def deliver_file(
    resource: model.Resource,
    user: Any,
    replaced: StoredFile | None = None,
    demand: Callable[[Delivery], None] | None = None,
) -> Response:
    """The answer with an uploaded file's bytes; raises Denied, and FileNotFoundError when the storage has none.

    `replaced` is sent in place of today's file, to those whom `demand` lets have it; it raises Denied for others.
    """
    delivery = open_delivery(resource, user)
    if demand is not None:
        demand(delivery)
    file = replaced or stored_file(resource)
    if delivery.items:
        answer = _cut(resource, file, delivery)
    elif carries_marks(resource, file, delivery) and (own := _own(resource, file, delivery)) is not None:
        answer = deliver_marked(resource, file, file.name, (), own, delivery, _watch(delivery))
    elif not_modified(file.etag):
        answer = described(Response(status=304), file)
    else:
        answer = _whole(resource, file, delivery)
    return _kept_by_nobody(answer, delivery)


def stored_file(resource: model.Resource) -> StoredFile:
    """The file that the portal's storage has for a resource."""
    place = place_of(resource)
    if place is None:
        raise FileNotFoundError(resource.id)
    path, location = place
    return StoredFile(path, file_name(resource), _type(resource), sha256_of(path, location))


def file_name(resource: model.Resource) -> str:
    """What people call the file: the resource's name with the file's own ending."""
    own = str(resource.url or "").rsplit("/", 1)[-1]
    ending = Path(own).suffix or (f".{resource.format.lower()}" if resource.format else "")
    name = str(resource.name or "").strip() or own or resource.id
    return name if name.lower().endswith(ending.lower()) else name + ending


def _type(resource: model.Resource) -> str:
    guessed, _ = mimetypes.guess_type(str(resource.url or ""))
    found = str(resource.mimetype or guessed or "application/octet-stream")
    # What a browser would run on the portal's own address is handed out as plain bytes.
    return "application/octet-stream" if found.split(";")[0] in ("text/html", "image/svg+xml") else found


def _whole(resource: model.Resource, file: StoredFile, delivery: Delivery) -> Response:
    if request.method == "HEAD":
        return whole_or_ranges(file, iter)
    try:
        # Prepared before it is recorded, so that a refused range is no delivery.
        answer = whole_or_ranges(file, _watch(delivery))
    except RangeRefused as refused:
        return Response(status=416, headers={"Content-Range": str(refused), "Content-Type": "text/plain"})
    try:
        delivery.settle(sha256=file.sha256)
    except BaseException:
        answer.close()
        raise
    signals.resource_download.send(resource.id)
    return _by_web_server(answer, file, delivery) or answer


def _watch(delivery: Delivery) -> Callable[[Iterable[bytes]], Iterator[bytes]]:
    return lambda chunks: watched(chunks, delivery)


def _by_web_server(answer: Response, file: StoredFile, delivery: Delivery) -> Response | None:
    """Leave the sending of unconditional data to the web server, where the settings say that it can."""
    prefix = config.accel_prefix()
    # nginx drops headers that it does not know: what carries the mark of an objection is sent by the portal itself.
    if (
        not prefix
        or delivery.is_closed
        or not file.path.resolve().is_relative_to(_root())
        or marks.since([delivery.data.dataset_id])
    ):
        return None
    answer.close()
    place = quote(str(file.path.resolve().relative_to(_root())))
    # The status that nginx will give, which ignores this one: a range from the middle is not counted as a download (uses/).
    handed = described(Response(status=answer.status_code), file)
    handed.headers["X-Accel-Redirect"] = f"{prefix.rstrip('/')}/{place}"
    return handed


def _root() -> Path:
    return Path(str(config.resource_folder())).resolve()


def _cut(resource: model.Resource, file: StoredFile, delivery: Delivery) -> Response:
    """The granted columns alone; made while it is sent, so without length, ranges and digest of its own."""
    stream = file.path.open("rb")
    piece = _piece(resource, stream, delivery)
    if carries_marks(resource, file, delivery):
        own = mark_for_holder(resource, file, delivery, _closing(piece.chunks, stream))
        if own is not None:
            name = f"{Path(file.name).stem}.{piece.ending}"
            as_cut = replace(file, content_type=piece.content_type)
            return deliver_marked(resource, as_cut, name, piece.columns, own, delivery, _watch(delivery))
        stream = file.path.open("rb")
        piece = _piece(resource, stream, delivery)
    if request.method == "HEAD":
        stream.close()
        answer = Response(b"")
    else:
        delivery.settle(sha256=file.sha256, columns=piece.columns)
        signals.resource_download.send(resource.id)
        answer = Response(watched(_closing(piece.chunks, stream), delivery))
    answer.headers["Content-Type"] = piece.content_type
    answer.headers["Content-Disposition"] = disposition(f"{Path(file.name).stem}.{piece.ending}")
    answer.headers["X-Content-Type-Options"] = "nosniff"
    answer.headers["Accept-Ranges"] = "none"
    return answer


def _own(resource: model.Resource, file: StoredFile, delivery: Delivery) -> Marked | None:
    return mark_for_holder(resource, file, delivery, [file.path.read_bytes()])


def _piece(resource: model.Resource, stream: Any, delivery: Delivery) -> Cut:
    try:
        return cut(stream, headings_for(resource.package, delivery.items))
    except CannotCut as error:
        stream.close()
        raise delivery.deny(Reason.UNCUTTABLE) from error


def _closing(chunks: Iterable[bytes], stream: Any) -> Iterator[bytes]:
    with stream:
        yield from chunks


def _kept_by_nobody(answer: Response, delivery: Delivery) -> Response:
    """No cache keeps closed data; of open data one may, if it asks the gate each time."""
    if delivery.is_closed:
        keep_nowhere(answer, delivery)
    else:
        answer.headers["Cache-Control"] = "no-cache"
        answer.headers["X-Accel-Buffering"] = "no"  # a web server that has read ahead would go on sending what is shut
    return answer


def keep_nowhere(answer: Response, delivery: Delivery) -> None:
    """Have no cache keep an answer, and no web server read ahead: it would go on sending what has lost its leave."""
    answer.headers["Cache-Control"] = "private, no-store"
    answer.headers["X-Accel-Buffering"] = "no"
    request.environ["__no_cache__"] = True  # CKAN's own word for it, or it adds that caches may keep the answer
    if delivery.number is not None:
        tell_of_delivery(answer, delivery)


def tell_of_delivery(answer: Response, delivery: Delivery) -> None:
    """The delivery's number, and where its manifest stands."""
    answer.headers["X-Delivery-Number"] = str(delivery.number)
    address = flask_url_for("govdata_access.manifest", number=str(delivery.number))
    answer.headers["Link"] = f'<{address}>; rel="describedby"; type="application/json"'
