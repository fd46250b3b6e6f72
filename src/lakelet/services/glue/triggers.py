"""Triggers that start crawlers."""

from lakelet.crawler.triggers import KIND
from lakelet.model import Document
from lakelet.services import Parameters
from lakelet.services.glue.subject import Subject, batch, cut, paged
from lakelet.services.glue.tags import forget, tag, tagged


class Triggers(Subject):
    """The operations on triggers."""

    def create_trigger(self, params: Parameters) -> Document:
        triggers = self._lake.crawlers.triggers
        with self._lake.database.transaction():
            triggers.create(params)
            tag(self._lake, f"{KIND}/{params['Name']}", params.get("Tags"))
        self._lake.crawlers.watch()
        return {"Name": params["Name"]}

    def update_trigger(self, params: Parameters) -> Document:
        changed = self._lake.crawlers.triggers.update(params["Name"], params["TriggerUpdate"])
        return {"Trigger": changed}

    def delete_trigger(self, params: Parameters) -> Document:
        triggers = self._lake.crawlers.triggers
        with self._lake.database.transaction():
            triggers.delete(params["Name"])
            forget(self._lake, f"{KIND}/{params['Name']}")
        return {"Name": params["Name"]}

    def get_trigger(self, params: Parameters) -> Document:
        return {"Trigger": self._lake.crawlers.triggers.get(params["Name"])}

    def get_triggers(self, params: Parameters) -> Document:
        if params.get("DependentJobName"):
            return {"Triggers": []}
        listed = self._lake.crawlers.triggers.listed
        return paged(params, "Triggers", listed, lambda each: str(each["Name"]), 200)

    def batch_get_triggers(self, params: Parameters) -> Document:
        found, missing = batch(self._lake.crawlers.triggers.get, params["TriggerNames"])
        return {"Triggers": found, "TriggersNotFound": missing}

    def list_triggers(self, params: Parameters) -> Document:
        listed = self._lake.crawlers.triggers.listed()
        names = tagged(self._lake, KIND, listed, params.get("Tags"))
        return cut(params, "TriggerNames", [] if params.get("DependentJobName") else names)

    def start_trigger(self, params: Parameters) -> Document:
        self._lake.crawlers.triggers.start(params["Name"])
        self._lake.crawlers.watch()
        return {"Name": params["Name"]}

    def stop_trigger(self, params: Parameters) -> Document:
        self._lake.crawlers.triggers.stop(params["Name"])
        return {"Name": params["Name"]}
