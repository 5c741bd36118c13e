"""Refuses teams of CODEOWNERS that GitHub ignores: a part of `make check` wherever there is a token to ask with.

A team without write access of its own to the repository is skipped in silence, and then nobody is asked:
https://docs.github.com/repositories/managing-your-repositorys-settings-and-features/customizing-your-repository/about-code-owners
"""

import os
import sys
from collections.abc import Mapping
from typing import Final

import urllib3

TOKEN: Final = ("GITHUB_TOKEN", "GH_TOKEN")


def ignored(asker: Mapping[str, str]) -> list[str]:
    """Each line of CODEOWNERS that GitHub skips at the asker's commit, by a workflow's variables; none without a token.

    https://docs.github.com/rest/repos/repos#list-codeowners-errors (2026-11-25). Raises HTTPError.
    """
    token = next((asker[name] for name in TOKEN if asker.get(name)), None)
    repository = asker.get("GITHUB_REPOSITORY")
    if not token or not repository:
        return []
    answer = urllib3.request(
        "GET",
        f"{asker.get('GITHUB_API_URL', 'https://api.github.com')}/repos/{repository}/codeowners/errors",
        fields={"ref": asker["GITHUB_SHA"]} if asker.get("GITHUB_SHA") else None,
        headers={"Authorization": f"Bearer {token}", "Accept": "application/vnd.github+json", "User-Agent": "otto-m2m"},
        timeout=urllib3.Timeout(total=10),
    )
    if answer.status != 200:
        raise urllib3.exceptions.HTTPError(f"{answer.status} {answer.reason}")
    return [
        f"{error['path']}:{error['line']}: {error['kind']}: {error['source'].strip()}: "
        f"{error.get('suggestion') or 'correct clients/groups.yaml, then make catalogue'}"
        for error in answer.json()["errors"]
    ]


def main() -> None:
    try:
        problems = ignored(os.environ)
    except urllib3.exceptions.HTTPError as error:
        # What GitHub cannot say now is no fault of the change.
        print(f"warning: GitHub cannot be asked about .github/CODEOWNERS: {error}")
        return
    if problems:
        sys.exit("\n".join(problems))


if __name__ == "__main__":
    main()
