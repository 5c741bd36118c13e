"""What an app client authenticates with: the JSON that a version of its secret holds."""

import json
import re
from dataclasses import asdict, dataclass, field

# API_AddUserPoolClientSecret: 24 to 64 of [\w+]. ASCII only: a header carries it (RFC 7617).
_ACCEPTABLE = re.compile(r"[A-Za-z0-9_+]{24,64}")


@dataclass(frozen=True)
class Credentials:
    """One client's id and secret; the secret is in no repr."""

    client_id: str
    client_secret: str = field(repr=False)

    @property
    def acceptable(self) -> bool:
        """Whether Cognito would take this value as a secret at all."""
        return _ACCEPTABLE.fullmatch(self.client_secret) is not None

    def dump(self) -> str:
        return json.dumps(asdict(self))


def parse(text: str | None) -> Credentials | None:
    """The credentials in a secret's value, or None where a person left something else there."""
    try:
        fields = json.loads(text or "")
        credentials = Credentials(fields["client_id"], fields["client_secret"])
        return credentials if credentials.acceptable else None
    except (ValueError, KeyError, TypeError):
        return None
