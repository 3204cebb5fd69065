"""Why a file is not taken, in words: what is the matter, and what to do."""

from __future__ import annotations

from ckan.plugins import toolkit as tk

from .domain import CannotHold, Way


def message(error: CannotHold) -> str:
    """The refusal in the reader's language."""
    return {
        "file_missing": tk._("No file came. Send it as multipart/form-data in the field “upload”."),
        "file_empty": tk._("The file is empty. Nothing was changed."),
        "file_too_large": tk._(
            "The file is larger than {detail} MB. Nothing was changed. Send it in parts, or packed."
        ),
        "digest_differs": tk._(
            "What arrived has the SHA-256 {detail}, and not the one that you named: it was changed or cut on the way. "
            "Nothing was changed. Send it again."
        ),
        "name_missing": tk._("The file has no name. Name it, with its ending."),
        "name_ambiguous": tk._(
            "The dataset has several files called “{detail}”. Say by “resource” which one is meant."
        ),
        "resource_elsewhere": tk._("There is no such file in this dataset."),
        "dataset_shut": tk._("The dataset is shut while it is looked into. It takes no data before it is open again."),
        "dataset_withdrawn": tk._("The dataset is withdrawn. It takes no data."),
        "answer_is_page": tk._("In place of the file came a web page, most likely a notice of an error."),
    }.get(error.cause, error.cause).format(detail=error.detail)


def way(key: str) -> str:
    """How a file came."""
    return {
        Way.PUSHED.value: tk._("sent by the agency’s system"),
        Way.BESIDE.value: tk._("beside the agency’s list"),
        Way.LINKED.value: tk._("from the address in the agency’s list"),
        Way.BY_HAND.value: tk._("put up by hand"),
    }.get(key, key)
