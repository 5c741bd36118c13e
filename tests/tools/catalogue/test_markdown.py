from dataclasses import replace

from tests.tools.catalogue.unchecked import unchecked
from tools.catalogue import markdown
from tools.catalogue.access import Catalogue
from tools.routes import Route


def test_a_changed_grant_changes_its_own_line_alone(sample: Catalogue) -> None:
    entry = sample.entries[1]
    suspended = replace(entry.access[0], grant=replace(entry.access[0].grant, suspended=True), calls=())
    changed = replace(entry, access=(suspended, *entry.access[1:]))
    after = replace(sample, entries=(sample.entries[0], changed, *sample.entries[2:]))
    old, new = (markdown.render(shown).splitlines() for shown in (sample, after))
    [difference] = [(was, now) for was, now in zip(old, new, strict=True) if was != now]
    assert difference[0].startswith("| `profile-importer` (internal) | dev | `api.read`, `api.write` | `GET PUT DELETE")
    assert difference[1].startswith(
        "| `profile-importer` (internal) | dev | `api.read`, `api.write` | nothing: suspended |"
    )


def test_no_value_of_the_registry_can_end_its_cell_or_be_read_as_markup(sample: Catalogue) -> None:
    entry = sample.entries[2]
    owner = "a | b\n\n# c <img src=x> `d` [e](javascript:f) **g** &amp;"
    hostile = replace(entry, client=unchecked(entry.client, owner=owner, name="x`|<b>"))
    text = markdown.render(replace(sample, entries=(hostile,)))
    [line] = [line for line in text.splitlines() if line.startswith("| `x")]
    assert r"| a \| b # c &lt;img src=x&gt; \`d\` \[e\](javascript:f) \*\*g\*\* &amp;amp; |" in line
    assert line.startswith(r"| `x'\|<b>` (testing) |")


def test_a_route_that_asks_for_no_scope_gets_a_section_of_its_own(sample: Catalogue) -> None:
    route = Route(environment="dev", api="api", path="/health", method="GET", authorizer="NONE", scopes=())
    assert "no scope" not in markdown.render(sample)
    assert markdown.render(replace(sample, unscoped=(route,))).endswith(
        "\n## Routes that ask for no scope\n\n- dev: `GET /health`\n"
    )
