"""User-defined functions."""

from lakelet.catalog.name_expressions import matches
from lakelet.model import Document
from lakelet.services import Parameters
from lakelet.services.glue.subject import Subject, cut


class UserDefinedFunctions(Subject):
    """The operations on user-defined functions."""

    def create_user_defined_function(self, params: Parameters) -> Document:
        functions = self._catalog(params).functions
        functions.create(params["DatabaseName"], params["FunctionInput"])
        return {}

    def update_user_defined_function(self, params: Parameters) -> Document:
        functions = self._catalog(params).functions
        functions.update(params["DatabaseName"], params["FunctionName"], params["FunctionInput"])
        return {}

    def delete_user_defined_function(self, params: Parameters) -> Document:
        functions = self._catalog(params).functions
        functions.delete(params["DatabaseName"], params["FunctionName"])
        return {}

    def get_user_defined_function(self, params: Parameters) -> Document:
        functions = self._catalog(params).functions
        return {
            "UserDefinedFunction": functions.get(params["DatabaseName"], params["FunctionName"])
        }

    def get_user_defined_functions(self, params: Parameters) -> Document:
        wanted = matches(params["Pattern"])
        kind = params.get("FunctionType")
        found = [
            each
            for each in self._catalog(params).functions.listed(params.get("DatabaseName"))
            if wanted(each["FunctionName"]) and kind in (None, each.get("FunctionType"))
        ]
        return cut(params, "UserDefinedFunctions", found)
