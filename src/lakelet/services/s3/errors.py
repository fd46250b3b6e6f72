"""S3's error codes and texts ("Error responses" of the S3 API reference, MinIO's answers).

Few of them are in botocore's model, so they are a list here.
"""

from collections.abc import Mapping
from typing import Any

from lakelet.errors import (
    AlreadyExists,
    AwsError,
    Conflict,
    InvalidInput,
    LakeError,
    LakeletError,
    NoRoom,
    NoSuchBucket,
    NoSuchKey,
    NoSuchUpload,
    NotEmpty,
)

CODES: dict[str, tuple[int, str]] = {
    "AccessControlListNotSupported": (400, "The bucket does not allow ACLs"),
    "BadRequest": (400, "Bad Request"),
    "BadDigest": (400, "The Content-MD5 you specified did not match what we received."),
    "BucketAlreadyOwnedByYou": (
        409,
        "Your previous request to create the named bucket succeeded and you already own it.",
    ),
    "BucketNotEmpty": (409, "The bucket you tried to delete is not empty"),
    "EntityTooLarge": (400, "Your proposed upload exceeds the maximum allowed object size."),
    "EntityTooSmall": (
        400,
        "Your proposed upload is smaller than the minimum allowed object size.",
    ),
    "IllegalLocationConstraintException": (
        400,
        "The unspecified location constraint is incompatible for the region specific endpoint "
        "this request was sent to.",
    ),
    "IncompleteBody": (
        400,
        "You did not provide the number of bytes specified by the Content-Length HTTP header.",
    ),
    "InternalError": (500, "We encountered an internal error. Please try again."),
    "InvalidArgument": (400, "Invalid Argument"),
    "InvalidBucketName": (400, "The specified bucket is not valid."),
    "InvalidDigest": (400, "The Content-Md5 you specified is not valid."),
    "InvalidEncryptionAlgorithmError": (
        400,
        "The encryption request that you specified is not valid. The valid value is AES256.",
    ),
    "InvalidPart": (
        400,
        "One or more of the specified parts could not be found.  The part may not have been "
        "uploaded, or the specified entity tag may not match the part's entity tag.",
    ),
    "InvalidPartNumber": (416, "The requested partnumber is not satisfiable"),
    "InvalidPartOrder": (
        400,
        "The list of parts was not in ascending order. The parts list must be specified in order "
        "by part number.",
    ),
    "InvalidRange": (416, "The requested range is not satisfiable"),
    "InvalidRequest": (400, "Invalid Request"),
    "InvalidStorageClass": (400, "The storage class you specified is not valid"),
    "InvalidTag": (400, "The tag provided was not a valid tag."),
    "KeyTooLongError": (400, "Your key is too long"),
    "MalformedPolicy": (400, "Policies must be valid JSON and the first byte must be '{'"),
    "MalformedXML": (
        400,
        "The XML you provided was not well-formed or did not validate against our published schema",
    ),
    "MetadataTooLarge": (
        400,
        "Your metadata headers exceed the maximum allowed metadata size",
    ),
    "NoSuchBucket": (404, "The specified bucket does not exist"),
    "NoSuchBucketPolicy": (404, "The bucket policy does not exist"),
    "NoSuchConfiguration": (404, "The specified configuration does not exist."),
    "NoSuchCORSConfiguration": (404, "The CORS configuration does not exist"),
    "NoSuchKey": (404, "The specified key does not exist."),
    "NoSuchLifecycleConfiguration": (404, "The lifecycle configuration does not exist"),
    "NoSuchObjectLockConfiguration": (
        404,
        "The specified object does not have a ObjectLock configuration",
    ),
    "NoSuchPublicAccessBlockConfiguration": (
        404,
        "The public access block configuration was not found",
    ),
    "NoSuchTagSet": (404, "The TagSet does not exist"),
    "NoSuchUpload": (
        404,
        "The specified multipart upload does not exist. The upload ID may be invalid, or the "
        "upload may have been aborted or completed.",
    ),
    "NoSuchVersion": (404, "The specified version does not exist."),
    "NoSuchWebsiteConfiguration": (
        404,
        "The specified bucket does not have a website configuration",
    ),
    "NotImplemented": (501, "A header you provided implies functionality that is not implemented"),
    "NotModified": (304, "Not Modified"),
    "ObjectLockConfigurationNotFoundError": (
        404,
        "Object Lock configuration does not exist for this bucket",
    ),
    "OperationAborted": (
        409,
        "A conflicting conditional operation is currently in progress against this resource. "
        "Please try again.",
    ),
    "OwnershipControlsNotFoundError": (404, "The bucket ownership controls were not found"),
    "PreconditionFailed": (
        412,
        "At least one of the pre-conditions you specified did not hold",
    ),
    "ReplicationConfigurationNotFoundError": (
        404,
        "The replication configuration was not found",
    ),
    "ServerSideEncryptionConfigurationNotFoundError": (
        404,
        "The server side encryption configuration was not found",
    ),
    "XAmzContentChecksumMismatch": (
        400,
        "The provided 'x-amz-checksum' header does not match what was computed.",
    ),
    "XMinioStorageFull": (
        507,
        "Storage backend has reached its minimum free drive threshold. Please delete a few "
        "objects to proceed.",
    ),
}
"""Status and text by code."""

ERROR_CODES: dict[type[LakeError], str] = {
    NoSuchBucket: "NoSuchBucket",
    NoSuchKey: "NoSuchKey",
    NoSuchUpload: "NoSuchUpload",
    AlreadyExists: "BucketAlreadyOwnedByYou",
    NotEmpty: "BucketNotEmpty",
    InvalidInput: "InvalidArgument",
    Conflict: "OperationAborted",
    NoRoom: "XMinioStorageFull",  # S3 has no code for a full disk, MinIO has
}


def failure(code: str, message: str = "", **members: str) -> AwsError:
    """The error of a code, in S3's own text unless the case has one of its own; `members` are its
    further elements (`BucketName`)."""
    status, text = CODES[code]
    return AwsError(code, message or text, status, members)


def needed(params: Mapping[str, Any], *path: str) -> Any:
    """What a document must hold at a path of members. Raises MalformedXML."""
    value: Any = params
    for name in path:
        value = value.get(name) if isinstance(value, Mapping) else None
        if value is None:
            raise failure("MalformedXML")
    return value


def translate(error: LakeletError) -> AwsError:
    """What a client is told of an error from below."""
    if isinstance(error, AwsError):
        return error
    for kind, code in ERROR_CODES.items():
        if isinstance(error, kind):
            own = error.message if code == "InvalidArgument" else ""
            return failure(code, own)
    return failure("InternalError")
