"""A real browser (Debian's Chromium) before a running portal; without the browser these tests are skipped, and say so."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Locator, Page

from . import portal as portals
from .sample_city import PASSWORD

WIDTHS = (1280, 390)
LANGUAGES = {"zh": "", "en": "/en"}


@pytest.fixture(scope="session")
def running_portal(
    browser: Any, pytestconfig: pytest.Config, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[portals.Portal]:
    """A portal with the sample city, for the whole session."""
    ini = Path(str(pytestconfig.getoption("--ckan-ini"))).resolve()
    running = portals.start(ini, tmp_path_factory.mktemp("portal"))
    yield running
    portals.stop(running)


@pytest.fixture(scope="session", autouse=True)
def _clicks_that_wait() -> Iterator[None]:
    """A click that leads to another page is over when that page is there, however busy the machine is."""
    patch = pytest.MonkeyPatch()
    for kind, page_of in ((Page, lambda it: it), (Locator, lambda it: it.page)):

        def click(self: Any, *args: Any, plain: Any = kind.click, page_of: Any = page_of, **options: Any) -> None:
            plain(self, *args, **options)
            page_of(self).wait_for_load_state("domcontentloaded")

        patch.setattr(kind, "click", click)
    yield
    patch.undo()


@pytest.fixture
def open_page(browser: Any, running_portal: portals.Portal) -> Iterator[Callable[..., Any]]:
    """Open an address in a new window: `open_page("/dataset/", width=390, user=..., javascript=False)`."""
    contexts = []

    def open_(path: str, width: int = 1280, user: str = "", javascript: bool = True) -> Any:
        context = browser.new_context(viewport={"width": width, "height": 900}, java_script_enabled=javascript)
        contexts.append(context)
        page = context.new_page()
        if user:
            page.goto(running_portal.url + "/user/login")
            page.fill("#field-login", user)
            page.fill("#field-password", PASSWORD)
            page.click("main button[type=submit]")
        page.goto(running_portal.url + path)
        return page

    yield open_
    for context in contexts:
        context.close()
