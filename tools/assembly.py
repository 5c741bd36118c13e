"""Reads a cloud assembly, which a synth leaves in a folder: data, of which nothing is believed, whoever made it."""

import json
import stat
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from tools.template import Assembly, Stack

MOST_BYTES: Final = 50_000_000
"""Of a file of JSON; ours have up to 1 MB, which is what CloudFormation takes of a template."""
DIGEST: Final = "digest"
"""The tag of a stack that says what it is made of; each stack has its own (tools/seal.py)."""
STACK: Final = "aws:cloudformation:stack"
NESTED: Final = "cdk:cloud-assembly"


class AssemblyError(Exception):
    """A folder that holds no cloud assembly; the message names the file."""


def read(directory: Path) -> Assembly:
    """The cloud assembly in `directory`, nested assemblies (stages) included. Raises AssemblyError."""
    stacks: dict[str, Stack] = {}
    for folder, stage, artifact_id, artifact in artifacts(directory):
        if artifact["type"] != STACK:
            continue
        try:
            stack = _stack(directory, folder, stage, artifact_id, artifact)
        except (KeyError, TypeError, AttributeError) as error:
            raise AssemblyError(f"{_place(directory, folder)}: {artifact_id}: not a stack: {error!r}") from error
        if stack.name in stacks:
            raise AssemblyError(f"{_place(directory, folder)}: {artifact_id}: another stack is named {stack.name!r}")
        stacks[stack.name] = stack
    return Assembly(stacks)


def artifacts(directory: Path) -> Iterator[tuple[Path, str, str, dict[str, Any]]]:
    """Each artifact with its id, the folder that it is in, and its stage. Raises AssemblyError."""
    yield from _artifacts(directory, directory, "")


def _artifacts(root: Path, folder: Path, stage: str) -> Iterator[tuple[Path, str, str, dict[str, Any]]]:
    place = _place(root, folder)
    manifest = load(root, folder / "manifest.json")
    found = manifest.get("artifacts", {}) if isinstance(manifest, dict) else None
    if not isinstance(found, dict):
        raise AssemblyError(f"{place}: expected an object with artifacts")
    for artifact_id, artifact in found.items():
        if not (isinstance(artifact, dict) and isinstance(artifact.get("type"), str)):
            raise AssemblyError(f"{place}: {artifact_id}: expected an artifact with a type")
        properties = artifact.setdefault("properties", {})
        if not isinstance(properties, dict):
            raise AssemblyError(f"{place}: {artifact_id}: properties: expected an object")
        yield folder, stage, artifact_id, artifact
        if artifact["type"] == NESTED:
            if stage:
                raise AssemblyError(f"{place}: {artifact_id}: a stage in a stage, expected stages of the app alone")
            nested = within(root, folder, properties.get("directoryName"))
            yield from _artifacts(root, nested, str(properties.get("displayName", artifact_id)))


def name_of(artifact_id: str, artifact: Mapping[str, Any]) -> str:
    """The name of a stack, by its artifact."""
    return str(artifact["properties"].get("stackName", artifact_id))


def load(root: Path, path: Path) -> Any:
    """The value of a file of JSON. Raises AssemblyError, also where two readers could read it in two ways."""
    place = path.relative_to(root).as_posix()
    try:
        status = path.lstat()
        if not stat.S_ISREG(status.st_mode) or status.st_size > MOST_BYTES:
            raise AssemblyError(f"{place}: expected a regular file of up to {MOST_BYTES:,} bytes")
        return json.loads(path.read_bytes().decode(), object_pairs_hook=_unique)
    except (OSError, ValueError, RecursionError) as error:
        said = error.strerror if isinstance(error, OSError) else str(error)
        raise AssemblyError(f"{place}: cannot be read: {said}") from error


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        keys = [key for key, _ in pairs]
        raise ValueError(f"the key {next(key for key in keys if keys.count(key) > 1)!r} stands twice in one object")
    return found


def within(root: Path, folder: Path, name: object) -> Path:
    """A path that an assembly names, which is in it. Raises AssemblyError."""
    path = folder / name if isinstance(name, str) and name else root.parent
    if not path.resolve().is_relative_to(root.resolve()) or path.is_symlink():
        raise AssemblyError(f"{_place(root, folder)}: {name!r}: expected the name of a file in the assembly")
    return path


def _place(root: Path, folder: Path) -> str:
    return (folder / "manifest.json").relative_to(root).as_posix()


def _stack(root: Path, folder: Path, stage: str, artifact_id: str, artifact: dict[str, Any]) -> Stack:
    properties = artifact["properties"]
    template = load(root, within(root, folder, properties["templateFile"]))
    for resource in template.get("Resources", {}).values():
        resource["Type"].title()
    return Stack(
        name=name_of(artifact_id, artifact),
        environment=stage,
        target=artifact["environment"],
        template=template,
        settings={
            "TerminationProtection": properties.get("terminationProtection", False),
            "StackTags": {key: value for key, value in properties.get("tags", {}).items() if key != DIGEST},
        },
    )
