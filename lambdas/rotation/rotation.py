"""The four steps of a rotation. Each may be killed anywhere and run again: it looks, does one thing, looks again."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import TypeVar

from . import binding, credentials, registration
from .credentials import Credentials
from .patience import Patience
from .ports import AppClients, Busy, ClientSecret, Missing, RotationFailed, Secret, Secrets, TokenEndpoint, Verdict

# A value that was just registered may take a moment to be known at the token endpoint.
_PROPAGATION = 20.0  # seconds
# CloudFormation makes a secret right after its app client. An adopted app client is older, and callers have the secret
# that it was made with: `make adopt` waits until it is.
_TOGETHER = timedelta(minutes=2)

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
            f"version {self.version} is staged neither AWSPENDING nor AWSCURRENT: rotate again": not labels
            & {"AWSPENDING", "AWSCURRENT"},
        }
        if found := [problem for problem, present in problems.items() if present]:
            raise RotationFailed("; ".join(found))
        if binding.find_difference(secret, self._names()) and (difference := self._differs(secret)):
            raise RotationFailed(difference)
        if arn := self._timely(self.clients).managed(str(secret.client_id)):
            raise RotationFailed(binding.refuse_managed(secret, arn))
        return secret

    def _names(self) -> binding.Names:
        return binding.read_names(self.clients, self.patience)

    def _differs(self, secret: Secret) -> str | None:
        """Whether it differs from what the pool says now: an app client may be as new as its secret."""
        difference = None
        for _ in self.patience.attempts(within=_PROPAGATION):
            self.clients.forget()
            names = self._names()
            difference = binding.find_difference(secret, names)
            if not difference or secret.name in names.values():
                break
        return difference

    def _held(self, version: str | None) -> Credentials | None:
        """A version's credentials, whosever they are."""
        return credentials.parse(self._timely(self.secrets).read(self.secret_id, version)) if version else None

    def _read(self, secret: Secret, version: str | None) -> Credentials | None:
        """A version's credentials if they can be this app client's at all."""
        found = self._held(version)
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
        held = self._held(secret.holder("AWSCURRENT"))
        if held and held.client_id != secret.client_id:
            self.clients.forget()
            if stranger := binding.find_stranger(secret, held, self._names()):
                raise RotationFailed(stranger)
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
            self._end_generated(secret)
            self._timely(self.secrets).move(
                self.secret_id, "AWSCURRENT", to=self.version, off=secret.holder("AWSCURRENT")
            )
        # Left on, it would block every rotation after a person restores an older version (API_RotateSecret).
        if "AWSPENDING" in labels:
            self._timely(self.secrets).move(self.secret_id, "AWSPENDING", to=None, off=self.version)
        return "promoted"

    def _end_generated(self, secret: Secret) -> None:
        """End the secret that Cognito made with the app client, now that ours is proven: nobody was ever given it, and
        whoever may describe the app client reads it."""
        client_id, versions = str(secret.client_id), secret.versions
        registered = self._timely(self.clients).secrets(client_id)
        beside = [each for each in registered if registration.BESIDE + each.id in versions[self.version]]
        if len(registered) == 2 and beside and self._is_generated(secret, beside[0]):
            self._timely(self.clients).delete(client_id, beside[0].id)

    def _is_generated(self, secret: Secret, registered: ClientSecret) -> bool:
        """Whether it came with the app client, just before the value that no rotation has replaced yet."""
        current, previous = secret.holder("AWSCURRENT"), secret.holder("AWSPREVIOUS")
        if not current or self._read(secret, previous):
            return False
        written = self._timely(self.secrets).written(self.secret_id, current)
        made = registered.created.replace(microsecond=0)  # services tell dates to different parts of a second
        if written is None or not written - _TOGETHER <= made <= written:
            return False
        held = self._read(secret, current)
        return held is not None and self._timely(self.endpoint).verdict(held) is Verdict.REJECTED
