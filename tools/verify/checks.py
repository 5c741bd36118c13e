"""Every check of `make verify`, by the name that docs/assumptions.yaml gives it."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from tools.check import Check
from tools.preflight import concurrency, managed, permissions
from tools.row import Row
from tools.verify import audit, credentials, firewall, gateway, grants, observed, proxy, refused, stacks, transport
from tools.verify.deployment import Deployment


@dataclass(frozen=True, kw_only=True)
class Verification(Check[Deployment]):
    changes: bool = False
    """It makes throw-away clients, or is greedy."""
    greedy: bool = False
    """It uses up a limit that the others meet as well, so it waits until they have ended."""


def _look(name: str, look: Callable[[Deployment], Iterable[Row]], expected: str) -> Verification:
    """A check that changes nothing, and that the emulator answers."""
    return Verification(name=name, look=look, expected=expected)


def _at_aws(
    name: str, look: Callable[[Deployment], Iterable[Row]], expected: str, *, changes: bool = False
) -> Verification:
    return Verification(name=name, look=look, expected=expected, emulated=False, changes=changes)


def _greedy(name: str, look: Callable[[Deployment], Iterable[Row]], expected: str) -> Verification:
    return Verification(name=name, look=look, expected=expected, emulated=False, changes=True, greedy=True)


def _look_at_concurrency(deployment: Deployment) -> Iterator[Row]:
    return concurrency.look(deployment.plan)


def _look_at_permissions(deployment: Deployment) -> Iterator[Row]:
    return permissions.look(deployment.plan)


def _look_at_managed(deployment: Deployment) -> Iterator[Row]:
    return managed.look(deployment.plan)


CHECKS: Final = (
    _at_aws("concurrency", _look_at_concurrency, "what the functions reserve is free"),
    _at_aws("permissions", _look_at_permissions, "CloudFormation may make the templates"),
    _look("sdk", credentials.look_at_sdk, "the runtime's boto3 knows AddUserPoolClientSecret"),
    _look("secrets", credentials.look_at_secrets, "2 with id and date; the current one registered"),
    _look("managed secrets", _look_at_managed, managed.EXPECTED),
    _at_aws("other grants", grants.look, grants.EXPECTED),
    Verification(
        name="many clients", look=credentials.look_at_many, expected="all have credentials in time", changes=True
    ),
    _look("wrong secret", credentials.look_at_wrong_secret, "400 or 401 invalid_client"),
    Verification(
        name="suspended client",
        look=credentials.look_at_suspended,
        expected="200, then an error that is not invalid_client",
        changes=True,
    ),
    _look("issuer", credentials.look_at_issuer, "the issuer that is published"),
    Verification(
        name="refusal codes", look=refused.look, expected="each mistake is refused with its code", changes=True
    ),
    _at_aws("token event", audit.look_at_tokens, "an event, a count and a contributor of one token request"),
    _at_aws("foreign hand", audit.look_at_foreign_hand, "the alarms' topic is told of a foreign hand", changes=True),
    _at_aws("references", stacks.look_at_references, "each stack holds the values that its producers have now"),
    _look("unknown operation", gateway.look_at_unknown, "404 for a path, 405 for a method"),
    _look("refusals", gateway.look_at_refusals, "401 with WWW-Authenticate, a problem document"),
    _look("bodies", gateway.look_at_bodies, "refused over each limit"),
    _look("encodings", proxy.look_at_encodings, "400 invalid-request for what is not UTF-8"),
    _look("head", proxy.look_at_head, "as GET, without its content"),
    _at_aws("transport", transport.look, "old TLS and another Host are refused"),
    _at_aws("firewall", firewall.look, "a web ACL of ours before the stage and before the pool"),
    _at_aws("drift", stacks.look_at_drift, "every stack is IN_SYNC"),
    _look("difference", stacks.look_at_difference, "what is deployed is what this checkout says"),
    _at_aws("metrics", observed.look_at_metrics, "each kind of metric that alarms watch has values"),
    _at_aws("alarms", observed.look_at_alarms, "each alarm is OK or ALARM, whatever its metric lacks"),
    _at_aws("queries", observed.look_at_queries, "each saved query completes"),
    _greedy("limit of other methods", gateway.look_at_limit, "429 for some of many at once"),
    _greedy("firewall rate", firewall.look_at_rate, "one address is stopped"),
)
