"""A ministack that cannot be extended is refused by name, before anything of it is changed."""

import subprocess
import sys
from pathlib import Path

import pytest

from local.emulator import extension, hooks, process
from local.emulator.hooks import Hook, MissingHookError


def test_the_pinned_ministack_has_every_hook() -> None:
    hooks.check(extension.HOOKS)


def test_every_hook_that_is_gone_or_has_another_shape_is_named_with_the_mend() -> None:
    planted = (
        Hook("services.cognito", "_gone", ("data",)),
        Hook("services.secretsmanager", "_rotate_secret", ("secret_id", "token")),
        Hook("services.no_such_service", "anything"),
        Hook("core.lambda_runtime", "Worker.gone", ("self",)),
        Hook("core.lambda_runtime", "_PYTHON_WORKER_SCRIPT", holds="run_later()"),
    )
    with pytest.raises(MissingHookError) as caught:
        hooks.check(planted)
    lines = str(caught.value).splitlines()
    assert lines[0] == "ministack 1.5.33 lacks what local/emulator extends (written for 1.5.33):"
    assert sorted(lines[1:6]) == [
        "  ministack.core.lambda_runtime.Worker.gone: does not exist",
        "  ministack.core.lambda_runtime._PYTHON_WORKER_SCRIPT: does not hold 'run_later()'",
        "  ministack.services.cognito._gone: does not exist",
        "  ministack.services.no_such_service.anything: does not exist",
        "  ministack.services.secretsmanager._rotate_secret: takes (data), expected (secret_id, token, ...)",
    ]
    assert lines[6].startswith("Pin ministack==1.5.33 in requirements-dev.in and run `make lock`")


def test_a_start_with_another_ministack_ends_with_the_message_alone(tmp_path: Path) -> None:
    (tmp_path / "ministack").mkdir()
    (tmp_path / "ministack" / "__init__.py").touch()
    command = [sys.executable, "-m", process.MODULE, "--port", str(process.free_port()), "--state", str(tmp_path)]
    ended = subprocess.run(command, env={"PYTHONPATH": str(tmp_path)}, capture_output=True, text=True, check=False)
    assert (ended.returncode, ended.stdout) == (1, "")
    first, *problems, last = ended.stderr.splitlines()
    assert first == "ministack 1.5.33 lacks what local/emulator extends (written for 1.5.33):"
    assert len(problems) == len({(hook.module, hook.name) for hook in extension.HOOKS})
    assert last.startswith("Pin ministack==1.5.33")
