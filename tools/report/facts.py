"""The report as facts: what `report.json` holds and what the Markdown is written from."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Literal

from tools.report.access import AccessChange
from tools.report.loss import Loss
from tools.report.price import Cost
from tools.report.quota import Use
from tools.report.resources import ResourceChange
from tools.report.statements import Statement
from tools.report.understood import Unknown
from tools.routes import Route


@dataclass(frozen=True, kw_only=True)
class Expiry:
    """A client whose end is near or past. `days` from the day of the report to its last day; negative when past."""

    client: str
    owner: str
    expires: date
    days: int


@dataclass(frozen=True, kw_only=True)
class RouteChange:
    """A method before and after: None on the side where it does not exist."""

    before: Route | None
    after: Route | None


@dataclass(frozen=True, kw_only=True)
class SettingChange:
    """A difference outside the resources of a stack: its protection, outputs, parameters; or the stack itself."""

    stack: str
    setting: str
    before: str | None
    after: str | None


@dataclass(frozen=True, kw_only=True)
class Report:
    """Everything the report says. Its field names are `report.json`'s; `schema` grows when one changes meaning."""

    schema: int = 1
    base: str
    on: date | None = None
    verdict: Literal["pass", "fail"] = "pass"
    reasons: tuple[str, ...] = ()
    base_error: str = ""
    head_error: str = ""
    uncompared: str | None = None
    """Why it is acknowledged that the base could not be synthesized."""
    assembly: str | None = None
    """The digest of the change's assembly: the one that may be deployed."""
    base_assembly: str | None = None
    stacks: Mapping[str, str] = field(default_factory=dict)
    """The digest of each stack of the change, which its tag `digest` says once it is deployed."""
    judges: tuple[str, ...] = ()
    """The files of the change that take part in judging it."""
    note: str = ""
    """How the two sides were made, where that was not apart from each other."""
    problems: tuple[str, ...] = ()
    losses: tuple[Loss, ...] = ()
    access: tuple[AccessChange, ...] = ()
    expiry: tuple[Expiry, ...] = ()
    routes: tuple[RouteChange, ...] = ()
    violations: tuple[str, ...] = ()
    """What no change may do, and none can acknowledge."""
    not_understood: tuple[Unknown, ...] = ()
    statements_added: tuple[Statement, ...] = ()
    statements_removed: tuple[Statement, ...] = ()
    settings: tuple[SettingChange, ...] = ()
    resources: tuple[ResourceChange, ...] = ()
    quotas: tuple[Use, ...] = ()
    costs: tuple[Cost, ...] = ()

    @property
    def changed(self) -> bool:
        return any((self.losses, self.access, self.routes, self.settings, self.resources, self.not_understood))
