"""The catalogue as one HTML page that needs no network and, by its own Content-Security-Policy, can use none."""

from base64 import b64encode
from hashlib import sha256
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from stacks import scopes
from stacks.environments import ENVIRONMENTS
from stacks.registry import WARNING_DAYS
from tools.catalogue.access import Catalogue

_HERE = Path(__file__).parent


def render(catalogue: Catalogue) -> str:
    """A pure function of the catalogue: no clock. What expires soon, the browser decides on the day it is read."""
    style, script = (_HERE / "page.css").read_text(), (_HERE / "page.js").read_text()
    templates = Environment(
        loader=FileSystemLoader(_HERE),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return templates.get_template("page.html").render(
        catalogue=catalogue,
        descriptions=scopes.DESCRIPTIONS,
        warning_days=WARNING_DAYS,
        environments=[environment.name for environment in ENVIRONMENTS],
        # Only these two texts may run or style: a value that slipped through escaping would still do nothing.
        policy=(
            f"default-src 'none'; style-src '{_digest(style)}'; script-src '{_digest(script)}'; img-src data:; "
            "base-uri 'none'; form-action 'none'"
        ),
        style=Markup(style),  # noqa: S704  # our own file beside this one
        script=Markup(script),  # noqa: S704  # our own file beside this one
    )


def _digest(text: str) -> str:
    return f"sha256-{b64encode(sha256(text.encode()).digest()).decode()}"
