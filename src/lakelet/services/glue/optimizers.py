"""Optimizers of Iceberg tables: what is to be done is kept and given back; nothing runs by itself.

OPTIMIZE and VACUUM of SQL, or pyiceberg's maintenance, do the work; so no optimizer has a run.
"""

from lakelet.errors import InvalidInput, LakeError, NotFound
from lakelet.model import Document
from lakelet.services import Parameters
from lakelet.services.glue.errors import detail
from lakelet.services.glue.subject import Subject

_KIND = "optimizer"


class Optimizers(Subject):
    """The operations on table optimizers."""

    def create_table_optimizer(self, params: Parameters) -> Document:
        name = self._name(params)
        refusal = f"Optimizer {params['Type']} of {params['TableName']} already exists."
        self._catalog(params).records.create(_KIND, name, _document(params), refusal)
        return {}

    def update_table_optimizer(self, params: Parameters) -> Document:
        with self._lake.database.transaction():
            self._optimizer(params)
            self._catalog(params).records.put(_KIND, self._name(params), _document(params))
        return {}

    def delete_table_optimizer(self, params: Parameters) -> Document:
        self._optimizer(params)
        self._catalog(params).records.delete(_KIND, self._name(params))
        return {}

    def get_table_optimizer(self, params: Parameters) -> Document:
        return {**_place(params), "TableOptimizer": self._optimizer(params)}

    def batch_get_table_optimizer(self, params: Parameters) -> Document:
        found, failures = [], []
        for each in params["Entries"]:
            asked = {name[:1].upper() + name[1:]: value for name, value in each.items()}
            try:
                if missing := _NEEDED - asked.keys():
                    raise InvalidInput(f"{min(missing)} cannot be null.")
                found.append({**each, "tableOptimizer": self._optimizer(asked)})
                found[-1].pop("type")
            except LakeError as error:
                failures.append({**each, "error": detail(error)})
        return {"TableOptimizers": found, "Failures": failures}

    def list_table_optimizer_runs(self, params: Parameters) -> Document:
        self._optimizer(params)
        return {**_place(params), "TableOptimizerRuns": []}

    def _optimizer(self, params: Parameters) -> Document:
        refusal = f"Optimizer {params['Type']} of {params['TableName']} not found."
        return self._catalog(params).records.need(_KIND, self._name(params), refusal)

    def _name(self, params: Parameters) -> str:
        """Raises NotFound, and InvalidInput for a table that is not Iceberg's."""
        catalog = self._catalog(params)
        table = catalog.tables.find(params["DatabaseName"], params["TableName"])
        if table is None:
            raise NotFound(f"Table {params['TableName']} not found.")
        if (table.get("Parameters") or {}).get("table_type", "").upper() != "ICEBERG":
            raise InvalidInput(f"Table {params['TableName']} is not an Iceberg table.")
        return "/".join((table["DatabaseName"], table["Name"], params["Type"]))


_NEEDED = frozenset({"DatabaseName", "TableName", "Type"})


def _document(params: Parameters) -> Document:
    return {
        "type": params["Type"],
        "configuration": params["TableOptimizerConfiguration"],
        "configurationSource": "table",
    }


def _place(params: Parameters) -> Document:
    return {name: params[name] for name in ("CatalogId", "DatabaseName", "TableName")}
