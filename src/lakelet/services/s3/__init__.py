"""S3: one method per operation, cut by subject; the embedded store does the work.

A body comes in as bytes or as a reader (`read(size)`) and goes out as a `sending.ObjectBody`.
"""

from lakelet.database import Database
from lakelet.services.s3.buckets import Buckets
from lakelet.services.s3.configurations import BucketConfigurations, Operation
from lakelet.services.s3.copying import Copying
from lakelet.services.s3.listing import Listing
from lakelet.services.s3.multipart import Multipart
from lakelet.services.s3.objects import Objects
from lakelet.services.s3.tagging import Tagging
from lakelet.storage.configurations import Configurations
from lakelet.storage.local import LocalStorage
from lakelet.storage.multipart import Uploads


class S3:
    """Every operation as an attribute by botocore's name for it (`put_object`)."""

    def __init__(
        self, storage: LocalStorage, database: Database, account: str, region: str
    ) -> None:
        uploads, configurations = Uploads(storage, database), Configurations(database)
        subjects = (
            Buckets(storage, uploads, configurations, account, region),
            Objects(storage),
            Copying(storage, uploads),
            Listing(storage, account),
            Multipart(storage, uploads, account),
            Tagging(storage),
        )
        self.operations: dict[str, Operation] = {
            **BucketConfigurations(storage, configurations).operations(),
            **{
                name: getattr(subject, name)
                for subject in subjects
                for name in vars(type(subject))
                if not name.startswith("_")
            },
        }

    def __getattr__(self, name: str) -> Operation:
        found = vars(self).get("operations", {}).get(name)
        if found is None:
            raise AttributeError(name)
        operation: Operation = found
        return operation
