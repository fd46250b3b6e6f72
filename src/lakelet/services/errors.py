"""Errors from below in AWS's own words."""

from collections.abc import Mapping

from lakelet.errors import AwsError, LakeError, LakeletError


def translated(
    error: LakeletError,
    codes: Mapping[type[LakeError], str],
    otherwise: str = "InternalFailure",
) -> AwsError:
    """A refusal from below under the code that a service has for its kind, or `otherwise` under
    the one that it has for what is no fault of the caller's."""
    if isinstance(error, AwsError):
        return error
    for kind in type(error).__mro__:
        if kind in codes:
            return AwsError(codes[kind], str(error))
    return AwsError(otherwise, str(error), 500)
