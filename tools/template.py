"""A CloudFormation template as values that can be compared: every reference names the resource that it ends at."""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

_SUB = re.compile(r"\$\{([^!}][^}]*)\}")
_NO_VALUE = {"Ref": "AWS::NoValue"}


@dataclass(frozen=True)
class Reference:
    """What `Ref` or `Fn::GetAtt` evaluates to, whichever stack it is written in. A pseudo parameter has no stack."""

    stack: str
    logical_id: str
    attribute: str = ""

    @property
    def node(self) -> tuple[str, str]:
        return self.stack, self.logical_id


@dataclass(frozen=True, kw_only=True)
class Stack:
    """One stack of an assembly. `environment` is the name of the stage that holds it."""

    name: str
    environment: str
    target: str = ""
    """Where it is deployed: `aws://<account>/<region>`, as CDK's manifest says it."""
    template: Mapping[str, Any]
    settings: Mapping[str, Any] = field(default_factory=dict)

    @property
    def resources(self) -> dict[str, dict[str, Any]]:
        found: dict[str, dict[str, Any]] = self.template.get("Resources", {})
        return {key: value for key, value in found.items() if value["Type"] != "AWS::CDK::Metadata"}

    @property
    def holds_clients(self) -> bool:
        """True for a stack of app clients, which `make deploy` deletes once the app has it no more."""
        return self.name.startswith(f"otto-{self.environment}-clients-")

    def label(self, logical_id: str) -> str:
        """The construct path without its environment, which is the same in every environment."""
        return self.path(logical_id).removeprefix(f"{self.environment}/")

    def path(self, logical_id: str) -> str:
        """The construct path, which people can read: `prod/identity/UserPool`. Without one, stack and logical id."""
        metadata = self.template.get("Resources", {}).get(logical_id, {}).get("Metadata", {})
        path: str = metadata.get("aws:cdk:path", f"{self.name}/{logical_id}")
        return path.removesuffix("/Resource")


