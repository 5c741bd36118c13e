"""A real browser, the one that package.json pins, and a catalogue with every kind of row in it."""

import json
import os
import platform
import subprocess
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from playwright.sync_api import Browser, Error, Page, sync_playwright

from stacks.registry import AppClient, Grant, Group
from tools.catalogue import page as html
from tools.catalogue.access import Catalogue, catalogue
from tools.routes import Route

ROOT = Path(__file__).parents[3]
LOCAL = ROOT / ".local"
TODAY = "2026-11-23T12:00:00Z"
Visit = Callable[..., Page]

# The package's own libraries and fonts, too: no distribution's package is needed, and pages look alike everywhere.
_UNPACK = """
import chromium, { inflate } from "@sparticuz/chromium";
await inflate("node_modules/@sparticuz/chromium/bin/al2023.tar.br");
await chromium.executablePath();
"""
_FONTS = '<?xml version="1.0"?><!DOCTYPE fontconfig SYSTEM "fonts.dtd"><fontconfig><dir>{}</dir></fontconfig>'


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Closed with its file: Playwright's sync API leaves an event loop running, and others start one of their own."""
    bundled = (platform.system(), platform.machine()) == ("Linux", "x86_64")
    with sync_playwright() as playwright:
        chromium = playwright.chromium
        try:
            opened = _launch_bundled(chromium.launch) if bundled else chromium.launch(channel="chrome")
        except Error as error:
            mend = "run make .venv/.ready" if bundled else "install Google Chrome (npm ships one for x86-64 Linux only)"
            pytest.fail(f"no browser to test the catalogue in: {mend}\n{error.message}", pytrace=False)
        yield opened
        opened.close()


def _launch_bundled(launch: Callable[..., Browser]) -> Browser:
    version = json.loads((ROOT / "node_modules/@sparticuz/chromium/package.json").read_text())["version"]
    home = LOCAL / f"chromium-{version}"
    if not home.exists():
        LOCAL.mkdir(exist_ok=True)
        with TemporaryDirectory(dir=LOCAL) as parent:
            unpacked = Path(parent, "chromium")
            unpacked.mkdir()
            environment = os.environ | {"TMPDIR": str(unpacked)}
            subprocess.run(["node", "--input-type=module", "--eval", _UNPACK], cwd=ROOT, env=environment, check=True)
            (unpacked / "fonts.conf").write_text(_FONTS.format(home / "fonts"))
            try:
                unpacked.rename(home)
            except OSError:  # another process of the same run was faster
                if not home.exists():
                    raise
    return launch(
        executable_path=home / "chromium",
        env={
            "LD_LIBRARY_PATH": str(home / "al2023/lib"),
            "FONTCONFIG_FILE": str(home / "fonts.conf"),
            "HOME": str(home),
        },
    )


ROUTES = [
    Route(
        environment=environment,
        api=f"otto-{environment}-profiles",
        path=path,
        method=method,
        authorizer="COGNITO_USER_POOLS",
        scopes=(scope,),
    )
    for environment in ("dev", "staging", "prod")
    for path, method, scope in (
        ("/profiles", "DELETE", "api.write"),
        ("/profiles", "GET", "api.read"),
        ("/profiles", "PUT", "api.write"),
        ("/companies/{id}", "GET", "api.read"),
    )
]
BOTH = ("api.read", "api.write")
READER = "arn:aws:iam::123456789012:role/ingestion/profile-importer-task"


@pytest.fixture(scope="session")
def sample() -> Catalogue:
    """Three clients with seven grants; one grant suspended, one client that expires on 2026-12-01."""
    everywhere = {name: Grant(scopes=("api.read",)) for name in ("dev", "staging", "prod")}
    purpose = "Looks up the public profile of each new lead to enrich it."
    enricher = _client("internal/lead-enricher", "growth", "#otto-growth", purpose, environments=everywhere)
    grants = {
        "dev": Grant(scopes=BOTH),
        "staging": Grant(scopes=BOTH, suspended=True),
        "prod": Grant(scopes=BOTH, access_token_minutes=1440, readers=(READER,)),
    }
    purpose = "Imports the public profiles that partner feeds deliver every night."
    importer = _client("internal/profile-importer", "ingestion", "ingestion@example.com", purpose, environments=grants)
    generic = _client(
        "testing/generic",
        "platform",
        "#otto-platform",
        "The generic client that anybody at Otto uses to try the APIs in dev.",
        environments={"dev": Grant(scopes=BOTH)},
        kind="testing",
        expires=date(2026, 12, 1),
    )
    return catalogue([_group("internal", enricher, importer), _group("testing", generic)], ROUTES)


def _client(file: str, owner: str, contact: str, purpose: str, **rest: Any) -> AppClient:
    group, name = file.split("/")
    return AppClient(
        name=name, group=group, path=f"clients/{file}.yaml", owner=owner, contact=contact, purpose=purpose, **rest
    )


def _group(name: str, *clients: AppClient) -> Group:
    return Group(
        name=name, approvers="@sellwithotto/platform", purpose="Clients that a test makes up.", clients=clients
    )


@pytest.fixture
def visit(browser: Browser, sample: Catalogue, tmp_path: Path) -> Iterator[Visit]:
    """Open the page in a fresh window: `visit(hash, today=…, catalogue=…, **window)`."""
    contexts = []

    def open_page(
        fragment: str = "", *, today: str = TODAY, shown: Catalogue | None = None, width: int = 1440, **window: object
    ) -> Page:
        file = tmp_path / "catalogue.html"
        file.write_text(html.render(shown or sample), encoding="utf-8")
        context = browser.new_context(viewport={"width": width, "height": 900}, **window)  # type: ignore[arg-type]
        contexts.append(context)
        context.set_default_timeout(10_000)
        page = context.new_page()
        page.clock.set_fixed_time(today)
        page.goto(f"{file.as_uri()}{fragment}")
        return page

    yield open_page
    for context in contexts:
        context.close()
