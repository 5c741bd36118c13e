"""Reads and checks the whole registry: which files there are, what each says, and what they say together."""

from collections.abc import Iterator, Mapping
from dataclasses import fields
from pathlib import Path, PurePosixPath
from typing import Final

from pydantic import TypeAdapter, ValidationError

from stacks.registry import document, files
from stacks.registry.limits import collisions, overfull, readers_apart
from stacks.registry.messages import explain
from stacks.registry.model import DAY, AppClient, ClientFile, Declaration, Group
from stacks.registry.problems import Problem, RegistryError, listed, nearest
from stacks.registry.texts import ClientName, GroupName

CLIENTS: Final = Path(__file__).parents[2] / "clients"
DECLARED: Final = "clients/groups.yaml"
SCHEMAS: Final = ("client.schema.json", "groups.schema.json")

_REMOVE_GROUP: Final = (
    "add one; or, to remove the group, delete its entry here and run `make catalogue`, which takes it out of "
    ".github/CODEOWNERS and docs/access.md. The next deploy deletes its stacks, "
    "and with them the last client's credentials"
)
_CLIENT: Final = TypeAdapter(ClientFile)
_CLIENT_NAME: Final[TypeAdapter[str]] = TypeAdapter(ClientName)
_DECLARATION: Final = TypeAdapter(Declaration)
_GROUP_NAME: Final[TypeAdapter[str]] = TypeAdapter(GroupName)


def load(root: Path = CLIENTS) -> tuple[Group, ...]:
    """Every group under `root`, sorted by name. Raises RegistryError with every problem there is.

    It reads files and nothing else: no clock, so whether a client has expired is not decided here (see `expired`).
    """
    reading = _Registry(root)
    declared = reading.declarations()
    clients = list(reading.clients(declared))
    names = ((path.stem, Problem(reading.shown(path), 1, "file name", "")) for path in reading.files)
    reading.problems += collisions(names, "client")
    reading.problems += readers_apart(clients)
    moved = {client.path: f"clients/{client.held_by}" for client in clients}
    reading.problems += overfull(
        [moved.get(reading.shown(path), reading.shown(path.parent)) for path in reading.files], clients
    )
    groups = tuple(
        Group(**vars(declared[name]), name=name, clients=tuple(client for client in clients if client.group == name))
        for name in sorted(declared)
    )
    reading.fail(groups)
    return groups


def declarations(root: Path = CLIENTS) -> Mapping[str, Declaration]:
    """What `groups.yaml` declares, by group, whether or not a group has a client yet. Raises RegistryError."""
    reading = _Registry(root)
    declared = reading.declarations()
    reading.fail()
    return declared


