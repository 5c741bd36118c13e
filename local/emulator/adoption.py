"""What ministack 1.5.33 lacks of resource import and drift detection for Cognito.

AWS imports user pool domains, and detects drift of domains, resource servers and app clients, but not of user pools:
https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/resource-import-supported-resources.html. A domain is
imported by `UserPoolId` and `Domain`, the `primaryIdentifier` of its schema. Extends `services.cloudformation`: adds to
`provisioners._RESOURCE_HANDLERS`, `changesets._IMPORT_LOOKUPS` and `drift._DRIFT_READERS`.
"""

import json
from collections.abc import Mapping
from typing import Any, Final

from local.emulator.hooks import Hook

_HANDLERS: Final = Hook("services.cloudformation.provisioners", "_RESOURCE_HANDLERS")
_ATTRIBUTES: Final = Hook("services.cloudformation.provisioners", "_cognito_user_pool_domain_attributes", ("domain",))
_LOOKUPS: Final = Hook("services.cloudformation.changesets", "_IMPORT_LOOKUPS")
_READERS: Final = Hook("services.cloudformation.drift", "_DRIFT_READERS")
_DOMAIN: Final = Hook("services.cognito", "_describe_user_pool_domain", ("data",))
_SERVER: Final = Hook("services.cognito", "_describe_resource_server", ("data",))
_CLIENT: Final = Hook("services.cognito", "_describe_user_pool_client", ("data",))
HOOKS: Final = (_HANDLERS, _ATTRIBUTES, _LOOKUPS, _READERS, _DOMAIN, _SERVER, _CLIENT)

Members = Mapping[str, Any]
_TYPE: Final = "AWS::Cognito::UserPoolDomain"


def _described(answer: tuple[int, Any, str | bytes]) -> dict[str, Any] | None:
    """The one thing that a Describe call answers with; None when there is none."""
    status, _, body = answer
    (found,) = json.loads(body).values() if status == 200 else (None,)
    return found or None


def _problem(pool: str, domain: str) -> str | None:
    found = _described(_DOMAIN({"Domain": domain}))
    if found is None or found["UserPoolId"] != pool:
        return f"Resource of type '{_TYPE}' with identifier '{pool}|{domain}' was not found."
    return None


def _import(identifier: Members) -> tuple[str, Members]:
    return identifier["Domain"], _ATTRIBUTES(identifier["Domain"])


def _read_domain(domain: str, _props: Members) -> Members | None:
    return _described(_DOMAIN({"Domain": domain}))


def _read_server(identifier: str, props: Members) -> Members | None:
    return _described(_SERVER({"UserPoolId": props["UserPoolId"], "Identifier": identifier}))


def _read_client(client: str, props: Members) -> Members | None:
    found = _described(_CLIENT({"UserPoolId": props["UserPoolId"], "ClientId": client}))
    # CloudFormation's handler lists the secrets, which a client has too whose secret Cognito keeps itself.
    shown = [found.pop(member, None) for member in ("ClientSecret", "ClientSecretArn")] if found else []
    return found and found | {"GenerateSecret": any(shown)}


def install() -> None:
    """Put the import and the readers into ministack's tables."""
    _HANDLERS.value[_TYPE]["import"] = _import
    _LOOKUPS.value[_TYPE] = (("UserPoolId", "Domain"), _problem)
    server = {"UserPoolId", "Identifier", "Name", "Scopes"}
    client = {"AccessTokenValidity", "AllowedOAuthFlows", "AllowedOAuthFlowsUserPoolClient", "AllowedOAuthScopes"}
    client |= {"ClientName", "EnableTokenRevocation", "ExplicitAuthFlows", "GenerateSecret", "TokenValidityUnits"}
    client |= {"PreventUserExistenceErrors", "SupportedIdentityProviders", "UserPoolId"}
    _READERS.value.update(
        {
            _TYPE: (_read_domain, frozenset({"UserPoolId", "Domain"})),
            "AWS::Cognito::UserPoolResourceServer": (_read_server, frozenset(server)),
            "AWS::Cognito::UserPoolClient": (_read_client, frozenset(client)),
        }
    )
