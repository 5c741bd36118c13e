"""What is deployed, whatever the checkout says: read from AWS alone."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from stacks import registry
from stacks.environments import Environment

OWNER: Final = "client-owner"
"""The tag of a secret that names who answers for its client: the file that said so may be gone."""
_GONE: Final = ("DELETE_COMPLETE", "REVIEW_IN_PROGRESS")
_OF_CLIENTS: Final = {
    "AWS::CDK::Metadata",
    "AWS::Cognito::UserPoolClient",
    "AWS::SecretsManager::ResourcePolicy",
    "AWS::SecretsManager::RotationSchedule",
    "AWS::SecretsManager::Secret",
}
"""All that a stack of app clients may hold: nothing that keeps anybody's data."""


@dataclass(frozen=True, kw_only=True)
class ClientStack:
    """A deployed stack of app clients."""

    name: str
    group: str
    clients: tuple[str, ...]
    others: tuple[str, ...]
    """What it holds that no stack of app clients does."""


@dataclass(frozen=True, kw_only=True)
class Standing:
    """The app clients of an environment: each name, and the group whose stack holds it, as far as known."""

    declared: Mapping[str, str]
    deployed: Mapping[str, str]

    @property
    def both(self) -> list[str]:
        return sorted(self.declared.keys() & self.deployed.keys())

    @property
    def undeclared(self) -> list[str]:
        """Deployed and no longer declared: they keep their access."""
        return sorted(self.deployed.keys() - self.declared.keys())

    @property
    def undeployed(self) -> list[str]:
        return sorted(self.declared.keys() - self.deployed.keys())

    @property
    def moved(self) -> list[str]:
        """Deployed in another stack than the one that declares them."""
        return [name for name in self.both if self.deployed[name] not in ("", self.declared[name])]


def compare(
    groups: Iterable[registry.Group], environment: Environment, stacks: Iterable[ClientStack], secrets: Iterable[str]
) -> Standing:
    """The three lists, from the registry, from what the stacks hold, and from the secrets that there are."""
    held = {client: stack.group for stack in stacks for client in stack.clients}
    stacked = registry.by_stack(groups, environment.name)
    return Standing(
        declared={client.name: group for group, clients in stacked.items() for client in clients},
        deployed=dict.fromkeys(secrets, "") | held,
    )


def secrets(manager: Any, environment: Environment) -> list[str]:
    """The app clients of an environment that have credentials, sorted: a boto3 client of Secrets Manager is asked."""
    return sorted(owners(manager, environment))


def owners(manager: Any, environment: Environment) -> dict[str, str]:
    """Who answers for each app client that has credentials, as its secret says; empty where it does not."""
    prefix = environment.credentials("")
    pages = manager.get_paginator("list_secrets").paginate(Filters=[{"Key": "name", "Values": [prefix]}])
    found = (secret for page in pages for secret in page.get("SecretList", ()) if secret["Name"].startswith(prefix))
    return {secret["Name"].removeprefix(prefix): _tags(secret).get(OWNER, "") for secret in found}


def every_stack(cloudformation: Any) -> Iterator[str]:
    """The name of every stack that there is in the account and region."""
    for page in cloudformation.get_paginator("list_stacks").paginate():
        for stack in page.get("StackSummaries", ()):
            if stack["StackStatus"] not in _GONE:
                yield stack["StackName"]


def stacks(cloudformation: Any, environment: Environment) -> Iterator[str]:
    """The name of every stack of the environment that there is, by its prefix."""
    return (name for name in every_stack(cloudformation) if name.startswith(environment.stack("")))


def client_stacks(cloudformation: Any, environment: Environment) -> list[ClientStack]:
    """Every deployed stack of app clients: by its name, for the app puts its tags on resources and not on stacks."""
    prefix, found = environment.stack("clients-"), []
    for name in sorted(set(stacks(cloudformation, environment))):
        if not name.startswith(prefix):
            continue
        held = list(_resources(cloudformation, name))
        found.append(
            ClientStack(
                name=name,
                group=name.removeprefix(prefix),
                clients=tuple(_clients(held, environment)),
                others=tuple(sorted(_others(held, environment))),
            )
        )
    return found


def _resources(cloudformation: Any, stack: str) -> Iterator[tuple[str, str]]:
    for page in cloudformation.get_paginator("list_stack_resources").paginate(StackName=stack):
        for resource in page.get("StackResourceSummaries", ()):
            if resource["ResourceStatus"] != "DELETE_COMPLETE":
                yield resource["ResourceType"], resource.get("PhysicalResourceId", "")


def _clients(held: Iterable[tuple[str, str]], environment: Environment) -> Iterator[str]:
    """The client of each secret, from the secret's ARN, which ends in a hyphen and six characters of its own."""
    prefix = f":secret:{environment.credentials('')}"
    for kind, physical in held:
        if kind == "AWS::SecretsManager::Secret" and prefix in physical:
            yield physical.partition(prefix)[2][: -len("-abcdef")]


def _others(held: Iterable[tuple[str, str]], environment: Environment) -> set[str]:
    """The types of what is not of app clients; a secret is by its name."""
    secret, prefix = "AWS::SecretsManager::Secret", f":secret:{environment.credentials('')}"
    return {kind for kind, of in held if kind not in _OF_CLIENTS or (kind == secret and prefix not in of)}


def _tags(of: Mapping[str, Any]) -> dict[str, str]:
    return {tag["Key"]: tag["Value"] for tag in of.get("Tags", ())}
