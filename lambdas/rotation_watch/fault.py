"""What AWS has against a call, in one word that says nothing of a secret."""

from botocore.exceptions import ClientError


def name(error: Exception) -> str:
    """AWS's code of a refusal, or the kind of an error that came from elsewhere."""
    return error.response["Error"]["Code"] if isinstance(error, ClientError) else type(error).__name__
