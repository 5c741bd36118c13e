"""The page in a real browser: what a person sees, types and hears of it."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.tools.catalogue.unchecked import unchecked
from tools.catalogue import page as html
from tools.catalogue.access import Catalogue
from tools.routes import Route

Visit = Callable[..., Page]
UNSCOPED = Route(environment="dev", api="otto-dev-health", path="/health", method="GET", authorizer="NONE", scopes=())
AXE = Path(__file__).parents[3] / "node_modules/axe-core/axe.min.js"
ALL = [
    "lead-enricher dev",
    "lead-enricher staging",
    "lead-enricher prod",
    "profile-importer dev",
    "profile-importer staging",
    "profile-importer prod",
    "generic dev",
]


def shown(page: Page) -> list[str]:
    """Every visible grant, as `client environment`."""
    rows: list[str] = page.evaluate(
        """() => [...document.querySelectorAll("#access tbody tr")].filter((row) => row.checkVisibility()).map((row) =>
            `${row.parentElement.querySelector("th b").textContent} ${row.querySelector(".environment").textContent}`
        )"""
    )
    return rows


def status(page: Page) -> str:
    return page.get_by_role("status").inner_text()


def fragment(page: Page) -> str:
    return page.url.partition("#")[2]


def test_slash_then_words_finds_the_grants_that_hold_every_word(visit: Visit) -> None:
    page = visit()
    page.keyboard.press("/")
    expect(page.get_by_role("searchbox", name="Search")).to_be_focused()
    page.keyboard.type("IMPORTER prod")
    assert shown(page) == ["profile-importer prod"]
    assert status(page) == "1 of 7 grants to 1 of 3 clients"


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("delete /profiles", ["profile-importer dev", "profile-importer prod", "generic dev"]),
        ("ingestion@example.com", ["profile-importer dev", "profile-importer staging", "profile-importer prod"]),
        ("otto/prod/clients/lead", ["lead-enricher prod"]),
        ("anybody at otto", ["generic dev"]),
        ("role/ingestion", ["profile-importer prod"]),
        ("suspended", ["profile-importer staging"]),
    ],
)
def test_the_search_reaches_routes_contacts_credentials_purposes_readers_and_states(
    visit: Visit, words: str, found: list[str]
) -> None:
    page = visit()
    page.keyboard.press("/")
    page.keyboard.type(words)
    assert shown(page) == found


def test_the_filters_work_from_the_keyboard_alone(visit: Visit) -> None:
    page = visit()
    page.keyboard.press("/")
    page.keyboard.press("Tab")
    page.keyboard.type("prod")
    assert shown(page) == ["lead-enricher prod", "profile-importer prod"]
    page.keyboard.press("Tab")
    page.keyboard.type("api.w")
    assert shown(page) == ["profile-importer prod"]
    assert fragment(page) == "environment=prod&scope=api.write"


@pytest.mark.parametrize(
    ("label", "option", "found"),
    [
        ("Owner", "growth", ALL[:3]),
        ("Kind", "testing", ALL[6:]),
        ("State", "active", [*ALL[:4], *ALL[5:]]),
        ("State", "suspended", ["profile-importer staging"]),
        ("State", "expires in 30 days", ["generic dev"]),
        ("State", "expired", []),
    ],
)
def test_each_filter_shows_what_it_names(visit: Visit, label: str, option: str, found: list[str]) -> None:
    page = visit()
    page.get_by_label(label, exact=True).select_option(label=option)
    assert shown(page) == found


def test_a_clients_own_cells_stay_with_its_shown_rows(visit: Visit) -> None:
    page = visit("#environment=prod")
    client = page.get_by_role("rowheader", name="lead-enricher")
    expect(client).to_be_visible()
    assert client.get_attribute("rowspan") == "1"
    page.keyboard.press("Escape")
    assert client.get_attribute("rowspan") == "3"
    assert shown(page) == ALL


@pytest.mark.parametrize("leave", ["Escape", "Clear"])
def test_clearing_brings_every_row_back_and_returns_to_the_search(visit: Visit, leave: str) -> None:
    page = visit("#q=importer&environment=prod&state=active")
    assert shown(page) == ["profile-importer prod"]
    if leave == "Escape":
        page.keyboard.press("Escape")
    else:
        page.get_by_role("button", name="Clear").press("Enter")
    expect(page.get_by_role("searchbox")).to_be_focused()
    assert shown(page) == ALL
    assert status(page) == "7 grants to 3 clients"
    assert fragment(page) == ""


def test_a_slash_typed_in_the_search_is_a_slash(visit: Visit) -> None:
    page = visit()
    page.keyboard.press("/")
    page.keyboard.type("internal/lead")
    assert page.get_by_role("searchbox").input_value() == "internal/lead"
    assert shown(page) == ALL[:3]


def test_nothing_found_says_so_and_how_to_leave(visit: Visit) -> None:
    page = visit("#q=nobody")
    assert shown(page) == []
    assert status(page) == "Nothing matches. Escape clears the search and the filters."


def test_the_address_carries_the_search_and_the_filters_to_the_next_person(visit: Visit) -> None:
    page = visit()
    page.keyboard.press("/")
    page.keyboard.type("a&b=c#d %2F ü")
    assert shown(page) == []
    page.get_by_role("searchbox").fill("profiles")
    page.get_by_label("Owner").select_option("ingestion")
    page.get_by_label("State").select_option("active")
    other = visit(f"#{fragment(page)}")
    assert other.get_by_role("searchbox").input_value() == "profiles"
    assert other.get_by_label("Owner").input_value() == "ingestion"
    assert shown(other) == shown(page) == ["profile-importer dev", "profile-importer prod"]


def test_any_text_survives_the_round_trip_through_the_address(visit: Visit) -> None:
    page = visit()
    page.get_by_role("searchbox").fill("a&b=c#d %2F ü+")
    page.wait_for_function("location.hash")
    expect(visit(f"#{fragment(page)}").get_by_role("searchbox")).to_have_value("a&b=c#d %2F ü+")


def test_an_address_with_an_unknown_filter_shows_everything(visit: Visit) -> None:
    page = visit("#environment=moon&colour=red")
    assert shown(page) == ALL
    page.evaluate("location.hash = 'environment=prod'")
    expect(page.get_by_label("Environment")).to_have_value("prod")
    assert shown(page) == ["lead-enricher prod", "profile-importer prod"]


@pytest.mark.parametrize(
    ("today", "note"),
    [
        ("2026-10-31T23:59:59Z", None),
        ("2026-11-01T00:00:00Z", "30 days left"),
        ("2026-11-30T12:00:00Z", "1 day left"),
        ("2026-12-01T23:59:59Z", "expires today"),
        ("2026-12-02T00:00:00Z", "expired"),
    ],
)
def test_what_expires_soon_is_told_on_the_readers_day(visit: Visit, today: str, note: str | None) -> None:
    page = visit(today=today)
    kind = page.get_by_role("cell", name="testing expires 2026-12-01")
    assert kind.locator("strong").all_inner_texts() == ([note] if note else [])


# axe-core leaves a text undecided that reaches into another table row. Nothing here overlaps, so the colours decide.
PALE = """() => {
    const { Color, getContrast } = axe.commons.color;
    const colour = (text) => { const parsed = new Color(); parsed.parseString(text); return parsed; };
    const ground = (element) => {
        const found = colour(getComputedStyle(element).backgroundColor);
        return found.alpha === 1 ? found : ground(element.parentElement);
    };
    const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    const pale = [];
    while (texts.nextNode()) {
        const element = texts.currentNode.parentElement;
        if (!texts.currentNode.data.trim() || !element.checkVisibility()) continue;
        const contrast = getContrast(ground(element), colour(getComputedStyle(element).color));
        if (contrast < 4.5) pale.push(`contrast ${contrast.toFixed(1)}: ${texts.currentNode.data.trim()}`);
    }
    return pale;
}"""


def faults(page: Page) -> list[str]:
    """What axe-core finds against WCAG 2.2 AA and good practice, and every visible text of too little contrast."""
    page.evaluate(AXE.read_text(encoding="utf-8"))
    tags = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
    found: list[dict[str, Any]] = page.evaluate("async (tags) => (await axe.run({runOnly: tags})).violations", tags)
    pale: list[str] = page.evaluate(PALE)
    return [f"{rule['id']}: {node['html']}" for rule in found for node in rule["nodes"]] + pale


@pytest.mark.parametrize(("scheme", "paper"), [("light", "rgb(255, 255, 255)"), ("dark", "rgb(16, 20, 24)")])
@pytest.mark.parametrize("width", [1440, 390])
def test_every_text_has_contrast_and_the_page_its_structure(
    visit: Visit, sample: Catalogue, scheme: str, paper: str, width: int
) -> None:
    page = visit(shown=replace(sample, unscoped=(UNSCOPED,)), color_scheme=scheme, width=width)
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == paper
    assert faults(page) == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_word_that_nothing_matches_has_contrast(visit: Visit, scheme: str) -> None:
    assert faults(visit("#q=nobody&state=soon", color_scheme=scheme)) == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_pale_text_would_be_found(visit: Visit, scheme: str) -> None:
    page = visit(color_scheme=scheme)
    page.evaluate("document.querySelector('.name p').style.color = 'light-dark(#949494, #5c6066)'")
    assert any(fault.endswith(": Looks up the public profile of each new lead to enrich it.") for fault in faults(page))


def test_every_control_shows_that_it_has_the_focus(visit: Visit) -> None:
    page = visit()
    seen = []
    for _ in range(7):
        page.keyboard.press("Tab")
        seen.append(
            page.evaluate(
                """() => {
                    const control = document.activeElement;
                    const { outlineStyle, outlineWidth } = getComputedStyle(control);
                    return [control.name || control.type, outlineStyle, outlineWidth];
                }"""
            )
        )
    names = ["q", "environment", "scope", "owner", "kind", "state", "clear"]
    assert seen == [[name, "solid", "2px"] for name in names]


OVERFLOW = "document.documentElement.scrollWidth - document.documentElement.clientWidth"


@pytest.mark.parametrize("width", [320, 390, 768, 1024, 1280])
def test_nothing_is_wider_than_the_window(visit: Visit, sample: Catalogue, width: int) -> None:
    entry = sample.entries[0]
    long = unchecked(entry.client, name="n" * 64, owner="o" * 40, contact=f"{'c' * 64}@example.com", purpose="p" * 200)
    page = visit(shown=replace(sample, entries=(replace(entry, client=long), *sample.entries)), width=width)
    assert page.evaluate(OVERFLOW) == 0
    page.evaluate("document.querySelector('h1').style.width = '2000px'")
    assert page.evaluate(OVERFLOW) > 0


def test_print_leaves_the_controls_out_and_shows_every_row(visit: Visit) -> None:
    page = visit("#environment=prod", color_scheme="dark")
    page.emulate_media(media="print", color_scheme="light")
    expect(page.get_by_role("searchbox")).to_be_hidden()
    expect(page.get_by_role("rowheader", name="generic")).to_be_visible()
    assert shown(page) == ALL
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
    page.emulate_media(media="screen")
    expect(page.get_by_role("rowheader", name="generic")).to_be_hidden()
    expect(page.get_by_role("searchbox")).to_be_visible()
    assert shown(page) == ["lead-enricher prod", "profile-importer prod"]


def test_without_javascript_the_whole_table_is_there_and_no_dead_control(visit: Visit) -> None:
    page = visit(java_script_enabled=False)
    for client in ("lead-enricher", "profile-importer", "generic"):
        expect(page.get_by_role("rowheader", name=client)).to_be_visible()
    expect(page.locator("#access tbody tr:visible")).to_have_count(len(ALL))
    expect(page.locator("input:visible, select:visible, button:visible")).to_have_count(0)


def test_the_page_asks_for_nothing_and_complains_of_nothing(visit: Visit) -> None:
    page = visit()
    requests: list[str] = []
    messages: list[str] = []
    page.on("request", lambda request: requests.append(request.url))
    page.on("console", lambda message: messages.append(message.text))
    page.on("pageerror", lambda error: messages.append(error.message))
    page.reload()
    page.keyboard.press("/")
    page.keyboard.type("prod")
    page.keyboard.press("Escape")
    assert [url.rpartition("/")[2] for url in requests] == ["catalogue.html"]
    assert messages == []


@pytest.mark.parametrize(
    ("attempt", "directive"),
    [
        ("fetch('https://example.com/').catch(() => 0)", "connect-src"),
        ("document.body.append(Object.assign(new Image(), {src: 'https://example.com/x.png'}))", "img-src"),
        ("document.body.append(Object.assign(document.createElement('script'), {text: '0'}))", "script-src-elem"),
        (
            "document.body.append(Object.assign(document.createElement('style'), {textContent: 'a{}'}))",
            "style-src-elem",
        ),
        ("document.body.innerHTML = '<a onclick=0>'; document.querySelector('a').click()", "script-src-attr"),
    ],
)
def test_its_own_policy_forbids_the_network_and_foreign_code(visit: Visit, attempt: str, directive: str) -> None:
    page = visit()
    blocked = page.evaluate(
        f"""() => new Promise((resolve) => {{
            addEventListener("securitypolicyviolation", (event) => resolve(event.effectiveDirective));
            {attempt};
            setTimeout(resolve, 3000, "nothing was blocked");
        }})"""
    )
    assert blocked == directive


OWNED = "document.title='owned'"
HOSTILE = f"""</style></script><script>{OWNED}</script><img src=x onerror="{OWNED}">"'&amp;{{{{7*7}}}}{{% x %}}"""


