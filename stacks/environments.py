"""The environments, and every setting in which one differs from another."""

from dataclasses import dataclass
from typing import Final, Literal


@dataclass(frozen=True, kw_only=True)
class Throttle:
    """What API Gateway lets through of one method: over it, callers get 429."""

    per_second: int
    burst: int
    """Requests at the same moment."""


@dataclass(frozen=True, kw_only=True)
class FirewallLimits:
    """What AWS WAF lets through in a minute: over it, 403 until the rate falls. 10 at least, each."""

    requests_per_caller: int
    """With one access token."""
    requests_per_address: int
    """From one IP address to an API: many callers, behind one NAT gateway."""
    tokens_per_address: int
    """From one IP address to the token endpoint."""


@dataclass(frozen=True, kw_only=True)
class Environment:
    """One deployment of the whole platform, and the names that other systems and people type for it."""

    name: str
    region: str = "us-east-1"
    stateful: bool
    """Stateful resources are retained, deletion-protected and backed up, and their stacks termination-protected."""
    testing_clients: bool
    """Clients of `kind: testing` may exist here."""
    rotation_days: int
    """How often each app client's secret is rotated: 1-1000 days (AWS::SecretsManager::RotationSchedule)."""
    log_retention: Literal["ONE_MONTH", "ONE_YEAR"]
    tokens_per_hour: int
    """More than this many tokens of one app client in an hour is a client that does not cache them: alarmed."""
    reserves_concurrency: bool
    """Its functions reserve their concurrency. Where not, the account's own limit bounds them all together: a new
    account has 10, of which nothing can be reserved."""
    firewall: FirewallLimits | None
    """What AWS WAF limits; None where there is no firewall, which costs about $30 a month."""
    reads: Throttle = Throttle(per_second=500, burst=80)
    """Of each method that needs no more than the scope to read."""
    probes: Throttle = Throttle(per_second=100, burst=20)
    """Of HEAD, and of whatever has no limit of its own."""
    writes: Throttle = Throttle(per_second=200, burst=50)
    """Of each other method."""
    api_concurrency: int = 200
    """Reserved for an API's function, of the account's 1,000: at least the bursts of its methods together, so that
    callers who are too many see 429 and not a failing function."""

    @property
    def domain_prefix(self) -> str:
        return f"{self.name}-sellwithotto-ai"

    @property
    def token_endpoint(self) -> str:
        """The OAuth 2.0 token endpoint (RFC 6749 §3.2) of the user pool's domain."""
        return f"https://{self.domain_prefix}.auth.{self.region}.amazoncognito.com/oauth2/token"

    @property
    def resource_server(self) -> str:
        """The resource server's identifier, which prefixes every scope on the wire."""
        return f"otto-{self.name}-api-resource-server"

    def issuer(self, user_pool_id: str) -> str:
        """The `iss` of the pool's tokens, below which `/.well-known/jwks.json` holds the keys that verify them.

        https://docs.aws.amazon.com/cognito/latest/developerguide/amazon-cognito-user-pools-using-tokens-verifying-a-jwt.html
        """
        return f"https://cognito-idp.{self.region}.amazonaws.com/{user_pool_id}"

    def stack(self, name: str) -> str:
        return f"otto-{self.name}-{name}"

    def credentials(self, client: str) -> str:
        """The Secrets Manager name of an app client's credentials."""
        return f"otto/{self.name}/clients/{client}"

    @property
    def metrics(self) -> str:
        """The CloudWatch namespace of the metrics that the platform makes itself."""
        return f"Otto/{self.name}"

    def parameter(self, name: str) -> str:
        """The SSM parameter that tells where something of this environment is."""
        return f"/otto/{self.name}/m2m/{name}"

    def shared(self, name: str) -> str:
        """The SSM parameter by which one stack of this environment gives others a value: no contract with anybody."""
        return f"/otto/{self.name}/stacks/{name}"


_FIREWALL: Final = FirewallLimits(requests_per_caller=6_000, requests_per_address=30_000, tokens_per_address=300)

ENVIRONMENTS: Final[tuple[Environment, ...]] = (
    Environment(
        name="dev",
        stateful=False,
        testing_clients=True,
        rotation_days=90,
        log_retention="ONE_MONTH",
        tokens_per_hour=60,
        reserves_concurrency=False,
        firewall=None,
    ),
    # As prod, so that what the firewall takes for an attack is found here first.
    Environment(
        name="staging",
        stateful=True,
        testing_clients=False,
        rotation_days=30,
        log_retention="ONE_YEAR",
        tokens_per_hour=30,
        reserves_concurrency=True,
        firewall=_FIREWALL,
    ),
    Environment(
        name="prod",
        stateful=True,
        testing_clients=False,
        rotation_days=30,
        log_retention="ONE_YEAR",
        tokens_per_hour=30,
        reserves_concurrency=True,
        firewall=_FIREWALL,
    ),
)
