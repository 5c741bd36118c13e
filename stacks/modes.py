"""The modes of the files that Lambda gets: the same whatever the umask of the checkout was."""

from pathlib import Path

_FILE, _FOLDER = 0o644, 0o755


def set_modes(assembly: Path) -> None:
    """Let Lambda read every file of a synthesized assembly's packages.

    The CDK CLI zips a package with the modes that its files have in the assembly, and Lambda asks for these:
    https://docs.aws.amazon.com/lambda/latest/dg/deployment-package-v2.html
    """
    for package in assembly.glob("asset.*/"):
        package.chmod(_FOLDER)
        for path in package.rglob("*"):
            path.chmod(_FOLDER if path.is_dir() else _FILE)
