"""A statement's answer in the bucket, and pages of it: Athena's CSV, text and metadata files.

GetQueryResults reads what was written; nothing of an answer is kept in memory. Names, bytes and
content types of the files are those that aoyagikouhei/athena-local measured on AWS.
"""

from lakelet.results.files import Announcement, Result, location, write, write_failure
from lakelet.results.pages import Page, page

__all__ = ["Announcement", "Page", "Result", "location", "page", "write", "write_failure"]
