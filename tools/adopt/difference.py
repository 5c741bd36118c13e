"""Where an existing resource is not what its template says.

CloudFormation imports a resource without comparing it and later updates it only when its template changes, then with
every property at once. So a difference would wait, unseen, for some later deploy: adoption asks for none.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from cfnlint.schema import PROVIDER_SCHEMA_MANAGER  # type: ignore[import-untyped]

from tools.adopt.plan import CLIENT, POOL, SERVER, Adopted

# Set by hand and absent from our templates: an update of the resource puts Cognito's default in its place. See
# https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_UpdateUserPoolClient.html
# https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_UpdateUserPool.html
_CLEARED: Final[Mapping[str, Mapping[str, Any]]] = {
    CLIENT: {
        "AnalyticsConfiguration": None,
        "CallbackURLs": [],
        "DefaultRedirectURI": "",
        "IdTokenValidity": None,
        "LogoutURLs": [],
        "ReadAttributes": [],
        "RefreshTokenValidity": 30,
        "WriteAttributes": [],
    },
    POOL: {
        "AutoVerifiedAttributes": [],
        "DeviceConfiguration": {},
        "EmailConfiguration": {"EmailSendingAccount": "COGNITO_DEFAULT"},
        "LambdaConfig": {},
        "MfaConfiguration": "OFF",
        "SmsAuthenticationMessage": "",
        "SmsConfiguration": {},
        "UserAttributeUpdateSettings": {},
        "UserPoolAddOns": {"AdvancedSecurityMode": "OFF"},
    },
}
# Taking one of these away takes access from callers that have it now.
_ACCESS: Final[Mapping[str, str]] = {CLIENT: "AllowedOAuthScopes", SERVER: "Scopes"}


@dataclass(frozen=True, kw_only=True)
class Difference:
    """One property. `stops` says why adopting must not go on; without it, aligning the resource is safe."""

    name: str
    property: str
    live: Any
    wanted: Any
    stops: str | None = None

    def __str__(self) -> str:
        line = f"{self.name}: {self.property}: is {json.dumps(self.live)}, the template says {json.dumps(self.wanted)}"
        return f"{line}: {self.stops}" if self.stops else line


def differences(adopted: Adopted, live: Mapping[str, Any] | None) -> Iterator[Difference]:
    """Every property in which the live resource is not the template's, one by one."""
    if live is None:
        yield Difference(name=adopted.name, property="existence", live=None, wanted="exists", stops="there is none")
        return
    fixed = _create_only(adopted.type)
    for name, wanted in adopted.wanted.items():
        found = _part(live.get(name), wanted)
        if _normal(found) == _normal(wanted):
            continue
        stops = None
        if name in fixed:
            stops = "it cannot be changed in place: CloudFormation would replace the resource"
        elif name == _ACCESS.get(adopted.type) and (lost := _lost(found, wanted)):
            stops = f"callers would lose {', '.join(lost)}: put it into the code or the registry first"
        yield Difference(name=adopted.name, property=name, live=found, wanted=wanted, stops=stops)
    for name, default in _CLEARED.get(adopted.type, {}).items():
        if name not in adopted.wanted and _set(live.get(name)) not in (_set(None), _set(default)):
            yield Difference(name=adopted.name, property=name, live=live[name], wanted=default)


def _part(live: Any, wanted: Any) -> Any:
    """Of a live structure, what the template speaks of: Cognito fills in the rest."""
    if isinstance(live, dict) and isinstance(wanted, dict):
        return {key: _part(live.get(key), value) for key, value in wanted.items()}
    return live


def _normal(value: Any) -> Any:
    """Cognito keeps lists as sets, and answers an empty one with nothing."""
    if isinstance(value, dict):
        return {key: _normal(value[key]) for key in sorted(value)}
    if isinstance(value, list):
        return sorted((_normal(item) for item in value), key=json.dumps) or None
    return value


def _set(value: Any) -> Any:
    """What is really set in a live value: Cognito also answers with structures that hold nothing."""
    if isinstance(value, dict):
        return {key: part for key, item in value.items() if (part := _set(item))}
    return value or {}


def _lost(live: Any, wanted: Any) -> list[str]:
    def names(scopes: Any) -> set[str]:
        return {scope["ScopeName"] if isinstance(scope, dict) else scope for scope in scopes or []}

    return sorted(names(live) - names(wanted))


def _create_only(kind: str) -> set[str]:
    schema = PROVIDER_SCHEMA_MANAGER.get_resource_schema("us-east-1", kind).schema
    return {path.removeprefix("/properties/") for path in schema.get("createOnlyProperties") or ()}
