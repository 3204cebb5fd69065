"""What the ledger of a whole portal holds, read past the portal."""

from __future__ import annotations

import json
from contextlib import closing
from typing import Any

from ckanext.govdata.installation.postgres import MAIN
from ckanext.govdata.ledger.gaps import counted

from ..installation.instance import Instance


def entries(instance: Instance) -> list[dict[str, Any]]:
    """All entries, in the log and waiting for it."""
    with closing(instance.portal.services()[0].connect(MAIN)) as connection, connection.cursor() as cursor:
        cursor.execute("SELECT entry FROM govdata_ledger.log UNION ALL SELECT entry FROM govdata_ledger.intake")
        return [json.loads(bytes(row[0])) for row in cursor.fetchall()]


def gap(instance: Instance, found: list[dict[str, Any]]) -> int:
    """How many entries are missing by the portal's own count, whether that stands in the log already or not."""
    recorded = sum(entry["govdata"]["gap"]["count"] for entry in found if entry["event"]["action"] == "ledger-gap")
    return int(recorded) + counted(instance.portal.layout.ledger)
