"""A registry of one valid client, to be mutated."""

from collections.abc import Mapping
from pathlib import Path

CLIENT = """\
# yaml-language-server: $schema=../client.schema.json
owner: growth
contact: "#otto-growth"
purpose: Looks up the public profile of each new lead.
kind: service
expires: 2027-06-30
environments:
  dev:
    scopes: [api.read, api.write]
    access_token_minutes: 30
    suspended: false
    readers:
      - arn:aws:iam::123456789012:role/lead-enricher
    expected_tokens_per_day: 24
  prod:
    scopes: [api.read]
"""
GROUPS = """\
# yaml-language-server: $schema=./groups.schema.json
internal:
  approvers: "@sellwithotto/platform"
  purpose: Otto's own services and jobs.
  expires: optional
"""
Files = Mapping[str, str | bytes]


def write(root: Path, files: Files) -> None:
    for name, content in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
