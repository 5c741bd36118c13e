"""Every row of `make preflight`, in the order in which they are fixed."""

from typing import Final

from tools.check import Check
from tools.preflight import (
    account,
    alone,
    bootstrap,
    concurrency,
    declared,
    domain,
    leftovers,
    managed,
    permissions,
    readers,
    trail,
)
from tools.preflight.plan import Plan

CHECKS: Final = (
    Check[Plan](name="account", expected="the environment's own", look=account.look, emulated=False),
    Check[Plan](name="alone", expected=alone.EXPECTED, look=alone.look, emulated=False),
    Check[Plan](name="bootstrap", expected="CDK's, with our execution policy", look=bootstrap.look),
    Check[Plan](
        name="permissions", expected="CloudFormation may make the templates", look=permissions.look, emulated=False
    ),
    Check[Plan](
        name="concurrency", expected="what the functions reserve is free", look=concurrency.look, emulated=False
    ),
    Check[Plan](name="domain", expected="free, or ours", look=domain.look),
    Check[Plan](name="trail", expected="a trail that logs management events", look=trail.look, emulated=False),
    Check[Plan](name="readers", expected="each role under `readers` exists", look=readers.look),
    Check[Plan](name="managed secrets", expected=managed.EXPECTED, look=managed.look),
    Check[Plan](name="declared", expected=declared.EXPECTED, look=declared.look),
    Check[Plan](name="leftovers", expected=leftovers.EXPECTED, look=leftovers.look),
)
