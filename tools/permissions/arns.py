"""The ARN that CloudFormation will give each resource, and every ARN that a resource's properties name."""

import re
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any, Final

import yaml

from tools.report.replacement import select
from tools.template import Assembly, Reference, Stack, references

EXAMPLE_ACCOUNT: Final = "111122223333"
Node = tuple[str, str]
"""A resource by its stack's name and its logical id."""
_RANDOM: Final = "A1B2C3D4E5F6"  # The end of a name that CloudFormation makes.
_SHORT: Final = ("AWS::IAM::Role", "AWS::Lambda::Function")  # Names of 64 characters at most: each part is cut to 24.
_FIELD: Final = re.compile(r"{([\w.]+)}")
_PART: Final[Mapping[str, Any]] = {"id": "part", "arn": ""}


@cache
def formats() -> Mapping[str, Mapping[str, Any]]:
    """The lines of arns.yaml, by type."""
    found: dict[str, dict[str, Any]] = yaml.safe_load(Path(__file__).with_name("arns.yaml").read_text())
    return found


class Arns:
    """The names of one environment's resources once it is deployed to an account."""

    def __init__(self, assembly: Assembly, environment: str, account: str = EXAMPLE_ACCOUNT) -> None:
        self._assembly = assembly
        self.account = account
        self._properties: dict[Node, dict[str, Any]] = {}
        self._nodes = {
            arn: (stack.name, logical_id)
            for stack in assembly.stacks.values()
            if stack.environment == environment
            for logical_id in stack.resources
            for arn in self.own((stack.name, logical_id))
        }

        self._wholes = {
            f"{arn}/": node for arn, node in self._nodes.items() if self._line(node).get("parts_have_its_tags")
        }

    def owner(self, arn: str) -> dict[str, Any]:
        """The properties of the resource that has this ARN; {} where no template makes it."""
        return self.properties(self._nodes[arn]) if arn in self._nodes else {}

    def tagged(self, arn: str) -> Node | None:
        """The resource whose tags count for this ARN: the one that hands its tags down to it, or its own."""
        return next((node for whole, node in self._wholes.items() if arn.startswith(whole)), self._nodes.get(arn))

    def kind(self, node: Node) -> str:
        """The resource's type; '' where no template makes it."""
        stack = self._assembly.stacks.get(node[0])
        resource = stack.resources.get(node[1]) if stack else None
        return str(resource["Type"]) if resource else ""

    def everything(self) -> tuple[str, ...]:
        """The ARNs of all the environment's resources."""
        return tuple(self._nodes)

    def properties(self, node: Node) -> dict[str, Any]:
        """The resource's properties, resolved."""
        if node not in self._properties:
            self._properties[node] = self._assembly.properties(node)
        return self._properties[node]

    def own(self, node: Node) -> tuple[str, ...]:
        """The ARNs that the resource itself is asked for by; none where its type is a part of another's."""
        line = self._line(node)
        return tuple(self.fill(node, arn) for arn in (line["arn"], *line.get("also", ())) if arn)

    def made(self, node: Node) -> tuple[str, ...]:
        """The ARN that its creation is asked for by, where that is its collection's."""
        line = self._line(node)
        return (self.fill(node, line["made"]),) if "made" in line else ()

    def named(self, node: Node) -> tuple[str, ...]:
        """The ARNs of everything else that its properties name: by a reference, as an ARN, or by the table's `uses`."""
        properties = self.properties(node)
        found = {self.fill(node, arn) for arn in self._line(node).get("uses", ())}
        found |= {text for text in self._texts(properties) if text.startswith("arn:aws:")}
        for referred in {each.node for each in references(properties)} - {node}:
            if self.kind(referred):
                found.update(self.own(referred))
        return tuple(sorted(found))

    def at(self, node: Node, path: str) -> set[str]:
        """The texts at a property's path, such as `Targets/*/RoleArn`."""
        found = select(self.properties(node), tuple(path.split("/")))
        return {self.text(each) for each in (found if isinstance(found, list) else [found]) if each is not None}

    def text(self, value: Any) -> str:
        """A resolved value of a template as one text."""
        match value:
            case Reference(stack="", logical_id="AWS::AccountId"):
                return self.account
            case Reference() if self.kind(value.node):
                return self._returned(value)
            case Reference():
                return f"{value.stack}.{value.logical_id}"
            case {"Fn::Join": ["", [*parts]]}:
                return "".join(self.text(part) for part in parts)
            case _:
                return str(value)

    def _texts(self, value: Any) -> Iterator[str]:
        if isinstance(value, dict) and set(value) != {"Fn::Join"}:
            value = list(value.values())
        if isinstance(value, list):
            for item in value:
                yield from self._texts(item)
        else:
            yield self.text(value)

    def _returned(self, reference: Reference) -> str:
        """What `Ref`, or `Fn::GetAtt` of an attribute, returns."""
        line = self._line(reference.node)
        if line["arn"] and (reference.attribute or line.get("ref", "")).casefold() == "arn":
            return self.fill(reference.node, line.get("returned", line["arn"]))
        return f"{self._name(reference.node)}{reference.attribute}"

    def _line(self, node: Node) -> Mapping[str, Any]:
        return formats().get(self.kind(node), _PART)

    def _name(self, node: Node) -> str:
        line = self._line(node)
        if "id" in line:
            return str(line["id"]).format(region=region(self._assembly.stacks[node[0]]))
        properties = self.properties(node)
        if line["name"] in properties:
            return self.text(properties[line["name"]])
        long = "-".join([*node, _RANDOM])
        cut = len(long) > 64 and self.kind(node) in _SHORT
        return "-".join([node[0][:24], node[1][:24], _RANDOM]) if cut else long

    def fill(self, node: Node, arn: str) -> str:
        """A format of arns.yaml, or `*`, with its fields filled in for this resource."""
        properties = self.properties(node)

        def fill(field: re.Match[str]) -> str:
            match field[1]:
                case "region":
                    return region(self._assembly.stacks[node[0]])
                case "account":
                    return self.account
                case "name":
                    return self._name(node)
                case "Path":
                    return self.text(properties.get("Path", "/"))
                case path:
                    return self.text(_select(properties, path))

        return "*" if arn == "*" else "arn:aws:" + _FIELD.sub(fill, arn)


def region(stack: Stack) -> str:
    return stack.target.rpartition("/")[2]


def _select(properties: Any, path: str) -> Any:
    """The property at a dotted path."""
    for part in path.split("."):
        properties = properties[part]
    return properties
