"""Custom classifiers of crawlers."""

from datetime import UTC, datetime

from lakelet.crawler.custom import of
from lakelet.errors import InvalidInput, NotFound
from lakelet.model import Document
from lakelet.services import Parameters
from lakelet.services.glue.subject import Subject, paged

KIND = "classifier"


class Classifiers(Subject):
    """The operations on classifiers."""

    def create_classifier(self, params: Parameters) -> Document:
        member, given = _only(params)
        now = datetime.now(UTC)
        of({member: given})
        document = {member: {**given, "CreationTime": now, "LastUpdated": now, "Version": 1}}
        refusal = f"Classifier {given['Name']} already exists"
        self._lake.catalog.records.create(KIND, given["Name"], document, refusal)
        return {}

    def update_classifier(self, params: Parameters) -> Document:
        member, given = _only(params)
        with self._lake.database.transaction():
            kept = self._classifier(given["Name"])
            if member not in kept:
                raise InvalidInput(f"Classifier {given['Name']} is not a {member}.")
            changed = {
                **kept[member],
                **given,
                "LastUpdated": datetime.now(UTC),
                "Version": kept[member]["Version"] + 1,
            }
            of({member: changed})
            self._lake.catalog.records.put(KIND, given["Name"], {member: changed})
        return {}

    def delete_classifier(self, params: Parameters) -> Document:
        if not self._lake.catalog.records.delete(KIND, params["Name"]):
            raise NotFound(_missing(params["Name"]))
        return {}

    def get_classifier(self, params: Parameters) -> Document:
        return {"Classifier": self._classifier(params["Name"])}

    def get_classifiers(self, params: Parameters) -> Document:
        records = self._lake.catalog.records

        def listed(after: str, limit: int) -> list[Document]:
            return [found for _, found in records.listed(KIND, "", after, limit)]

        return paged(params, "Classifiers", listed, lambda each: str(_only(each)[1]["Name"]))

    def _classifier(self, name: str) -> Document:
        return self._lake.catalog.records.need(KIND, name, _missing(name))


def _only(document: Document) -> tuple[str, Document]:
    """The kind of classifier and its settings. Raises InvalidInput unless there is one."""
    given = [(member, value) for member, value in document.items() if member.endswith("Classifier")]
    if len(given) != 1:
        raise InvalidInput("Exactly one classifier must be given.")
    return given[0]


def _missing(name: str) -> str:
    return f"Classifier {name} not found."
