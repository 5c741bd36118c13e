"""Secrets held against their app clients: a rotation looks at the one that is due, this at all, and changes none.

It is a step of this function because this one reads values anyway: whoever asks gets none, and needs no right to.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from . import binding, credentials
from .patience import Patience
from .ports import AppClients, Busy, Missing, RotationFailed, Secret, Secrets

Told = dict[str, dict[str, str]]
"""Why, by the secret's name: `refused`, whose rotations are refused; `wrong`, whose value the next one replaces."""


@dataclass(frozen=True)
class Comparison:
    """One look at secrets of app clients. What is not there, or scheduled for deletion, is nobody's yet."""

    secrets: Secrets
    clients: AppClients
    patience: Patience

    def run(self, names: Iterable[str]) -> Told:
        """Compare the secrets of these names. Raises RotationFailed when AWS does not answer."""
        told: Told = {"refused": {}, "wrong": {}}
        for name in names:
            if self._look(name):
                self.clients.forget()  # an app client may be newer than what was told of the pool
                for kind, why in (self._look(name) or {}).items():
                    told[kind][name] = why
        return told

    def _look(self, name: str) -> dict[str, str] | None:
        trouble = ""
        for _ in self.patience.attempts():
            try:
                return self._compare(name)
            except Missing:
                return None
            except Busy as busy:
                trouble = str(busy)
        raise RotationFailed(f"{name}: {trouble}; time is up")

    def _compare(self, name: str) -> dict[str, str] | None:
        secret = self._ask().describe(name)
        if secret.deleted:
            return None
        pool = binding.read_names(self.clients, self.patience)
        if difference := binding.find_difference(secret, pool):
            return {"refused": difference}
        self.patience.require()
        if arn := self.clients.managed(str(secret.client_id)):
            return {"refused": binding.refuse_managed(secret, arn)}
        held = self._read(name, secret)
        if stranger := binding.find_stranger(secret, held, pool):
            return {"refused": stranger}
        if held is None or held.client_id != secret.client_id:
            return {"wrong": f"its current value is not of its app client {secret.client_id}: rotate it"}
        return None

    def _read(self, name: str, secret: Secret) -> credentials.Credentials | None:
        current = secret.holder("AWSCURRENT")
        return credentials.parse(self._ask().read(name, current)) if current else None

    def _ask(self) -> Secrets:
        self.patience.require()
        return self.secrets
