"""A YAML file as a tree that knows its lines, in the part of YAML that every reader of YAML reads the same way.

Anchors, aliases, merge keys, tags, directives and several documents are refused, and so are values that YAML turns into
something other than what is written (`yes`, `0x1F`, `1:30`, `~`). Built from the parser's events, because composing or
constructing recurses into whatever depth the file has, and forgets duplicate keys.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Final

import yaml
from yaml.reader import Reader

from stacks.registry.problems import Problem, short
from stacks.registry.scalars import Implicit, read_scalar

MOST_BYTES: Final = 64 * 1024
"""A full client file, with the most readers in every environment, is under 50 kB."""
DEEPEST: Final = 8
"""The model nests four deep."""

Place = tuple[int | str, ...]
"""Where a value is: keys and list indexes from the root. A last `[key]` means the key itself, as pydantic says it."""

_MENDS: Final = {
    "mapping values are not allowed": ": put a text that holds ': ' in quotes, and keep the indentation even",
    "find expected": ": a key, bracket or quote is not finished, or the indentation is uneven",
    "unexpected end of stream": ": a quote is not closed",
}
"""What to do about the messages of the YAML parser that people meet."""

_CONFLICT: Final = ("<<<<<<< ", ">>>>>>> ", "||||||| ")
"""How git begins a line of a conflict that nobody has settled."""

_LOADER: Final = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


@dataclass(frozen=True)
class Refused:
    """A value that is already reported, so that nothing else is said about it."""


@dataclass(frozen=True)
class Node:
    """A value and the line, from 1, that a person looks for: a key's own line, a list item's own line."""

    line: int
    value: object
    """A str, bool, int, date, Implicit or Refused; a list of nodes; or a dict of nodes by key."""

    def plain(self) -> Any:
        """The value without its lines."""
        if isinstance(self.value, dict):
            return {key: node.plain() for key, node in self.value.items()}
        if isinstance(self.value, list):
            return [node.plain() for node in self.value]
        return self.value

    def find(self, place: Place) -> tuple[str, "Node"]:
        """The name of the field at a place, as messages show it, and the nearest node there is on the way to it."""
        node, names = self, [part for part in place if isinstance(part, str) and part != "[key]"]
        for part in place:
            if isinstance(node.value, dict):
                node = node.value.get(part, node)
            elif isinstance(node.value, list) and isinstance(part, int):
                node = node.value[part]
        return ".".join(names) or "file", node


def read(path: str, content: bytes) -> tuple[Node, list[Problem]]:
    """The tree of a file's content and what YAML itself finds wrong with it. Any bytes: it raises nothing."""
    reading = _Reading(path)
    root = Node(1, Refused())
    text = reading.decode(content)
    if text is not None:
        try:
            root = reading.document(yaml.parse(text, Loader=_LOADER))
        except yaml.YAMLError as error:
            reading.refuse_syntax(error, text.count("\n"))
        except _TooDeepError as error:
            reading.refuse(error.line, "YAML", f"nested deeper than {DEEPEST}, expected 4 at most")
    return root, reading.problems


class _TooDeepError(Exception):
    def __init__(self, line: int) -> None:
        self.line = line