@dataclass(frozen=True)
class Assembly:
    """Every stack that one synthesis made, by stack name."""

    stacks: Mapping[str, Stack]

    @property
    def environments(self) -> tuple[str, ...]:
        """In the order in which they are made, which is the order of deployment."""
        return tuple(dict.fromkeys(stack.environment for stack in self.stacks.values()))

    def values(self, stack: Stack, value: Any) -> Any:
        """`value` of a template with references resolved through whatever crosses stacks, and texts made plain."""
        if isinstance(value, list):
            return [self.values(stack, item) for item in value if item != _NO_VALUE]
        if not isinstance(value, dict):
            return value
        if len(value) == 1:
            (function, argument), *_ = value.items()
            if (resolved := self._call(stack, function, argument)) is not None:
                return resolved
        return {key: self.values(stack, item) for key, item in value.items() if item != _NO_VALUE}

    def _call(self, stack: Stack, function: str, argument: Any) -> Any:  # noqa: PLR0911 - one for each function
        match function, argument:
            case "Ref", str():
                return self._ref(stack, argument)
            case "Fn::GetAtt", _:
                logical_id, attribute = argument if isinstance(argument, list) else argument.split(".", 1)
                return Reference(stack.name, logical_id, str(attribute))
            case "Fn::GetStackOutput", {"StackName": str() as producer, "OutputName": output}:
                return self._output(producer, output)
            case "Fn::ImportValue", str():
                return self._export(argument)
            case "Fn::Sub", _:
                text, variables = argument if isinstance(argument, list) else (argument, {})
                return self._sub(stack, text, variables)
            case "Fn::Join", [str() as separator, list() as parts]:
                joined = [piece for part in parts for piece in (separator, self.values(stack, part))][1:]
                return _concatenate(joined)
        return None

    @cached_property
    def _published(self) -> dict[Any, tuple[Stack, Any]]:
        """The value of each SSM parameter that a stack makes, and that stack, by the parameter's name."""
        return {
            resource["Properties"].get("Name"): (stack, resource["Properties"].get("Value"))
            for stack in self.stacks.values()
            for resource in stack.resources.values()
            if resource["Type"] == "AWS::SSM::Parameter"
        }

    def _ref(self, stack: Stack, name: str) -> Any:
        if name.startswith("AWS::"):
            return Reference("", name)
        parameter = stack.template.get("Parameters", {}).get(name, {})
        typed = str(parameter.get("Type")).startswith("AWS::SSM::Parameter::Value<")
        published = self._published.get(parameter["Default"]) if typed else None
        return self.values(*published) if published else Reference(stack.name, name)

    def _output(self, producer: str, output: str) -> Any:
        source = self.stacks.get(producer)
        if source is None or output not in source.template.get("Outputs", {}):
            return Reference(producer, "Outputs", output)
        return self.values(source, source.template["Outputs"][output]["Value"])

    def _export(self, name: str) -> Any:
        for stack in self.stacks.values():
            for output in stack.template.get("Outputs", {}).values():
                if output.get("Export", {}).get("Name") == name:
                    return self.values(stack, output["Value"])
        return Reference("", name)

    def _sub(self, stack: Stack, text: str, variables: Mapping[str, Any]) -> Any:
        pieces: list[Any] = []
        for index, piece in enumerate(_SUB.split(text)):
            if index % 2 == 0:
                pieces.append(piece.replace("${!", "${"))
            elif piece in variables:
                pieces.append(self.values(stack, variables[piece]))
            else:
                function, argument = ("Fn::GetAtt", piece) if "." in piece else ("Ref", piece)
                pieces.append(self._call(stack, function, argument))
        return _concatenate(pieces)

    def properties(self, node: tuple[str, str]) -> dict[str, Any]:
        """The properties of a resource, resolved; {} where there is no such resource."""
        stack = self.stacks.get(node[0])
        resource = stack.resources.get(node[1]) if stack else None
        resolved: dict[str, Any] = self.values(stack, resource.get("Properties", {})) if stack and resource else {}
        return resolved

    def type_of(self, node: tuple[str, str]) -> str:
        """The type of a resource; empty where there is no such resource."""
        stack = self.stacks.get(node[0])
        return str(stack.resources.get(node[1], {}).get("Type", "")) if stack else ""

    def of_type(self, *types: str) -> Iterator[tuple[Stack, str, dict[str, Any]]]:
        """Each resource of the given types: its stack, logical id and resolved properties."""
        for stack in self.stacks.values():
            for logical_id, resource in stack.resources.items():
                if resource["Type"] in types:
                    yield stack, logical_id, self.values(stack, resource.get("Properties", {}))

    def text(self, value: Any) -> str:
        """A resolved value as people read it: references as `${identity/UserPool.Arn}`, the rest as compact JSON."""
        if isinstance(value, str):
            return value
        if isinstance(value, Reference):
            return self._reference(value)
        if isinstance(value, dict) and set(value) == {"Fn::Join"}:
            return "".join(self.text(piece) for piece in value["Fn::Join"][1])
        return json.dumps(self._plain(value), ensure_ascii=False, sort_keys=True)

    def _plain(self, value: Any) -> Any:
        if isinstance(value, Reference) or (isinstance(value, dict) and set(value) == {"Fn::Join"}):
            return self.text(value)
        if isinstance(value, list):
            return [self._plain(item) for item in value]
        if isinstance(value, dict):
            return {key: self._plain(item) for key, item in value.items()}
        return value

    def _reference(self, reference: Reference) -> str:
        stack = self.stacks.get(reference.stack)
        resource = stack.resources.get(reference.logical_id) if stack else None
        name = reference.logical_id
        if stack and resource:
            # A resource server's Ref is its identifier, which is what a scope starts with.
            if resource["Type"] == "AWS::Cognito::UserPoolResourceServer" and not reference.attribute:
                return self.text(self.values(stack, resource["Properties"]["Identifier"]))
            name = stack.label(reference.logical_id)
        return "${" + name + (f".{reference.attribute}" if reference.attribute else "") + "}"


def rank(base: Assembly, head: Assembly) -> dict[str, int]:
    """The place of each environment in the order of deployment, the head's first."""
    return {name: place for place, name in enumerate(dict.fromkeys([*head.environments, *base.environments]))}


def references(value: Any) -> Iterator[Reference]:
    """Every reference inside a resolved value."""
    if isinstance(value, Reference):
        yield value
    elif isinstance(value, dict | list):
        for item in value.values() if isinstance(value, dict) else value:
            yield from references(item)


def _concatenate(pieces: list[Any]) -> Any:
    flat: list[Any] = []
    for piece in pieces:
        inner = piece["Fn::Join"][1] if isinstance(piece, dict) and set(piece) == {"Fn::Join"} else [piece]
        for item in inner:
            if isinstance(item, str) and flat and isinstance(flat[-1], str):
                flat[-1] += item
            elif item != "":
                flat.append(item)
    if all(isinstance(item, str) for item in flat):
        return "".join(flat)
    return flat[0] if len(flat) == 1 else {"Fn::Join": ["", flat]}
