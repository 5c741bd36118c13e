"""The methods of every REST API of an assembly: path, authorizer and the scopes that open it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from stacks.environments import ENVIRONMENTS
from tools.template import Assembly, Reference

OPEN = "NONE"
"""The authorization type of a method that anybody can call."""

_NOTHING = {"Type": "MOCK"}
"""What is behind a method that asks for an API key nobody has, to answer 405 for the others of its path."""

_SERVERS = {environment.name: environment.resource_server for environment in ENVIRONMENTS}


@dataclass(frozen=True, order=True, kw_only=True)
class Route:
    """`authorizer` is what API Gateway asks before the method runs; any one of `scopes` opens it.

    A scope of the environment's own resource server is its name alone; another's is as on the wire, with its server.
    """

    environment: str
    api: str
    method: str
    path: str
    authorizer: str
    scopes: tuple[str, ...]

    @property
    def key(self) -> tuple[str, str, str, str]:
        return self.environment, self.api, self.method, self.path


def routes(assembly: Assembly) -> dict[tuple[str, str, str, str], Route]:
    """Every `AWS::ApiGateway::Method` that opens for anybody, by environment, API, verb and path."""
    found = {}
    for stack, _, properties in assembly.of_type("AWS::ApiGateway::Method"):
        if properties.get("ApiKeyRequired") is True and properties.get("Integration") == _NOTHING:
            continue
        api = assembly.properties(_node(properties.get("RestApiId")))
        authorizer = _authorizer(assembly, properties)
        scopes = properties.get("AuthorizationScopes", []) if authorizer != OPEN else []
        server = _SERVERS.get(stack.environment, "")
        route = Route(
            environment=stack.environment,
            api=assembly.text(api.get("Name", properties.get("RestApiId"))).replace(f"-{stack.environment}-", "-"),
            method=str(properties.get("HttpMethod")),
            path=_path(assembly, properties.get("ResourceId")) or "/",
            authorizer=authorizer,
            scopes=tuple(sorted(assembly.text(scope).removeprefix(f"{server}/") for scope in scopes)),
        )
        found[route.key] = route
    return found


def _node(value: object) -> tuple[str, str]:
    return value.node if isinstance(value, Reference) else ("", "")


def _path(assembly: Assembly, resource: object) -> str:
    """Follow ParentId up to the API's root resource."""
    properties = assembly.properties(_node(resource))
    if "PathPart" not in properties:
        return ""
    return f"{_path(assembly, properties['ParentId'])}/{properties['PathPart']}"


def _authorizer(assembly: Assembly, method: Mapping[str, Any]) -> str:
    kind = str(method.get("AuthorizationType", OPEN))
    if kind == OPEN:  # An authorizer that is named all the same is not asked.
        return OPEN
    authorizer = assembly.properties(_node(method.get("AuthorizerId")))
    issuers = [assembly.text(arn) for arn in authorizer.get("ProviderARNs", [])]
    where = assembly.text(authorizer.get("AuthorizerUri", "")) or ", ".join(issuers)
    return f"{kind} {where}".strip() if authorizer else kind
