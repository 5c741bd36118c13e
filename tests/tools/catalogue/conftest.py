"""A real browser, and a catalogue with every kind of row in it."""

from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from stacks.registry import AppClient, Grant, Group
from tests.browser import opened
from tools.catalogue import page as html
from tools.catalogue.access import Catalogue, catalogue
from tools.routes import Route

TODAY = "2026-11-23T12:00:00Z"
Visit = Callable[..., Page]


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with opened() as browser:
        yield browser


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
