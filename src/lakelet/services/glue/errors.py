"""Glue's errors in AWS's words: which code each refusal from below has."""

from collections.abc import Mapping

from lakelet.catalog.crawlers import CrawlerNotRunning, CrawlerRunning, CrawlerStopping
from lakelet.errors import (
    AlreadyExists,
    AwsError,
    Conflict,
    InvalidInput,
    LakeError,
    LakeletError,
    LimitExceeded,
    NotEmpty,
    NotFound,
    PreconditionFailed,
    Unsupported,
)
from lakelet.model import Document
from lakelet.services.errors import translated
from lakelet.statistics import TaskNotRunning, TaskRunning, TaskStopping

CODES: Mapping[type[LakeError], str] = {
    AlreadyExists: "AlreadyExistsException",
    Conflict: "ConcurrentModificationException",
    CrawlerNotRunning: "CrawlerNotRunningException",
    CrawlerRunning: "CrawlerRunningException",
    CrawlerStopping: "CrawlerStoppingException",
    InvalidInput: "InvalidInputException",
    LimitExceeded: "ResourceNumberLimitExceededException",
    NotEmpty: "InvalidInputException",
    NotFound: "EntityNotFoundException",
    PreconditionFailed: "ConditionCheckFailureException",
    TaskNotRunning: "ColumnStatisticsTaskNotRunningException",
    TaskRunning: "ColumnStatisticsTaskRunningException",
    TaskStopping: "ColumnStatisticsTaskStoppingException",
    Unsupported: "OperationNotSupportedException",
}


def translate(error: LakeletError) -> AwsError:
    """A refusal from below in Glue's words."""
    return translated(error, CODES, "InternalServiceException")


def detail(error: LakeError) -> Document:
    """Glue's ErrorDetail, for a batch of which a part was refused."""
    said = translate(error)
    return {"ErrorCode": said.code, "ErrorMessage": said.message}
