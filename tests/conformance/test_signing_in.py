"""CKAN's own tests of accounts and tokens, with signing in by this portal's plugin on."""

from __future__ import annotations

from pathlib import Path

import pytest

from ..beside import make_place
from .runner import HERE, exceptions, judge, run
from .signing_in import PLUGINS

CHOSEN = " ".join(PLUGINS)
FEW = ("ckan.tests.lib.test_api_token", "ckan.tests.lib.test_authenticator", "ckan.tests.model.test_api_token")
ALL = (
    *FEW,
    "ckan.tests.controllers.test_user",
    "ckan.tests.model.test_user",
    "ckan.tests.cli.test_user",
    "ckan.tests.logic.auth",
    "ckan.tests.logic.action.test_create::TestUserInvite",
    "ckan.tests.controllers.test_group::TestGroupMembership",
)


@pytest.mark.timeout(1500)
@pytest.mark.parametrize(
    ("modules", "least"),
    [(FEW, 5), pytest.param(ALL, 250, marks=pytest.mark.long)],
    ids=["tokens", "accounts and tokens"],
)
def test_ckans_own_tests_of_accounts_and_tokens_pass_but_for_the_listed_ones(
    pytestconfig: pytest.Config, tmp_path: Path, modules: tuple[str, ...], least: int
) -> None:
    place = make_place(Path(str(pytestconfig.getoption("--ckan-ini"))), "signing_in", 4, tmp_path)
    every = exceptions() | exceptions(HERE / "exceptions_signing_in.yaml")
    listed = {
        name: cause
        for name, cause in every.items()
        if name.startswith(tuple(one.replace("::", ".") for one in modules))
    }
    try:
        outcome = run(place.ini, "tantivy", CHOSEN, modules, (f"{__package__}.signing_in",))
    finally:
        place.drop()
    verdict = judge(outcome, listed)
    print(f"CKAN's own tests with {CHOSEN}: {outcome}")
    assert len(outcome.passed) >= least, f"only {outcome}"
    assert verdict.good, f"not listed: {verdict.unlisted}; listed but passed: {verdict.stale}"
