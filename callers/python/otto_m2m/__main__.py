"""`python -m otto_m2m ENV CLIENT URI…`: prints each profile as a line of JSON; why there is none goes to stderr."""

import argparse
import json
import sys
from typing import Any

import requests

from otto_m2m.errors import TokenError
from otto_m2m.requests import connect


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m otto_m2m", description=__doc__)
    parser.add_argument("environment")
    parser.add_argument("client")
    parser.add_argument("uris", nargs="+", metavar="URI")
    arguments = parser.parse_args()
    try:
        session, url = connect(arguments.environment, arguments.client)
        refused = [uri for uri in arguments.uris if not _print_profile(session, url, uri)]
    except TokenError as error:
        print(f"otto_m2m: {error}", file=sys.stderr)
        return 1
    return 1 if refused else 0


def _print_profile(session: requests.Session, url: str, uri: str) -> bool:
    """Print one profile, or say why not: a traceback, or requests' own words, would hold the person's address."""
    try:
        answer = session.get(url, params={"uri": uri})
        content = answer.json()
    except requests.JSONDecodeError:
        content = None
    except requests.RequestException as error:
        print(f"{uri}: no answer ({type(error).__name__})", file=sys.stderr)
        return False
    if answer.status_code == 200 and isinstance(content, dict):
        print(json.dumps(content), flush=True)
        return True
    print(f"{uri}: {answer.status_code} {_explain(content)}".rstrip(), file=sys.stderr)
    return False


def _explain(content: Any) -> str:
    """Quote a problem document (RFC 9457): its detail, what is wrong with the request, and the request's id."""
    problem = content if isinstance(content, dict) else {}
    parts = [str(problem.get("detail") or problem.get("title") or "")]
    parts += [json.dumps(problem["errors"])] if problem.get("errors") else []
    parts += [f"(request {problem['request_id']})"] if problem.get("request_id") else []
    return " ".join(filter(None, parts))


if __name__ == "__main__":
    try:
        sys.exit(main())
    except (KeyboardInterrupt, BrokenPipeError):
        sys.exit(130)
