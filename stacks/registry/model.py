"""What a file of the registry may say, and where its limits come from. The reader and the JSON Schemas are this model.

Limits of Cognito are those of CreateUserPoolClient and of "Quotas in Amazon Cognito":
https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_CreateUserPoolClient.html
https://docs.aws.amazon.com/cognito/latest/developerguide/quotas.html
"""

from collections.abc import Iterable, Mapping
from dataclasses import field
from datetime import date
from typing import Annotated, Any, Final, Literal

from pydantic import AfterValidator, ConfigDict, Field, ValidationInfo
from pydantic.dataclasses import dataclass

from stacks import scopes
from stacks.environments import ENVIRONMENTS
from stacks.registry.problems import listed
from stacks.registry.rules import Day, Expected, Flag, Whole, choice, refuse
from stacks.registry.texts import Approvers, ClientName, Contact, GroupName, RoleArn, Sentence, Team

NAMES: Final = tuple(environment.name for environment in ENVIRONMENTS)
TESTING: Final = tuple(environment.name for environment in ENVIRONMENTS if environment.testing_clients)
STRICT: Final = ConfigDict(extra="forbid", use_attribute_docstrings=True)


Scope = Annotated[str, choice("scope", *scopes.DESCRIPTIONS)]


def _testing(environment: str, info: ValidationInfo) -> str:
    if (info.data or {}).get("kind") == "testing" and environment not in TESTING:
        raise refuse(f"a client of kind testing may exist in {listed(TESTING)} alone: remove it, or make it a service")
    return environment


EnvironmentName = Annotated[str, choice("environment", *NAMES), AfterValidator(_testing)]


def _ordered(chosen: tuple[str, ...]) -> tuple[str, ...]:
    """In one order, so that a list written in another changes no template."""
    return tuple(scope for scope in scopes.DESCRIPTIONS if scope in chosen)


def _by_stage(environments: Mapping[str, Any]) -> Mapping[str, Any]:
    return {name: environments[name] for name in NAMES if name in environments}


def _lasting(expires: date | None, info: ValidationInfo) -> date | None:
    if expires is None and info.data.get("kind") == "testing":
        raise refuse(f"missing, a client of kind testing must end: expected {DAY.expected}")
    return expires


DAY: Final = Day(expected="a date such as 2027-06-30")
_MINUTES: Final = Whole(least=5, most=1440, expected="a whole number of minutes, 5 to 1440")
"""Cognito: an access token lives 5 minutes to 1 day."""
_TOKENS: Final = Whole(least=1, most=12_960_000, expected="a whole number of tokens, 1 to 12960000")
"""150 requests a second, the quota of client credentials in an account and region, for a day of 86,400 s."""


@dataclass(frozen=True, kw_only=True, config=STRICT)
class Grant:
    """What one app client may do in one environment."""

    scopes: Annotated[
        tuple[Scope, ...],
        Expected(expected=f"a list of {listed(scopes.DESCRIPTIONS)}, at least one"),
        # Cognito: 50 scopes a client.
        Field(min_length=1, max_length=50, json_schema_extra={"uniqueItems": True}),
        AfterValidator(_ordered),
    ]
    """What a token of this client allows here: api.read reads; api.write creates, changes, deletes. Take the least."""
    access_token_minutes: Annotated[int, _MINUTES] = 60
    """How long a token lives. It cannot be revoked: this is how long a removed or suspended client still gets in."""
    suspended: Annotated[bool, Flag(expected="true or false")] = False
    """true: the client keeps its id and secret, and can get no token here until it is false again."""
    readers: Annotated[
        tuple[RoleArn, ...],
        Expected(expected="a list of IAM role ARNs"),
        # 20 x 600 characters fit the 20,480 of a secret's resource policy (Secrets Manager, PutResourcePolicy).
        Field(max_length=20, json_schema_extra={"uniqueItems": True}),
        AfterValidator(lambda readers: tuple(sorted(readers))),
    ] = ()
    """The IAM roles that may read this client's credentials here, each by its full ARN, of its account alone."""
    expected_tokens_per_day: Annotated[int, _TOKENS] | None = None
    """How many tokens it will get a day, for the report's cost: 24 for one instance that caches each for an hour."""


@dataclass(frozen=True, kw_only=True, config=STRICT)
class ClientFile:
    """One app client: the file's name is its name, the folder its group."""

    owner: Team
    """The team that answers for this client, in lower-case kebab-case."""
    contact: Contact
    """Where to reach the owner when the client misbehaves: an e-mail address, or a channel in quotes."""
    purpose: Sentence
    """What the client is for, in one sentence that a reviewer can judge its scopes by."""
    kind: Annotated[Literal["service", "testing"], choice("kind", "service", "testing")] = "service"
    """service: software that runs in the environments. testing: people who try the APIs, in dev alone, with an end."""
    expires: Annotated[date | None, DAY, AfterValidator(_lasting), Field(validate_default=True)] = None
    """The last day of this client, without quotes. Required for kind testing, and in groups that say so."""
    stack: GroupName | None = None
    """The group that it was moved from, whose stack goes on holding it: so nothing of it changes."""
    environments: Annotated[
        Mapping[EnvironmentName, Grant],
        Expected(expected=f"a mapping of {listed(NAMES)}, at least one"),
        Field(min_length=1),
        AfterValidator(_by_stage),
    ]
    """Where the client exists, and what it may do there."""


@dataclass(frozen=True, kw_only=True, config=STRICT)
class AppClient(ClientFile):
    """One file of the registry. Its stem is the client's name, its folder the client's group."""

    name: ClientName
    group: GroupName
    path: str
    """The file, from the root of the repository."""
    lines: Mapping[str, int] = field(default_factory=dict, compare=False, repr=False)
    """The line of each of the file's keys, for messages about it."""

    @property
    def held_by(self) -> str:
        """The group whose stacks hold it: its own, or the one that it was moved from."""
        return self.stack or self.group


@dataclass(frozen=True, kw_only=True, config=STRICT)
class Declaration:
    """What `clients/groups.yaml` says of one group."""

    approvers: Approvers
    """The GitHub team whose review a change in this folder needs. It needs write access, or GitHub asks nobody."""
    purpose: Sentence
    """What the clients of this group have in common."""
    expires: Annotated[
        Literal["required", "optional"],
        choice("choice", "required", "optional"),
    ] = "optional"
    """required: every client of this group must have an end."""


@dataclass(frozen=True, kw_only=True, config=STRICT)
class Group(Declaration):
    """A folder of the registry: one stack in each environment, one set of approvers."""

    name: GroupName
    clients: tuple[AppClient, ...]

    def clients_in(self, environment: str) -> tuple[AppClient, ...]:
        return tuple(client for client in self.clients if environment in client.environments)


def by_stack(groups: Iterable[Group], environment: str) -> dict[str, tuple[AppClient, ...]]:
    """The app clients of each stack in an environment, by the group that names the stack; none is empty."""
    found: dict[str, list[AppClient]] = {}
    for client in (client for group in groups for client in group.clients_in(environment)):
        found.setdefault(client.held_by, []).append(client)
    return {name: tuple(sorted(found[name], key=lambda client: client.name)) for name in sorted(found)}