class _Registry:
    def __init__(self, root: Path) -> None:
        self.root = root
        self.problems: list[Problem] = []
        self.files: list[Path] = []
        self.declared_on: dict[str, int] = {}
        """The line of each group in groups.yaml, valid or not."""

    def fail(self, groups: tuple[Group, ...] = ()) -> None:
        if self.problems:
            raise RegistryError([str(problem) for problem in sorted(set(self.problems))], groups)

    def refuse(self, path: str, field: str, text: str, line: int = 1) -> None:
        self.problems.append(Problem(path, line, field, text))

    def shown(self, path: Path) -> str:
        """The path as messages and reports name it, whatever folder the registry is read from."""
        return (PurePosixPath("clients") / path.relative_to(self.root)).as_posix()

    def entries(self, folder: Path) -> list[Path]:
        try:
            return sorted(path for path in folder.iterdir() if not files.left_over(path))
        except OSError as error:
            self.refuse(self.shown(folder), "folder", f"cannot be read: {error.strerror}")
            return []

    def read(self, path: Path) -> document.Node | None:
        """The tree of a file, or None when there is nothing more to say about it."""
        try:
            with path.open("rb") as file:
                root, problems = document.read(self.shown(path), file.read(document.MOST_BYTES + 1))
        except OSError as error:
            self.refuse(self.shown(path), "file", f"cannot be read: {error.strerror}")
            return None
        self.problems += problems
        return None if isinstance(root.value, document.Refused) else root

    def declarations(self) -> dict[str, Declaration]:
        path = self.root / "groups.yaml"
        if not path.is_file() or path.is_symlink():
            self.refuse(DECLARED, "file", "missing, expected a file that declares each group of clients")
            return {}
        root = self.read(path)
        if root is None or not isinstance(root.value, dict):
            if root:
                self.refuse(DECLARED, "file", "expected a mapping of groups", root.line)
            return {}
        declared = {}
        for name, node in root.value.items():
            self.declared_on[name] = node.line
            try:
                _GROUP_NAME.validate_python(name)
                declared[name] = _DECLARATION.validate_python(node.plain())
            except ValidationError as error:
                self.problems += explain(error, DECLARED, root, Declaration, (name,))
        names = ((name, Problem(DECLARED, line, name, "")) for name, line in self.declared_on.items())
        self.problems += collisions(names, "group")
        return declared

    def clients(self, declared: Mapping[str, Declaration]) -> Iterator[AppClient]:
        for path in self.entries(self.root):
            if path.is_dir() and not path.is_symlink():
                if not self.entries(path):
                    continue  # as git has it: without files there is no folder
                yield from self.group(path, declared)
            elif path.name not in ("groups.yaml", *SCHEMAS):
                self.refuse(
                    self.shown(path), "file", "not allowed here, expected clients/<group>/<client>.yaml: move it"
                )
        held = {path.parent.name for path in self.files}
        for name, line in self.declared_on.items():
            if name not in held:
                self.refuse(
                    DECLARED, name, f"no client in clients/{name}, expected at least one: {_REMOVE_GROUP}", line
                )

    def group(self, folder: Path, declared: Mapping[str, Declaration]) -> Iterator[AppClient]:
        if folder.name not in self.declared_on:
            expected = f"expected {listed(sorted(self.declared_on))}" if self.declared_on else "which declares none"
            near = nearest(folder.name, self.declared_on)
            text = (
                f"group {folder.name!r} is not declared in {DECLARED}, {expected}: declare it or move its files{near}"
            )
            self.refuse(self.shown(folder), "folder", text)
        for path in self.entries(folder):
            problem = files.unfit(path)
            if problem:
                self.refuse(self.shown(path), *problem)
                continue
            self.files.append(path)
            client = self.client(path, declared.get(folder.name))
            if client:
                yield client

    def client(self, path: Path, declared: Declaration | None) -> AppClient | None:
        """The client of one file, or None when a problem is known that keeps it from being one."""
        shown, before = self.shown(path), len(self.problems)
        try:
            _CLIENT_NAME.validate_python(path.stem)
        except ValidationError as error:
            self.refuse(shown, "file name", error.errors()[0]["msg"])
        root = self.read(path)
        if root is None:
            return None
        lines = {key: node.line for key, node in root.value.items()} if isinstance(root.value, dict) else {}
        file = None
        try:
            file = _CLIENT.validate_python(root.plain())
        except ValidationError as error:
            self.problems += explain(error, shown, root, ClientFile)
        unsaid = "expires" not in lines and all(problem.field != "expires" for problem in self.problems[before:])
        if declared and declared.expires == "required" and unsaid:
            text = f"missing, the group {path.parent.name} requires it: expected {DAY.expected}"
            self.refuse(shown, "expires", text, root.line)
        if file is not None and file.stack == path.parent.name:
            text = (
                f"{file.stack!r} is the group that it is in, expected the one that it was moved from: remove the line"
            )
            self.refuse(shown, "stack", text, lines["stack"])
        if file is None or declared is None or len(self.problems) > before:
            return None
        values = {field.name: getattr(file, field.name) for field in fields(ClientFile)}
        return AppClient(**values, name=path.stem, group=path.parent.name, path=shown, lines=lines)
