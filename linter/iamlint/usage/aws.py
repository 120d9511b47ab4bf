"""Sessions with AWS: the credentials of the environment or a profile, with its MFA code."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any


class AwsError(ValueError):
    """AWS cannot be asked at all; `str(error)` is one line, `advice` another or empty."""

    def __init__(self, message: str, advice: str = "") -> None:
        super().__init__(message)
        self.advice = advice


def session(
    profile: str | None = None,
    mfa_code: Callable[[str], str] | None = None,
    what: str = "asking AWS",
) -> Any:
    """A boto3 session with the credentials of the environment or of a profile.

    A profile with `mfa_serial` asks for its code: on the terminal, or `mfa_code`, called with
    the prompt.  Raises AwsError if boto3 is not installed (`what` needs it) or there is no such
    profile.
    """
    try:
        import boto3
        import botocore.exceptions
    except ImportError:
        raise AwsError(f"{what} needs boto3", "pip install 'iamlint[aws]'") from None
    try:
        # boto3 itself reads AWS_DEFAULT_REGION alone.
        region = os.environ.get("AWS_REGION") or None
        made = boto3.Session(profile_name=profile, region_name=region)
        if mfa_code is not None:
            provider = made._session.get_component("credential_provider")
            provider.get_provider("assume-role")._prompter = mfa_code
    except botocore.exceptions.BotoCoreError as error:
        raise AwsError(f"no connection to AWS: {plain(error)}") from None
    return made


def client(of: Any, service: str, region: str | None = None) -> Any:
    """A client for a service.  Raises AwsError (no region, no credentials)."""
    import botocore.exceptions

    try:
        return of.client(service, region_name=region)
    except botocore.exceptions.BotoCoreError as error:
        raise AwsError(
            f"no connection to AWS: {plain(error)}", "set AWS_REGION" if not region else ""
        ) from None


def failures() -> tuple[type[Exception], ...]:
    """What a call of boto3 may raise."""
    import botocore.exceptions

    return (botocore.exceptions.BotoCoreError, botocore.exceptions.ClientError)


def plain(error: BaseException) -> str:
    """An error's text as one line, to stand after a colon."""
    text = str(error) or type(error).__name__
    return text[:1].lower() + text[1:].replace("\n", " ")
