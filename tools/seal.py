"""The digest of a cloud assembly, by which a deploy knows that it deploys what was judged.

Each stack carries as a tag the digest of all that its deploy reads, and the assembly's digest is of those and of all
else: a tag of a stack goes to all its resources, so that one digest for all stacks would touch every resource of every
stack in every deploy (docs/decisions/one-assembly.md).
"""

import hashlib
import json
import shutil
import stat
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from stacks.modes import set_modes
from tools import deployable
from tools.assembly import DIGEST, STACK, AssemblyError, artifacts, load, name_of, read, within


@dataclass(frozen=True, kw_only=True)
class Seal:
    """`sha256:…` of a whole assembly, and of each stack by its name."""

    digest: str
    stacks: Mapping[str, str]


class SealError(Exception):
    """An assembly that no deploy takes; the message says everything that is wrong with it."""


def close(directory: Path) -> Seal:
    """Write the digest of each stack to its tags, and return the seal. Raises SealError."""
    try:
        digests = dict(_stacks(directory))
        for manifest in {folder / "manifest.json" for folder, *_ in artifacts(directory)}:
            content = load(directory, manifest)
            for artifact_id, artifact in content["artifacts"].items():
                if artifact["type"] == STACK:
                    properties = artifact["properties"]
                    properties["tags"] = properties.get("tags", {}) | {DIGEST: digests[name_of(artifact_id, artifact)]}
            manifest.write_text(f"{json.dumps(content, indent=2)}\n")
    except AssemblyError as error:
        raise SealError(str(error)) from error
    return check(directory)


def check(directory: Path) -> Seal:
    """The seal of an assembly, computed from its files. Raises SealError with every reason why none deploys it."""
    try:
        read(directory)
        digests = dict(_stacks(directory))
        problems = list(deployable.problems(directory))
        problems += [
            f"{name}: its tag {DIGEST} is {said!r}, expected {digests[name]!r}: make the assembly again"
            for name, said in _tags(directory)
            if said != digests[name]
        ]
        lines = [f"{path.relative_to(directory).as_posix()} {_of_file(directory, path)}" for path in _files(directory)]
    except AssemblyError as error:
        raise SealError(str(error)) from error
    if problems:
        raise SealError("\n".join(problems))
    return Seal(digest=_of("\n".join(lines).encode()), stacks=digests)


def copy(directory: Path, to: Path) -> Seal:
    """Copy an assembly to a folder that nobody else writes to, and return the copy's seal. Raises SealError."""
    try:
        for path in _files(directory):
            target = to / path.relative_to(directory)
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(path, target, follow_symlinks=False)
    except (AssemblyError, OSError) as error:
        raise SealError(str(error)) from error
    set_modes(to)  # Neither git nor an artifact of GitHub keeps them.
    return check(to)


def assets(directory: Path) -> dict[str, str]:
    """The digest of what each key in the bucket of assets holds. Raises AssemblyError."""
    return {
        key: _of_tree(directory, source)
        for folder, _, _, artifact in artifacts(directory)
        if artifact["type"] == deployable.ASSETS
        for key, source in deployable.sources(directory, folder, artifact)
    }


def _stacks(directory: Path) -> Iterator[tuple[str, str]]:
    """The name of each stack, and the digest of what it is, its template and files."""
    found = list(artifacts(directory))
    lists = {artifact_id: (folder, each) for folder, _, artifact_id, each in found if each["type"] == deployable.ASSETS}
    for folder, _, artifact_id, artifact in found:
        if artifact["type"] != STACK:
            continue
        properties = artifact["properties"]
        tags = {key: value for key, value in properties.get("tags", {}).items() if key != DIGEST}
        stated = {key: value for key, value in properties.items() if key != "tags"} | ({"tags": tags} if tags else {})
        parts = [
            json.dumps(stated, sort_keys=True),
            _of_tree(directory, within(directory, folder, stated["templateFile"])),
        ]
        for name in properties.get("additionalDependencies", ()):
            for key, source in deployable.sources(directory, *lists[name]) if name in lists else ():
                parts.append(f"{key} {_of_tree(directory, source)}")
        yield name_of(artifact_id, artifact), _of("\n".join(parts).encode())


def _tags(directory: Path) -> Iterator[tuple[str, Any]]:
    for _, _, artifact_id, artifact in artifacts(directory):
        if artifact["type"] == STACK:
            yield name_of(artifact_id, artifact), artifact["properties"].get("tags", {}).get(DIGEST)


def _files(directory: Path) -> list[Path]:
    """Every file of the assembly, in one order. Raises AssemblyError for what is neither a file nor a folder."""
    found = []
    for path in sorted(directory.rglob("*")):
        mode = path.lstat().st_mode
        if stat.S_ISREG(mode):
            found.append(path)
        elif not stat.S_ISDIR(mode):
            raise AssemblyError(f"{path.relative_to(directory)}: expected files and folders alone")
    return found


def _of_tree(root: Path, path: Path) -> str:
    if not path.is_dir():
        return _of_file(root, path)
    return _of(
        "\n".join(f"{each.relative_to(path).as_posix()} {_of_file(root, each)}" for each in _files(path)).encode()
    )


def _of_file(root: Path, path: Path) -> str:
    try:
        return _of(path.read_bytes())
    except OSError as error:
        raise AssemblyError(f"{path.relative_to(root)}: cannot be read: {error.strerror}") from error


def _of(content: bytes) -> str:
    return f"sha256:{hashlib.sha256(content).hexdigest()}"
