"""What access tokens cost: the one place that states the price, with its date."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Final

from tools.report.clients import Client

USD_PER_THOUSAND_TOKENS: Final = 2.25
"""First tier of Amazon Cognito's machine-to-machine token requests in us-east-1, https://aws.amazon.com/cognito/pricing/.
Clients cost nothing. Later tiers are cheaper, so this is never too low."""
AS_OF: Final = date(2026, 9, 20)
DAYS_PER_MONTH: Final = 365.25 / 12


@dataclass(frozen=True, kw_only=True)
class Cost:
    """Expected tokens and US dollars a month of one environment; `unstated` clients expect no number and count 0."""

    environment: str
    tokens_before: int
    tokens_after: int
    usd_before: float
    usd_after: float
    unstated: int


def compare(environments: Iterable[str], before: Iterable[Client], after: Iterable[Client]) -> tuple[Cost, ...]:
    """The cost on both sides of each environment that has clients, in the order given."""
    old, new = list(before), list(after)
    used = {client.environment for client in [*old, *new]}
    return tuple(_cost(name, old, new) for name in environments if name in used)


def _cost(environment: str, before: list[Client], after: list[Client]) -> Cost:
    old, new = _tokens(environment, before), _tokens(environment, after)
    return Cost(
        environment=environment,
        tokens_before=round(old),
        tokens_after=round(new),
        usd_before=round(old * USD_PER_THOUSAND_TOKENS / 1000, 2),
        usd_after=round(new * USD_PER_THOUSAND_TOKENS / 1000, 2),
        unstated=sum(client.expected_tokens_per_day is None for client in after if client.environment == environment),
    )


def _tokens(environment: str, clients: list[Client]) -> float:
    """Tokens a month. A suspended client gets none."""
    daily = [
        client.expected_tokens_per_day or 0
        for client in clients
        if client.environment == environment and not client.suspended
    ]
    return sum(daily) * DAYS_PER_MONTH
