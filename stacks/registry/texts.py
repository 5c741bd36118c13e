"""The texts of the registry and where each one's limits come from."""

import re
from typing import Annotated, Final

from pydantic import AfterValidator

from stacks.registry.rules import Text, kebab, refuse

KEBAB: Final = r"[a-z][a-z0-9]*(?:-[a-z0-9]+)*"


def _name(noun: str, longest: int, example: str) -> Text:
    allowed = "a-z, 0-9 and single hyphens, starting with a letter"
    expected = f"a name of 2 to {longest} characters ({allowed}) such as {example}"
    return Text(noun=noun, pattern=KEBAB, shortest=2, longest=longest, expected=expected, mend=kebab)


def _unlike_an_arns_end(name: str) -> str:
    """Refuse what Secrets Manager advises against (CreateSecret, Name): it ends each secret's ARN so itself.

    https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_CreateSecret.html (2026-11-25)
    """
    if re.search(r"-[a-z0-9]{6}\Z", name):
        why = "which Secrets Manager takes for the end of an ARN, and may then find another secret"
        raise refuse(f"{name!r} ends in a hyphen and six characters, {why}: make its last word longer or shorter")
    return name


def _unlike_a_device(name: str) -> str:
    """Refuse what is a device on Windows, with any extension: no checkout there could hold the file.

    https://learn.microsoft.com/en-us/windows/win32/fileio/naming-a-file (2026-11-25)
    """
    if re.fullmatch(r"con|prn|aux|nul|(com|lpt)[0-9]", name):
        raise refuse(f"{name!r} is a device on Windows, where no checkout could hold it: choose another name")
    return name


ClientName = Annotated[
    str,
    _name("a client name", 64, "lead-enricher"),
    AfterValidator(_unlike_an_arns_end),
    AfterValidator(_unlike_a_device),
]
"""Stricter than Cognito's ClientName (1-128 of `[\\w\\s+=,.@-]`): it is also a file, a construct id and a path."""
GroupName = Annotated[str, _name("a group name", 40, "internal"), AfterValidator(_unlike_a_device)]
"""Ends the stack name `otto-<env>-clients-<group>`: CloudFormation takes 128 letters, digits and hyphens."""
Team = Annotated[str, _name("a team", 40, "growth")]
Sentence = Annotated[
    str,
    Text(
        noun="a sentence",
        # The first and last characters are checked; what a sentence is in between is the reviewer's to judge.
        pattern=r"[A-Z0-9][^\x00-\x1f\x7f]*\.",
        shortest=20,
        longest=200,
        expected="one sentence of 20 to 200 characters on one line, from a capital letter to a full stop",
    ),
]
Contact = Annotated[
    str,
    Text(
        noun="a contact",
        pattern=r"#[a-z0-9][a-z0-9_-]*|[A-Za-z0-9._%+-]+@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+",
        shortest=2,
        longest=80,
        expected='an e-mail address, or a channel in quotes (without them # starts a comment) such as "#otto-growth"',
    ),
]
Approvers = Annotated[
    str,
    Text(
        noun="a team to approve",
        pattern=f"@sellwithotto/{KEBAB}",
        shortest=15,
        longest=60,
        expected='a GitHub team in quotes, such as "@sellwithotto/platform"',
    ),
]
RoleArn = Annotated[
    str,
    Text(
        noun="an IAM role's ARN",
        # The partition of every environment's region, and no wildcard: a principal is one role (IAM User Guide, "IAM
        # identifiers"; CreateRole: name 1-64 of these characters). A path may hold more; ours keep to the same.
        pattern=r"arn:aws:iam::[0-9]{12}:role/(?:[A-Za-z0-9_+=,.@-]+/)*[A-Za-z0-9_+=,.@-]{1,64}",
        shortest=32,
        longest=600,
        expected="a role without wildcards, such as arn:aws:iam::123456789012:role/lead-enricher",
    ),
]
