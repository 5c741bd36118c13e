"""Which HTTP routes the synthesized templates open, and the scopes that a caller's access token needs for each."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

Template = Mapping[str, Any]
Templates = Mapping[str, Mapping[str, Template]]
"""Environment name -> stack name -> CloudFormation template."""


@dataclass(frozen=True, kw_only=True, order=True)
class Route:
    """One method of a REST API. `path` is the resource path, without the stage."""

    environment: str
    api: str
    path: str
    method: str
    scopes: tuple[str, ...]
    """As on the wire, `<resource server>/<scope>`. API Gateway asks for any one of them; empty, for none."""


def routes(templates: Templates) -> list[Route]:
    """Every `AWS::ApiGateway::Method`, sorted. A value that only AWS knows is shown as `${LogicalId}`."""
    return sorted(
        route
        for environment, stacks in templates.items()
        for stack in stacks
        for route in _routes(environment, _Stack(stacks, stack))
    )


def _routes(environment: str, stack: "_Stack") -> Iterator[Route]:
    for resource in stack.resources.values():
        if resource["Type"] == "AWS::ApiGateway::Method":
            method = resource["Properties"]
            yield Route(
                environment=environment,
                api=stack.text(method["RestApiId"]),
                path=stack.path(method["ResourceId"]),
                method=method["HttpMethod"],
                scopes=tuple(stack.text(scope) for scope in method.get("AuthorizationScopes", ())),
            )


# The property that stands for a `Ref` to the resource. That of a REST API is an id only AWS knows; its name says more.
_NAME = {"AWS::Cognito::UserPoolResourceServer": "Identifier", "AWS::ApiGateway::RestApi": "Name"}


class _Stack:
    """Reads values of one stack's template through the intrinsic functions that CDK writes."""

    def __init__(self, stacks: Mapping[str, Template], name: str) -> None:
        self._stacks = stacks
        self.resources: Mapping[str, Any] = stacks[name].get("Resources", {})

    def path(self, resource_id: Any) -> str:
        """The path of an API resource: its part after its parent's, up to the root."""
        resource = self.resources.get(resource_id["Ref"]) if "Ref" in resource_id else None
        if resource is None or resource["Type"] != "AWS::ApiGateway::Resource":
            return "/"
        properties = resource["Properties"]
        return f"{self.path(properties['ParentId']).rstrip('/')}/{self.text(properties['PathPart'])}"

    def text(self, value: Any) -> str:
        match value:
            case {"Ref": str(name)}:
                resource = self.resources.get(name, {"Type": None})
                known = resource.get("Properties", {}).get(_NAME.get(resource["Type"], ""))
                return f"${{{name}}}" if known is None else self.text(known)
            case {"Fn::Join": [str(separator), list(parts)]}:
                return separator.join(self.text(part) for part in parts)
            case {"Fn::GetStackOutput": {"StackName": str(stack), "OutputName": str(name)}} if stack in self._stacks:
                return _Stack(self._stacks, stack).text(self._stacks[stack]["Outputs"][name]["Value"])
            case {"Fn::ImportValue": str(export)}:
                return self._imported(export)
            case dict():
                return f"${{{next(iter(value))}}}"
            case _:
                return str(value)

    def _imported(self, export: str) -> str:
        for stack, template in self._stacks.items():
            for output in template.get("Outputs", {}).values():
                if output.get("Export", {}).get("Name") == export:
                    return _Stack(self._stacks, stack).text(output["Value"])
        return f"${{{export}}}"
