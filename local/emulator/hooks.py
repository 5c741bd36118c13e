"""The names inside ministack that the extension replaces or calls, all checked before any of them is touched.

Written for ministack 1.5.33, whose services keep their actions in module functions and `_RESOURCE_HANDLERS`.
"""

import importlib
import importlib.metadata
import inspect
import operator
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, Final

WRITTEN_FOR: Final = "1.5.33"


class MissingHookError(Exception):
    """Every name of ministack that is gone or has another shape, one line each, and what to do about it."""

    def __init__(self, version: str, problems: Iterable[str]) -> None:
        lines = "\n".join(f"  {problem}" for problem in problems)
        super().__init__(
            f"ministack {version} lacks what local/emulator extends (written for {WRITTEN_FOR}):\n{lines}\n"
            f"Pin ministack=={WRITTEN_FOR} in requirements-dev.in and run `make lock`, "
            "or adapt the module of local/emulator that names the hook."
        )


@dataclass(frozen=True)
class Hook:
    """One name of a ministack module. `parameters` are a function's, in order; `holds` is a part of a text's."""

    module: str
    name: str
    parameters: tuple[str, ...] | None = None
    holds: str | None = None

    @property
    def value(self) -> Any:
        return getattr(self._owner, self._attribute)

    @property
    def _owner(self) -> Any:
        """The module, or for a method its class."""
        module = importlib.import_module(f"ministack.{self.module}")
        *path, _ = self.name.split(".")
        return operator.attrgetter(*path)(module) if path else module

    @property
    def _attribute(self) -> str:
        return self.name.rpartition(".")[2]

    def __call__(self, *arguments: Any, **named: Any) -> Any:
        """Call what stands under this name now, as ministack itself would."""
        return self.value(*arguments, **named)

    def replace(self, new: Callable[[Any], Any]) -> None:
        """Put `new(original)` under this name: ministack looks its functions up by name at every call."""
        setattr(self._owner, self._attribute, new(self.value))

    def problem(self) -> str | None:
        """Why the name cannot be used; None when it is as the extension expects it."""
        where = f"ministack.{self.module}.{self.name}"
        try:
            value = self.value
        except (ImportError, AttributeError):
            return f"{where}: does not exist"
        if self.holds is not None and not (isinstance(value, str) and self.holds in value):
            return f"{where}: does not hold {self.holds!r}"
        if self.parameters is None:
            return None
        if not inspect.isfunction(value):
            return f"{where}: is no function any more"
        found = tuple(inspect.signature(value).parameters)
        if found[: len(self.parameters)] != self.parameters:
            return f"{where}: takes ({', '.join(found)}), expected ({', '.join(self.parameters)}, ...)"
        return None


def check(hooks: Iterable[Hook]) -> None:
    """Raise MissingHookError naming every hook that this ministack does not have as expected."""
    problems = sorted({problem for hook in hooks if (problem := hook.problem())})
    if problems:
        raise MissingHookError(importlib.metadata.version("ministack"), problems)
