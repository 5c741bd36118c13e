"""The four steps of a rotation. Each may be killed anywhere and run again: it looks, does one thing, looks again."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from . import credentials, registration
from .credentials import Credentials
from .patience import Patience
from .ports import AppClients, Busy, Missing, RotationFailed, Secret, Secrets, TokenEndpoint, Verdict

# A value that was just registered may take a moment to be known at the token endpoint.
_PROPAGATION = 20.0  # seconds

Port = TypeVar("Port", Secrets, AppClients, TokenEndpoint)


@dataclass(frozen=True)
class Rotation:
    """One invocation: a step of the rotation that makes `version` the current one of `secret_id`."""

    secrets: Secrets
    clients: AppClients
    endpoint: TokenEndpoint
    patience: Patience
    secret_id: str
    version: str

    def run(self, step: str) -> str:
        """Do a step and say how it ended. Raises RotationFailed, which names the secret."""
        steps: dict[str, Callable[[Secret], str]] = {
            "createSecret": self._create,
            "setSecret": self._set,
            "testSecret": self._test,
            "finishSecret": self._finish,
        }
        if step not in steps:
            raise RotationFailed(f"{self.secret_id}: step {step!r} is unknown, expected one of {', '.join(steps)}")
        trouble = ""
        for _ in self.patience.attempts():
            try:
                secret = self._look()
                if "AWSCURRENT" in secret.versions[self.version] and step != "finishSecret":
                    return "already current"
                return steps[step](secret)
            except Busy as busy:
                trouble = str(busy)
            except (Missing, RotationFailed) as failure:
                raise RotationFailed(f"{self.secret_id}: {failure}") from None
        raise RotationFailed(
            f"{self.secret_id}: {trouble}; time is up, but the rotation goes on from here when run again"
        )

    def _timely(self, port: Port) -> Port:
        """Every call goes through here, so that none is begun which might outlast the invocation."""
        self.patience.require()
        return port

    def _look(self) -> Secret:
        """The secret as it is now. Refuses what Secrets Manager would not have sent."""
        secret = self._timely(self.secrets).describe(self.secret_id)
        labels = secret.versions.get(self.version, frozenset())
        problems = {
            "it is scheduled for deletion: restore it, or remove its client's file": secret.deleted,
            "rotation is not enabled for it: `make rotate` enables it again": not secret.rotates,
            "it has no tag `client-id`, so its app client is unknown: set it again "
            "(docs/runbook.md#rotation-failed)": not secret.client_id,
            f"version {self.version} is staged neither AWSPENDING nor AWSCURRENT: rotate again": not labels
            & {"AWSPENDING", "AWSCURRENT"},
        }
        if found := [problem for problem, present in problems.items() if present]:
            raise RotationFailed("; ".join(found))
        return secret

    def _read(self, secret: Secret, version: str | None) -> Credentials | None:
        """A version's credentials if they can be this app client's at all."""
        found = credentials.parse(self._timely(self.secrets).read(self.secret_id, version)) if version else None
        return found if found and found.client_id == secret.client_id else None

    def _pending(self, secret: Secret) -> Credentials:
        if found := self._read(secret, self.version):
            return found
        # A version's value cannot be replaced. Without the label the next rotation starts afresh, with a new version.
        self._timely(self.secrets).move(self.secret_id, "AWSPENDING", to=None, off=self.version)
        raise RotationFailed(
            f"the pending version does not hold credentials of app client {secret.client_id}; "
            "it is dropped, and the current one untouched: rotate again"
        )

    def _create(self, secret: Secret) -> str:
        if self._timely(self.secrets).read(self.secret_id, self.version) is not None:
            self._pending(secret)
            return "already created"
        made = Credentials(str(secret.client_id), self._timely(self.secrets).generate())
        if not made.acceptable:
            raise RotationFailed("the generated value is not one that Cognito accepts")
        self._timely(self.secrets).write_pending(self.secret_id, self.version, made.dump())
        return "created"

    def _set(self, secret: Secret) -> str:
        pending = self._pending(secret)
        verdicts: dict[str, Verdict] = {}
        while True:
            act = registration.decide(
                secret, self._timely(self.clients).secrets(pending.client_id), self.version, verdicts
            )
            match act:
                case registration.Done():
                    return "already registered"
                case registration.Refuse(why):
                    raise RotationFailed(why)
                case registration.Add():
                    self._timely(self.clients).add(pending)
                    return "registered"
                case registration.Test(version):
                    verdicts[version] = self._verdict(self._read(secret, version))
                case registration.Delete(secret_id):
                    self._timely(self.clients).delete(pending.client_id, secret_id)
                case registration.Mark(label, off):
                    self._timely(self.secrets).move(self.secret_id, label, to=self.version, off=off)
                case registration.Unmark(label, off):
                    self._timely(self.secrets).move(self.secret_id, label, to=None, off=off)
            secret = self._look()

    def _verdict(self, found: Credentials | None) -> Verdict:
        verdict = Verdict.REJECTED
        if found:
            for _ in self.patience.attempts(within=_PROPAGATION):
                verdict = self._timely(self.endpoint).verdict(found)
                if verdict is not Verdict.REJECTED:
                    break
        return verdict

    def _test(self, secret: Secret) -> str:
        # A schedule is rehearsed with an empty version and this step alone (RotateImmediately of API_RotateSecret).
        if self._timely(self.secrets).read(self.secret_id, self.version) is None:
            return "nothing to test"
        verdict = self._verdict(self._pending(secret))
        if verdict is Verdict.REJECTED:
            raise RotationFailed(
                f"the token endpoint rejects the pending secret of app client {secret.client_id}; "
                "the current one is untouched, and the rotation registers it anew when run again"
            )
        return str(verdict.value)

    def _finish(self, secret: Secret) -> str:
        labels = secret.versions[self.version]
        if "AWSCURRENT" not in labels:
            if not any(label.startswith(registration.BESIDE) for label in labels):
                raise RotationFailed("the pending version was never registered with Cognito: rotate again")
            self._timely(self.secrets).move(
                self.secret_id, "AWSCURRENT", to=self.version, off=secret.holder("AWSCURRENT")
            )
        # Left on, it would block every rotation after a person restores an older version (API_RotateSecret).
        if "AWSPENDING" in labels:
            self._timely(self.secrets).move(self.secret_id, "AWSPENDING", to=None, off=self.version)
        return "promoted"
