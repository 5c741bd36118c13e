"""`make scale`: what runs out first as clients and calls grow: the tables of docs/scale.md, from the templates."""

import math
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from otto_m2m.token import RENEW_AT
from stacks.environments import ENVIRONMENTS, Environment
from stacks.registry import GROUP_CAPACITY, POOL_CAPACITY
from tools import declared
from tools.report.price import DAYS_PER_MONTH, USD_PER_THOUSAND_TOKENS
from tools.report.quota import RESOURCES_OF_A_STACK
from tools.synthesis import synthesize
from tools.template import Assembly

PAGE: Final = Path(__file__).parents[1] / "docs" / "scale.md"
START, END = "<!-- from the templates: make scale -->", "<!-- end -->"
THEFT, THEFT_END = "<!-- a stolen secret: make scale -->", "<!-- end of a stolen secret -->"
CLIENTS: Final = (100, 1_000, 10_000)
CALLS: Final = (10, 1_000, 100_000)
"""Calls a second."""
PROCESSES: Final = 2
"""Processes of one client that each keep a token of their own: what is assumed, for want of a measurement."""
SECONDS: Final = 0.025
"""Of Lambda time a call, assumed: DynamoDB answers in under 10 ms, our own code in under 1 (docs/performance.md)."""
RENEWAL: Final = sum(RENEW_AT) / len(RENEW_AT)

TOKENS_A_SECOND: Final = 150
"""ClientAuthentication, an account and region: https://docs.aws.amazon.com/cognito/latest/developerguide/quotas.html."""
CREATES_A_SECOND: Final = 5
"""CreateUserPoolClient and the like; the same page."""
SECRETS: Final = 500_000
"""An account and region: https://docs.aws.amazon.com/secretsmanager/latest/userguide/reference_limits.html."""
USD_A_SECRET: Final = 0.40
"""A month, a replica as well: https://aws.amazon.com/secrets-manager/pricing/."""
USD_A_KEY: Final = 1.00
"""A month, each replica of a multi-Region key as well: https://aws.amazon.com/kms/pricing/."""
REPLICAS: Final = 1
"""Secondary ones of a user pool: https://docs.aws.amazon.com/cognito/latest/developerguide/user-pool-multi-region.html."""
GATEWAY_A_SECOND: Final = 10_000
"""Requests, an account and region: https://docs.aws.amazon.com/apigateway/latest/developerguide/limits.html."""
CONCURRENCY: Final = 1_000
"""Lambda, an account and region: https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html."""
READS_A_PARTITION: Final = 3_000
"""Strongly consistent, up to 4 KB: https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/ServiceQuotas.html."""
READS_A_TABLE: Final = 40_000
"""Read units a second that a table may take before the quota is raised; the same page."""


@dataclass(frozen=True, kw_only=True)
class Facts:
    """What the templates say of one environment."""

    resources: int
    """The most that one client has."""
    bytes: float
    """Of template, a client."""
    token_seconds: int
    rotations_at_once: int
    rotation_days: int


def read(assembly: Assembly, environment: str) -> Facts:
    """Read from the templates. Raises ValueError where the stacks of clients hold something that is no client's."""
    types: set[str] = set()
    size = clients = 0
    for stack in assembly.stacks.values():
        held = [resource["Type"] for resource in stack.resources.values()]
        here = held.count("AWS::Cognito::UserPoolClient")
        if not here:
            continue
        for kind in set(held):
            if held.count(kind) > here:
                raise ValueError(f"{stack.name}: {held.count(kind)} of {kind} for {here} clients, expected one each")
        types |= set(held)
        size += len(str(stack.template))
        clients += here
    [client, *_] = (
        properties
        for stack, _, properties in assembly.of_type("AWS::Cognito::UserPoolClient")
        if stack.environment == environment
    )
    [rotation] = (
        properties["ReservedConcurrentExecutions"]
        for stack, _, properties in assembly.of_type("AWS::Lambda::Function")
        if stack.name == f"otto-{environment}-rotation" and "ReservedConcurrentExecutions" in properties
    )
    [schedule, *_] = (
        properties
        for stack, _, properties in assembly.of_type("AWS::SecretsManager::RotationSchedule")
        if stack.environment == environment
    )
    return Facts(
        resources=len(types),
        bytes=size / clients,
        token_seconds=client["AccessTokenValidity"] * 60,
        rotations_at_once=rotation,
        rotation_days=schedule["RotationRules"]["AutomaticallyAfterDays"],
    )