@dataclass
class _Reading:
    path: str
    problems: list[Problem] = field(default_factory=list)

    def refuse(self, line: int, where: str, text: str) -> None:
        self.problems.append(Problem(self.path, line, where, text))

    def refuse_syntax(self, error: yaml.YAMLError, lines: int) -> None:
        said = getattr(error, "problem", None) or "not YAML"
        mark = getattr(error, "problem_mark", None)
        if mark and mark.line >= lines:
            # What is not closed is found missing at the end; where it begins is what to look at.
            mark = getattr(error, "context_mark", None) or mark
        mend = next((mend for part, mend in _MENDS.items() if part in said), "")
        self.refuse(mark.line + 1 if mark else 1, "YAML", f"{said}{mend}")

    def decode(self, content: bytes) -> str | None:
        """The text, or None when there is none to parse."""
        if len(content) > MOST_BYTES:
            self.refuse(1, "file", f"larger than {MOST_BYTES} bytes, expected a short file")
            return None
        try:
            text = content.decode()
        except UnicodeDecodeError as error:
            line = content.count(b"\n", 0, error.start) + 1
            self.refuse(line, "file", f"byte 0x{content[error.start]:02x} is not UTF-8, save the file as UTF-8")
            return None
        if text.startswith("\ufeff"):
            self.refuse(1, "file", "starts with a byte order mark, save the file as UTF-8 without one")
            return None
        unprintable = Reader.NON_PRINTABLE.search(text)
        if unprintable:
            line = text.count("\n", 0, unprintable.start()) + 1
            self.refuse(
                line, "file", f"the control character U+{ord(unprintable.group()):04X} is not allowed, remove it"
            )
            return None
        conflict = [number for number, line in enumerate(text.split("\n"), 1) if line.startswith(_CONFLICT)]
        if conflict:
            said = "the markers of a merge conflict: keep what is right of both sides, and remove the markers"
            self.refuse(conflict[0], "file", said)
            return None
        tabs = [number for number, line in enumerate(text.split("\n"), 1) if "\t" in line]
        for number in tabs:
            self.refuse(number, "YAML", "a tab, which YAML refuses as indentation: write spaces")
        return None if tabs else text

    def document(self, events: Iterator[Any]) -> Node:
        root: Node | None = None
        for event in events:
            line = event.start_mark.line + 1
            if isinstance(event, yaml.DocumentStartEvent):
                if event.version or event.tags:
                    self.refuse(line, "YAML", "a % directive is not allowed, remove it")
                if root is not None:
                    self.refuse(line, "YAML", "a second document, expected one file for each client: remove '---'")
                    return root
            elif not isinstance(event, yaml.StreamStartEvent | yaml.StreamEndEvent | yaml.DocumentEndEvent):
                root = self.node(event, events, line, ())
        if root is None or root.value == Implicit("", "nothing"):
            self.refuse(1, "file", "empty, expected fields, each as 'name: value'")
            return Node(1, Refused())
        return root

    def node(self, event: Any, events: Iterator[Any], line: int, place: tuple[str, ...]) -> Node:
        """The node that starts with `event`, shown at `line`."""
        if len(place) > DEEPEST:
            raise _TooDeepError(event.start_mark.line + 1)
        here, name = event.start_mark.line + 1, ".".join(part for part in place if part) or "file"
        if isinstance(event, yaml.AliasEvent):
            self.refuse(here, name, f"alias '*{short(event.anchor or '')}' is not allowed, write the value out")
            return Node(line, Refused())
        if event.anchor:
            self.refuse(here, name, f"anchor '&{short(event.anchor)}' is not allowed, remove it")
        if event.tag:
            self.refuse(
                here, name, f"tag {short(event.tag.replace('tag:yaml.org,2002:', '!!'))!r} is not allowed, remove it"
            )
        value: object
        if isinstance(event, yaml.ScalarEvent):
            value = read_scalar(event)
        elif isinstance(event, yaml.MappingStartEvent):
            value = self.mapping(events, place)
        else:
            value = self.sequence(events, place)
        return Node(line, Refused() if event.tag else value)

    def mapping(self, events: Iterator[Any], place: tuple[str, ...]) -> dict[str, Node]:
        found: dict[str, Node] = {}
        for key in events:
            if isinstance(key, yaml.MappingEndEvent):
                break
            line = key.start_mark.line + 1
            text = key.value if isinstance(key, yaml.ScalarEvent) else None
            name = ".".join(part for part in (*place, text) if part) or "file"
            self.node(key, events, line, place)
            value = self.node(next(events), events, line, (*place, text or ""))
            if text is None:
                self.refuse(line, name, "a key that is not plain text, expected a name")
            elif text == "<<":
                self.refuse(line, name, "a merge key is not allowed, write the values out")
            elif text in found:
                self.refuse(line, name, f"written twice, first on line {found[text].line}: keep one")
            else:
                found[text] = value
        return found

    def sequence(self, events: Iterator[Any], place: tuple[str, ...]) -> list[Node]:
        found: list[Node] = []
        for event in events:
            if isinstance(event, yaml.SequenceEndEvent):
                break
            node = self.node(event, events, event.start_mark.line + 1, (*place, ""))
            if isinstance(node.value, str) and any(node.value == other.value for other in found):
                self.refuse(node.line, ".".join(place), f"{short(node.value)!r} is listed twice: keep one")
            found.append(node)
        return found
