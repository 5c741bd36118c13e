"""What the command line of `make verify` takes."""

import sys

import pytest

from tools.verify.__main__ import main


@pytest.mark.parametrize(
    ("name", "refusal"),
    [
        (
            "prod",
            "verify: prod: makes app clients for itself, so in prod it only looks: make verify READ_ONLY=yes ENV=prod",
        ),
        ("production", "verify: ENV='production': expected dev, staging, prod, or local"),
        ("", "verify: ENV='': expected dev, staging, prod, or local"),
    ],
)
def test_prod_is_only_looked_at_and_what_is_no_environment_is_refused(
    monkeypatch: pytest.MonkeyPatch, name: str, refusal: str
) -> None:
    monkeypatch.setattr(sys, "argv", ["verify", name])
    with pytest.raises(SystemExit) as ended:
        main()
    assert ended.value.code == refusal