def tables(facts: Facts) -> str:
    return f"{by_clients(facts)}\n\n{by_calls()}\n\n{by_region(facts)}"


def by_theft(environment: Environment) -> str:
    """What somebody who has one client's secret can spend, and who stops them at that rate."""
    limits = environment.firewall
    rates = [
        (f"no more than `tokens-not-cached` allows, {environment.tokens_per_hour} an hour", environment.tokens_per_hour)
    ]
    if limits:
        rates.append(
            (
                f"all that the firewall lets through of one address, {limits.tokens_per_address} a minute",
                60 * limits.tokens_per_address,
            )
        )
    rates.append(
        (f"from many addresses, all of the account's quota, {TOKENS_A_SECOND} a second", 3600 * TOKENS_A_SECOND)
    )
    lines = ["| it asks for | an hour, until the alarm | a day |", "|---|---|---|"]
    for name, tokens_an_hour in rates:
        an_hour = tokens_an_hour * USD_PER_THOUSAND_TOKENS / 1000
        lines.append(f"| {name} | ${an_hour:,.2f} | ${24 * an_hour:,.2f} |")
    return "\n".join(lines)


def by_clients(facts: Facts) -> str:
    """An environment's clients against what holds them."""
    rows: list[tuple[str, str, list[str]]] = []
    full = min(GROUP_CAPACITY, *CLIENTS) * facts.resources
    # Rounded up, so that a client more, whose name is longer or shorter, changes nothing here.
    kilobytes = math.ceil(facts.bytes * GROUP_CAPACITY / 50_000) * 50
    rows.append(("stacks (groups)", "-", [f"{math.ceil(count / GROUP_CAPACITY):,}" for count in CLIENTS]))
    rows.append(("resources of a full stack", f"{RESOURCES_OF_A_STACK}", [f"{full}"] * len(CLIENTS)))
    rows.append(("template of a full stack", "1,000 kB", [f"under {kilobytes:,} kB"] * len(CLIENTS)))
    rows.append(("clients of the pool", f"{POOL_CAPACITY:,}", [_judged(count, POOL_CAPACITY) for count in CLIENTS]))
    rows.append(("secrets", f"{SECRETS:,}", [_judged(count, SECRETS) for count in CLIENTS]))
    rows.append(("secrets, a month", "-", [f"${count * USD_A_SECRET:,.0f}" for count in CLIENTS]))
    rows.append(
        (f"creating them, at {CREATES_A_SECOND} a second", "-", [_time(count / CREATES_A_SECOND) for count in CLIENTS])
    )
    rows.append(
        (
            f"their first rotations, {facts.rotations_at_once} at once, Cognito takes {CREATES_A_SECOND} a second",
            "-",
            [_time(count / min(facts.rotations_at_once, CREATES_A_SECOND)) for count in CLIENTS],
        )
    )
    rows.append(
        (
            f"rotations a day, each every {facts.rotation_days} days",
            "-",
            [f"{count / facts.rotation_days:,.0f}" for count in CLIENTS],
        )
    )
    each = PROCESSES / (facts.token_seconds * RENEWAL)
    rows.append(
        (
            f"token requests a second, {PROCESSES} processes each, cached",
            f"{TOKENS_A_SECOND}",
            [_judged(count * each, TOKENS_A_SECOND, 2) for count in CLIENTS],
        )
    )
    rows.append(("those tokens, a month", "-", [f"${_dollars(count * each):,.0f}" for count in CLIENTS]))
    return _table("clients of one environment", [f"{count:,}" for count in CLIENTS], rows)


