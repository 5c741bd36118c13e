"""The roles that may read credentials exist: Secrets Manager refuses a policy that names one that does not."""

from collections.abc import Iterator

from botocore.exceptions import ClientError

from tools.preflight.plan import Plan
from tools.row import Row, judge


def look(plan: Plan) -> Iterator[Row]:
    roles = plan.cloud.client("iam")
    named: dict[str, list[str]] = {}
    for group in plan.groups:
        for client in group.clients_in(plan.environment.name):
            for arn in client.environments[plan.environment.name].readers:
                named.setdefault(arn, []).append(client.name)
    missing, elsewhere = [], []
    for arn in named:
        if arn.split(":")[4] != plan.account:
            elsewhere.append(arn)  # IAM tells nobody of another account's roles, and none of them could decrypt
            continue
        try:
            there = roles.get_role(RoleName=arn.rpartition("/")[2])["Role"]["Arn"]
        except ClientError as error:
            if error.response["Error"]["Code"] != "NoSuchEntity":
                raise
            there = ""
        if there != arn:
            missing.append(arn)
    told = [f"{len(named) - len(missing) - len(elsewhere)} of {len(named)} exist"] if named else ["none is named"]
    told += [f"{arn} (of {', '.join(named[arn])}) is of another account" for arn in elsewhere]
    told += [f"no {arn} (of {', '.join(named[arn])})" for arn in missing]
    yield judge(
        "readers",
        found="; ".join(told),
        expected="each role under `readers` exists",
        good=not missing and not elsewhere,
        fix="make the role first, in this account (docs/registry.md), or take it out of the file of its client",
    )
