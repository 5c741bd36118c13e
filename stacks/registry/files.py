"""Which files of a group's folder are clients, and why the others are refused."""

import stat
from pathlib import Path


def unfit(path: Path) -> tuple[str, str] | None:
    """Why a path in a group's folder is not to be read as a client: the field and what is wrong; None when it is."""
    mode = path.lstat().st_mode
    if path.name.startswith("."):
        return "file name", "hidden, expected a client's name: rename or remove it"
    if stat.S_ISLNK(mode):
        return "file", "a symbolic link, expected a regular file: copy what it points to"
    if stat.S_ISDIR(mode):
        return "folder", "a folder in a group, expected files alone: declare a group for it in clients/groups.yaml"
    if not stat.S_ISREG(mode):
        return "file", "not a regular file: remove it"
    if path.suffix != ".yaml":
        return "file name", f"{path.name!r} does not end in .yaml: rename it if it is a client's, or remove it"
    return None


def left_over(path: Path) -> bool:
    """What editors and operating systems leave behind (.DS_Store, .x.yaml.swp); a hidden YAML file is not that."""
    return path.name.startswith(".") and path.suffix.lower() not in {".yaml", ".yml"}
