"""A ministack that cannot be extended is refused by name, before anything of it is changed."""

import pytest

from local.emulator import addresses, client_secrets, hooks, rotation, secret_resources, secret_versions, user_pools
from local.emulator.hooks import Hook, MissingHookError

EVERY_MODULE = (addresses, client_secrets, rotation, secret_resources, secret_versions, user_pools)


def test_the_pinned_ministack_has_every_hook() -> None:
    hooks.check(hook for module in EVERY_MODULE for hook in module.HOOKS)


def test_every_hook_that_is_gone_or_has_another_shape_is_named_with_the_mend() -> None:
    planted = (
        Hook("services.cognito", "_gone", ("data",)),
        Hook("services.secretsmanager", "_rotate_secret", ("secret_id", "token")),
        Hook("services.no_such_service", "anything"),
    )
    with pytest.raises(MissingHookError) as caught:
        hooks.check(planted)
    lines = str(caught.value).splitlines()
    assert lines[0] == "ministack 1.5.33 lacks what local/emulator extends (written for 1.5.33):"
    assert sorted(lines[1:4]) == [
        "  ministack.services.cognito._gone: does not exist",
        "  ministack.services.no_such_service.anything: does not exist",
        "  ministack.services.secretsmanager._rotate_secret: takes (data), expected (secret_id, token, ...)",
    ]
    assert lines[4].startswith("Pin ministack==1.5.33 in requirements-dev.in and run `make lock`")
