"""App clients whose secret Cognito keeps and rotates itself: left as they are, or taken over in steps.

Each step is decided from what is there, so it may be killed anywhere and run again. No step sends
`PublishSecretsInAWSSecretsManager`: false deletes the secret that callers read, with no recovery, and is a person's to
send, when nobody reads it any more. docs/decisions/managed-secrets.md has the whole way.
"""

import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from lambdas.rotation import credentials
from lambdas.rotation.credentials import Credentials
from lambdas.rotation.ports import Busy, TokenEndpoint, Verdict
from lambdas.rotation.registration import BESIDE
from tools.adopt import live
from tools.adopt.plan import CLIENT, Adopted, AdoptionError
from tools.place import Place

HELD: Final = {"AutomaticallyAfterDays": 1000}
"""The longest schedule (API_RotationRulesType): for as long as nobody asks for one, there is no rotation."""
PATIENCE: Final = 60.0
"""Seconds until the token endpoint must know a secret that was just registered."""
_REATTEMPTED: Final = "reattempted"


def arns(cognito: Any, adopted: Sequence[Adopted]) -> dict[str, str]:
    """The managed secret's ARN of each app client that has one, by the app client's name for people."""
    found = {each.name: live.managed(cognito, each.identifier) for each in adopted if each.type == CLIENT}
    return {name: arn for name, arn in found.items() if arn}


def offer(managed: Mapping[str, str]) -> Iterator[str]:
    """What may be done about each; nothing has been."""
    for name, arn in managed.items():
        yield f"{name}: Cognito keeps and rotates its secret itself, in {arn}: two rotators would end each other's"
    yield (
        "  either leave it so: take it out of the map, and let its callers read that secret until they have moved "
        "to an app client of ours (docs/calling.md)"
    )
    yield "  or take it over, in steps and with no failed call: TAKE_OVER=yes (docs/adopting.md)"


def hold(secrets: Any, managed: Mapping[str, str]) -> None:
    """Put Cognito's next rotation off, so that it ends no secret that a step counts on."""
    for arn in managed.values():
        if secrets.describe_secret(SecretId=arn).get("RotationRules") != HELD:
            secrets.rotate_secret(SecretId=arn, RotationRules=HELD, RotateImmediately=False)


@dataclass(frozen=True)
class TakeOver:
    """One app client that is in its stack, its secret of ours, and the token endpoint that judges it."""

    cognito: Any
    secrets: Any
    endpoint: TokenEndpoint
    at: Place
    adopted: Adopted

    def advance(self) -> str | None:
        """Take every step that harms no caller. Returns what a person must do next; None when it is over."""
        ended = False
        while True:
            held = live.listed(self.cognito, self.adopted.identifier)
            arn = live.managed(self.cognito, self.adopted.identifier)
            verdict = self._judge(self._ours())
            if arn and (told := self._hand_over(arn, held, verdict)):
                return f"{self.adopted.name}: {told}"
            if not arn and (verdict is Verdict.UNTESTABLE or self._is_registered()):
                return None
            if verdict is Verdict.REJECTED and (arn or ended):
                self._register(self._ours())
            elif verdict is Verdict.REJECTED or len(held) == 1:
                self._rotate()  # an adopted client as others are, or one that is ours alone now
                return None
            else:
                # Ours is the newer: nobody but us added one, and Cognito's rotation was held. Were it not, the next
                # look finds ours refused, and registers it again.
                self.cognito.delete_user_pool_client_secret(**self.adopted.identifier, ClientSecretId=held[0])
                ended = True

    def _hand_over(self, arn: str, held: Sequence[str], verdict: Verdict) -> str | None:
        """What a person does next about a client that is managed; None where a step comes first."""
        if verdict is Verdict.UNTESTABLE:
            return "it is suspended, so nothing tells which of its secrets work: lift that first"
        if verdict is Verdict.ACCEPTED:
            return self._tell(arn)
        return full(self.at, self.adopted.identifier, held) if len(held) > 1 else None

    @property
    def _name(self) -> str:
        return self.at.environment.credentials(str(self.adopted.wanted["ClientName"]))

    def _ours(self) -> Credentials:
        text = self.secrets.get_secret_value(SecretId=self._name)["SecretString"]
        found = credentials.parse(text)
        if found is None or found.client_id != self.adopted.identifier["ClientId"]:
            raise AdoptionError(f"{self._name}: its value is not of app client {self.adopted.identifier['ClientId']}")
        return found

    def _judge(self, found: Credentials) -> Verdict:
        deadline = time.monotonic() + PATIENCE
        while True:
            try:
                return self.endpoint.verdict(found)
            except Busy as busy:
                if time.monotonic() > deadline:
                    raise AdoptionError(f"{self.adopted.name}: {busy}: run it again") from None
                time.sleep(1)

    def _register(self, ours: Credentials) -> None:
        self.cognito.add_user_pool_client_secret(**self.adopted.identifier, ClientSecret=ours.client_secret)
        deadline = time.monotonic() + PATIENCE
        while self._judge(ours) is Verdict.REJECTED:
            if time.monotonic() > deadline:
                raise AdoptionError(f"{self.adopted.name}: the token endpoint does not take ours yet: run it again")
            time.sleep(1)

    def _is_registered(self) -> bool:
        """Whether a rotation of ours has made the current value, so that all is as with every other client."""
        versions = self.secrets.describe_secret(SecretId=self._name)["VersionIdsToStages"].values()
        return any("AWSCURRENT" in labels and any(each.startswith(BESIDE) for each in labels) for labels in versions)

    def _rotate(self) -> None:
        try:
            self.secrets.rotate_secret(SecretId=self._name)
        except self.secrets.exceptions.InvalidRequestException as error:
            if _REATTEMPTED not in str(error):
                raise

    def _tell(self, arn: str) -> str:
        pool, client = self.adopted.identifier["UserPoolId"], self.adopted.identifier["ClientId"]
        return (
            f"{self._name} and {arn} both work now. Move its callers to the first; when CloudTrail has no more "
            "GetSecretValue of the second, turn it off (docs/runbook.md#turning-it-off, "
            f"pool={pool} client={client}), delete nothing, and run this again"
        )


def full(at: Place, identifier: Mapping[str, str], held: Sequence[str]) -> str:
    """Why nothing can be registered beside two secrets, and what a person does about it."""
    names = {"--user-pool-id": identifier["UserPoolId"], "--client-id": identifier["ClientId"]}
    words = [word for pair in (names | {"--client-secret-id": held[0]}).items() for word in pair]
    return (
        "has two secrets. Cognito's rotation is put off, so the older one ends when you say so: callers that read the "
        "secret anew for each token have left it an hour after that rotation: "
        + at.aws("cognito-idp", "delete-user-pool-client-secret", *words)
    )
