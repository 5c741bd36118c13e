"""Asset hashes: a new one means that code changed, and is noise where people read."""

import re
from typing import Any

# CDK names a file asset by the SHA-256 of its content.
_HASH = re.compile(r"\b([0-9a-f]{12})[0-9a-f]{52}(\.zip)?\b")


def short(text: str) -> str:
    """`text` with each asset hash cut to twelve digits."""
    return _HASH.sub(r"asset \1", text)


def same_but_for_assets(before: Any, after: Any) -> bool:
    """Whether two resolved values are equal when asset hashes are ignored."""
    if isinstance(before, str) and isinstance(after, str):
        return _HASH.sub("asset", before) == _HASH.sub("asset", after)
    if isinstance(before, dict) and isinstance(after, dict):
        return before.keys() == after.keys() and all(same_but_for_assets(before[key], after[key]) for key in before)
    if isinstance(before, list) and isinstance(after, list):
        return len(before) == len(after) and all(map(same_but_for_assets, before, after))
    return bool(before == after)
