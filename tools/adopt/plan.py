"""What is to be adopted: which resource of which stack each existing thing becomes, and its template's properties."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import yaml
from aws_cdk import cx_api
from pydantic import BaseModel, ConfigDict, Field, ValidationError

POOL: Final = "AWS::Cognito::UserPool"
DOMAIN: Final = "AWS::Cognito::UserPoolDomain"
SERVER: Final = "AWS::Cognito::UserPoolResourceServer"
CLIENT: Final = "AWS::Cognito::UserPoolClient"


class AdoptionError(Exception):
    """Why nothing can be adopted, for people, every reason on its own line."""


class ExistingPool(BaseModel):
    """The file that MAP names: what exists, by the ids that Cognito gave it. It holds no secret."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    user_pool: str = Field(pattern=r"^[\w-]+_[0-9a-zA-Z]+$")
    clients: dict[str, str]
    """Client id by the name of the client's file in the registry."""


@dataclass(frozen=True, kw_only=True)
class Adopted:
    """One existing resource, the place it gets in a stack, and its properties as the template has them."""

    stack: str
    """The stack's id, by which the CDK CLI selects it."""
    stack_name: str
    logical_id: str
    type: str
    identifier: Mapping[str, str]
    wanted: Mapping[str, Any]
    template: Path
    """The template of its stack, in the assembly."""
    importable: Mapping[str, Any]
    """The template's properties with the values of parameters in their place: an import takes resources alone."""

    @property
    def name(self) -> str:
        """What people call it: its kind and its own name."""
        return f"{self.type.removeprefix('AWS::Cognito::')} {list(self.identifier.values())[-1]}"


def read(path: Path) -> ExistingPool:
    """The mapping file, or AdoptionError with every mistake in it."""
    try:
        data = yaml.safe_load(path.read_text())
        if not isinstance(data, dict):
            raise AdoptionError(f"{path}: expected a mapping with user_pool and clients, as docs/adopting.md shows")
        return ExistingPool.model_validate(data)
    except OSError as error:
        raise AdoptionError(f"{path}: {error.strerror}: write it as docs/adopting.md shows") from None
    except yaml.MarkedYAMLError as error:
        raise AdoptionError(
            f"{path}: not YAML: line {error.problem_mark.line + 1 if error.problem_mark else 1}"
        ) from None
    except ValidationError as error:
        lines = (f"{path}: {'.'.join(map(str, e['loc']))}: {e['msg']}" for e in error.errors())
        raise AdoptionError("\n".join(lines)) from None


def plan(assembly: cx_api.CloudAssembly, existing: ExistingPool) -> list[Adopted]:
    """What each stack of one environment adopts, the pool first. Raises AdoptionError for a client without a file."""
    identity = next(stack for stack in assembly.stacks if _of(stack.template, POOL))
    values = _Values(identity.template, [stack.template for stack in assembly.stacks], existing.user_pool)
    found = [
        adopted
        for stack in assembly.stacks
        for kind in (POOL, DOMAIN, SERVER, CLIENT)
        for adopted in _adopted(stack, kind, values, existing)
    ]
    names = {adopted.wanted.get("ClientName") for adopted in found}
    unknown = [
        f"clients.{name}: no such client in the registry in this environment: write its file first (make client)"
        for name in existing.clients
        if name not in names
    ]
    if unknown:
        raise AdoptionError("\n".join(unknown))
    return found


def _adopted(
    stack: cx_api.CloudFormationStackArtifact, kind: str, values: "_Values", existing: ExistingPool
) -> Iterator[Adopted]:
    for logical_id, properties in _of(stack.template, kind):
        wanted = values.resolve(properties)
        identifier = {"UserPoolId": existing.user_pool}
        if kind == CLIENT:
            if wanted["ClientName"] not in existing.clients:
                continue
            identifier["ClientId"] = existing.clients[wanted["ClientName"]]
        for key in {DOMAIN: ("Domain",), SERVER: ("Identifier",)}.get(kind, ()):
            identifier[key] = wanted[key]
        yield Adopted(
            stack=stack.hierarchical_id,
            stack_name=stack.stack_name,
            logical_id=logical_id,
            type=kind,
            identifier=identifier,
            wanted=wanted,
            template=Path(stack.template_full_path),
            importable=values.fill(properties),
        )


def _of(template: Any, kind: str) -> list[tuple[str, Any]]:
    return [(key, item["Properties"]) for key, item in template["Resources"].items() if item["Type"] == kind]


class _Values:
    """The values that CloudFormation will put in for references to the adopted pool and its resource server."""

    def __init__(self, identity: Any, templates: Sequence[Any], user_pool: str) -> None:
        published = {item["Name"]: item["Value"] for each in templates for _, item in _of(each, "AWS::SSM::Parameter")}
        self._read = {
            key: published.get(parameter["Default"])
            for each in templates
            for key, parameter in each.get("Parameters", {}).items()
        }
        self._references = {key: user_pool for key, _ in _of(identity, POOL)} | {
            key: properties["Identifier"] for key, properties in _of(identity, SERVER)
        }

    def fill(self, value: Any) -> Any:
        """`value` with what other stacks publish in the place of the parameters that read it."""
        match value:
            case {"Ref": reference} if reference in self._read:
                return self.resolve(value)
            case dict():
                return {key: self.fill(item) for key, item in value.items()}
            case list():
                return [self.fill(item) for item in value]
        return value

    def resolve(self, value: Any) -> Any:
        match value:
            case {"Ref": reference}:
                return (
                    self._references[reference]
                    if reference in self._references
                    else self.resolve(self._read[reference])
                )
            case {"Fn::Join": [separator, parts]}:
                return separator.join(self.resolve(part) for part in parts)
            case dict():
                return {key: self.resolve(item) for key, item in value.items()}
            case list():
                return [self.resolve(item) for item in value]
        return value
