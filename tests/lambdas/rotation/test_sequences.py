"""Random sequences of rotations, crashes, retries, deployments, suspensions and hand edits; an owner's attacks."""

import contextlib
import json

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from lambdas.rotation.ports import RotationFailed
from tests.lambdas.rotation.aws_model import Version
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
        self.service.replace()

    @rule(seconds=st.sampled_from([0, 3600]))
    def wait(self, seconds: int) -> None:
        self.service.sleep(seconds)

    @invariant()
    def at_most_two_secrets_and_few_labels(self) -> None:
        assert 1 <= len(self.service.aws.clients[self.service.client_id].secrets) <= 2
        assert all(len(version.labels) <= 20 for version in self.service.secret.versions.values())
        assert len(self.service.secret.versions) <= 20


class Attacks(RuleBasedStateMachine):
    """An owner who writes all that a secret has, whatever its policy says, beside another service: the victim."""

    def __init__(self) -> None:
        super().__init__()
        self.victim = Service(name="otto/dev/clients/profile-importer")
        self.owner = Service(aws=self.victim.aws)
        for service in (self.victim, self.owner):
            service.rotate()
        # A secret of the owner's own, below the platform's prefix: no stack made it, and no app client has its name.
        self.made = Service(aws=self.victim.aws, name="otto/dev/clients/made-by-hand")
        del self.made.aws.clients[self.made.client_id]
        self.rights = self.rights_of_victim()

    def rights_of_victim(self) -> set[str]:
        return {each.value for each in self.victim.aws.clients[self.victim.client_id].secrets.values()}

    ids = st.sampled_from(["victim", "owner", "nobody", ""])
    own = st.sampled_from(["owner", "made"])

    def id(self, of: str) -> str:
        return {"victim": self.victim.client_id, "owner": self.owner.client_id}.get(of, of)

    def mine(self, which: str) -> Service:
        return self.owner if which == "owner" else self.made

    @rule(which=own, of=ids)
    def tag(self, which: str, of: str) -> None:
        self.mine(which).secret.tags = {"client-id": self.id(of)} if of else {}

    @rule(which=own, of=ids, label=st.sampled_from(["AWSCURRENT", "AWSPENDING"]))
    def write(self, which: str, of: str, label: str) -> None:
        service = self.mine(which)
        version = f"written-by-hand-{service.aws.number():032}"
        service.secret.versions[version] = Version(service.credentials(self.id(of), "y" * 40), created=service.aws.now)
        service.secret.attach(label, version)

    @rule(which=own, label=st.sampled_from(["AWSCURRENT", "AWSPENDING", "mark"]), at=st.integers(0, 5), of=ids)
    def move(self, which: str, label: str, at: int, of: str) -> None:
        """Any label to any version; a mark may name a secret of anybody's."""
        service = self.mine(which)
        secrets = service.aws.clients[self.id(of)].secrets if of in {"victim", "owner"} else {"none": None}
        mark = f"registered-beside:{list(secrets)[at % len(secrets)]}"
        service.secret.attach(
            mark if label == "mark" else label, list(service.secret.versions)[at % len(service.secret.versions)]
        )

    @rule(which=own)
    def rotate(self, which: str) -> None:
        with contextlib.suppress(RotationFailed):
            self.mine(which).rotate()

    @rule()
    def rotate_victim(self) -> None:
        self.victim.rotate()
        assert self.victim.works()
        assert self.victim.works("AWSPREVIOUS")
        self.rights = self.rights_of_victim()

    @invariant()
    def the_victim_keeps_its_secrets_and_nobody_else_holds_one(self) -> None:
        assert self.rights_of_victim() == self.rights
        assert self.victim.works()
        for service in (self.owner, self.made):
            held = {json.loads(each.text)["client_secret"] for each in service.secret.versions.values() if each.text}
            assert not held & self.rights

    def teardown(self) -> None:
        """What a deployment sets right is enough for the owner's own rotations to go on."""
        self.owner.secret.tags = {"client-id": self.owner.client_id}
        self.owner.store("garbage")
        with contextlib.suppress(RotationFailed):  # which drops a pending version that is not its client's
            self.owner.rotate()
        self.owner.rotate()
        assert self.owner.works()


TestRotations = Rotations.TestCase
TestAttacks = Attacks.TestCase
# Other sequences in every run: what is tested is that there is none that ends badly.
TestRotations.settings = TestAttacks.settings = settings(
    max_examples=20, stateful_step_count=20, deadline=None, suppress_health_check=list(HealthCheck), print_blob=True
)
