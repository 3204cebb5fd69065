"""The machines of cases by the names under which tests speak of them."""

from __future__ import annotations

from collections.abc import Mapping

from ckanext.govdata.cases.contributions.machine import CONTRIBUTION
from ckanext.govdata.cases.misuse.machine import MISUSE
from ckanext.govdata.cases.objections.machine import OBJECTION
from ckanext.govdata.cases.requests.machine import REQUEST
from ckanext.govdata.cases.withdrawal.machine import WITHDRAWAL
from ckanext.govdata.workflow.domain import Machine

MACHINES: Mapping[str, Machine] = {
    "objection": OBJECTION,
    "withdrawal": WITHDRAWAL,
    "request": REQUEST,
    "contribution": CONTRIBUTION,
    "misuse": MISUSE,
}
