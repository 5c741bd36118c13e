"""Random sequences of rotations, crashes, retries, deployments, suspensions and hand edits."""

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from lambdas.rotation.ports import RotationFailed
from tests.lambdas.rotation.service import Killed, Service


class Rotations(RuleBasedStateMachine):
    """One service; after every rotation that ends, its current and its superseded secret work."""

    def __init__(self) -> None:
        super().__init__()
        self.service = Service()

    @property
    def suspended(self) -> bool:
        return self.service.aws.clients[self.service.client_id].suspended

    def current(self) -> str | None:
        return self.service.text("AWSCURRENT")

    @rule()
    def rotate(self) -> None:
        """A rotation, attempted again once when it reports that it dropped a pending version."""
        previous, worked = self.current(), self.service.works()
        try:
            try:
                self.service.rotate()
            except RotationFailed:
                self.service.rotate()
        except RotationFailed as refused:
            assert self.suspended, str(refused)  # noqa: PT017
            assert self.service.works() >= worked
            return
        assert self.service.works()
        assert self.service.aws.accepts(previous) >= worked, "the superseded secret still works"

    @rule(number=st.integers(1, 9), when=st.sampled_from(["before", "after"]), any_call=st.booleans())
    def crash(self, number: int, when: str, any_call: bool) -> None:
        """Killed before or after its change `number`, or, with `any_call`, around any call that follows it."""
        worked, previous, seen = self.service.works(), self.current(), len(self.service.effects)

        def disturb(done: int, moment: str) -> None:
            calls.append(moment)
            if moment.startswith(when) and (len(calls) > 3 * number if any_call else done - seen == number):
                raise Killed

        calls: list[str] = []
        self.service.disturb = disturb
        try:
            self.service.rotate()
        except (Killed, RotationFailed):
            pass
        finally:
            self.service.disturb = lambda _number, _when: None
        assert self.service.works() >= worked
        assert self.service.aws.accepts(previous) >= worked

    @rule(suspended=st.booleans())
    def suspend(self, suspended: bool) -> None:
        self.service.aws.clients[self.service.client_id].suspended = suspended

    @rule(text=st.sampled_from(["garbage", "{}", '{"client_id": "client1", "client_secret": "' + "y" * 30 + '"}']))
    def edit(self, text: str) -> None:
        self.service.store(text)

    @rule(label=st.sampled_from(["AWSPREVIOUS", "AWSPENDING"]))
    def restore(self, label: str) -> None:
        version = self.service.secret.holder(label)
        if version and self.service.secret.versions[version].text:
            self.service.secret.attach("AWSCURRENT", version)

    @rule()
    def drop_pending(self) -> None:
        self.service.secret.attach("AWSPENDING", None)

    @precondition(lambda self: len(self.service.registered) == 2)
    @rule(which=st.integers(0, 1))
    def delete_in_cognito(self, which: int) -> None:
        secrets = self.service.aws.clients[self.service.client_id].secrets
        del secrets[list(secrets)[which]]

    @rule()
    def replace_client(self) -> None:
        """A deployment that replaces the app client, and with it the generated value."""
        replacement = self.service.aws.create_app_client()
        self.service.secret.tags["client-id"] = replacement
        self.service.store(self.service.credentials(replacement, self.service.aws.value()))

    @rule(seconds=st.sampled_from([0, 3600]))
    def wait(self, seconds: int) -> None:
        self.service.sleep(seconds)

    @invariant()
    def at_most_two_secrets_and_few_labels(self) -> None:
        assert 1 <= len(self.service.aws.clients[self.service.client_id].secrets) <= 2
        assert all(len(version.labels) <= 20 for version in self.service.secret.versions.values())
        assert len(self.service.secret.versions) <= 20


TestRotations = Rotations.TestCase
# Other sequences in every run: what is tested is that there is none that ends badly.
TestRotations.settings = settings(
    max_examples=20, stateful_step_count=20, deadline=None, suppress_health_check=list(HealthCheck), print_blob=True
)
