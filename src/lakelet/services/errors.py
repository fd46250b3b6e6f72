"""Errors from below in AWS's own words."""

from collections.abc import Mapping

from lakelet.errors import AwsError, LakeError, LakeletError


def translated(error: LakeletError, codes: Mapping[type[LakeError], str]) -> AwsError:
    """A refusal from below under the code that a service has for its kind."""
    if isinstance(error, AwsError):
        return error
    for kind in type(error).__mro__:
        if kind in codes:
            return AwsError(codes[kind], str(error))
    return AwsError("InternalFailure", str(error), 500)