def test_a_hostile_registry_is_only_text(visit: Visit, sample: Catalogue) -> None:
    entry = sample.entries[2]
    [access] = entry.access
    client = unchecked(entry.client, group=HOSTILE, name=HOSTILE, purpose=HOSTILE, owner=HOSTILE, contact=HOSTILE)
    grant = unchecked(access.grant, scopes=(HOSTILE,), readers=(HOSTILE,))
    calls = tuple(replace(call, path=HOSTILE, methods=(HOSTILE,)) for call in access.calls)
    hostile = replace(entry, client=client, access=(replace(access, grant=grant, credentials=HOSTILE, calls=calls),))
    route = Route(environment=HOSTILE, api=HOSTILE, path=HOSTILE, method=HOSTILE, authorizer="NONE", scopes=())
    page = visit(shown=replace(sample, entries=(hostile,), unscoped=(route,)))
    assert page.title() == "Who may call what · Otto"
    assert page.locator("img").count() == 0
    text = page.evaluate("document.body.textContent")
    # group, name, purpose, owner (and its filter), contact, scope, credentials, reader, 2 routes, the unscoped route
    assert text.count(HOSTILE) == 4 + 1 + 1 + 3 + 2 * len(calls) + 4
    page.get_by_label("Owner").select_option(HOSTILE)
    assert page.locator("#access tbody tr:visible").count() == 1


def test_a_route_that_asks_for_no_scope_is_shown_loudly(visit: Visit, sample: Catalogue) -> None:
    page = visit(shown=replace(sample, unscoped=(UNSCOPED,)))
    expect(page.get_by_role("heading", name="Routes that ask for no scope")).to_be_visible()
    expect(page.get_by_role("listitem")).to_have_text("dev: GET /health of otto-dev-health")


def test_the_same_catalogue_is_the_same_page(sample: Catalogue) -> None:
    assert html.render(sample) == html.render(sample)