def by_calls() -> str:
    """Calls a second against what carries them."""
    rows: list[tuple[str, str, list[str]]] = [
        (
            "token requests a second if nobody cached",
            f"{TOKENS_A_SECOND}",
            [_judged(calls, TOKENS_A_SECOND) for calls in CALLS],
        ),
        ("those tokens, a month", "-", [f"${_dollars(calls):,.0f}" for calls in CALLS]),
        ("gateway requests a second", f"{GATEWAY_A_SECOND:,}", [_judged(calls, GATEWAY_A_SECOND) for calls in CALLS]),
        (
            f"Lambda concurrency, at {SECONDS * 1000:.0f} ms a call",
            f"{CONCURRENCY:,}",
            [_judged(math.ceil(calls * SECONDS), CONCURRENCY) for calls in CALLS],
        ),
        (
            "DynamoDB reads a second of the table",
            f"{READS_A_TABLE:,}",
            [_judged(calls, READS_A_TABLE) for calls in CALLS],
        ),
        ("DynamoDB partitions that they need", "-", [f"{math.ceil(calls / READS_A_PARTITION)}" for calls in CALLS]),
    ]
    return _table("calls a second", [f"{calls:,}" for calls in CALLS], rows)


def by_region(facts: Facts) -> str:
    """A second region beside an environment's own: what it costs while nothing fails, and what a failure then costs."""
    minutes = facts.token_seconds / 60
    each = len(CLIENTS)
    rows: list[tuple[str, str, list[str]]] = [
        ("replicas of the pool", f"{REPLICAS}", ["1"] * each),
        ("keys of ours, one in each region, a month", "-", [f"${2 * USD_A_KEY:.0f}"] * each),
        ("secrets replicated, a month more", "-", [f"${count * USD_A_SECRET:,.0f}" for count in CLIENTS]),
        (
            "token endpoint gone: the first callers without a token after",
            "-",
            [f"{minutes * (1 - max(RENEW_AT)):.0f} min"] * each,
        ),
        ("and the last after", "-", [f"{minutes:.0f} min"] * each),
        (
            f"a token for each of {PROCESSES} processes from the other region, at {TOKENS_A_SECOND} a second",
            "-",
            [_time(max(1, count * PROCESSES / TOKENS_A_SECOND)) for count in CLIENTS],
        ),
    ]
    return _table("a second region, clients", [f"{count:,}" for count in CLIENTS], rows)


def _dollars(tokens_a_second: float) -> float:
    return tokens_a_second * 86_400 * DAYS_PER_MONTH * USD_PER_THOUSAND_TOKENS / 1000


def _judged(count: float, limit: float, digits: int = 0) -> str:
    shown = f"{count:,.{digits}f}"
    return f"**{shown}**" if count > limit else shown


def _time(seconds: float) -> str:
    return f"{seconds:.0f} s" if seconds < 120 else f"{seconds / 60:.0f} min"


def _table(what: str, heads: list[str], rows: list[tuple[str, str, list[str]]]) -> str:
    lines = [f"| {what} | limit | {' | '.join(heads)} |", f"|---|---|{'---|' * len(heads)}"]
    return "\n".join([*lines, *(f"| {name} | {limit} | {' | '.join(cells)} |" for name, limit, cells in rows)])


def rewrite(page: str, assembly: Assembly) -> str:
    """The page with its tables as the templates now make them."""
    environment = ENVIRONMENTS[-1]
    page = _replace(page, START, tables(read(assembly, environment.name)), END)
    return _replace(page, THEFT, by_theft(environment), THEFT_END)


def _replace(page: str, start: str, text: str, end: str) -> str:
    before, _, rest = page.partition(start)
    _, _, after = rest.partition(end)
    return f"{before}{start}\n\n{text}\n\n{end}{after}"


def main() -> None:
    page = PAGE.read_text(encoding="utf-8")
    PAGE.write_text(rewrite(page, synthesize(declared.groups())), encoding="utf-8")


if __name__ == "__main__":
    main()
