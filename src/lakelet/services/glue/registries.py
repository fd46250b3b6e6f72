"""The schema registry's operations."""

import difflib
import re
from collections.abc import Sequence
from datetime import UTC, datetime

from lakelet.catalog.schema_registry import DEFAULT_REGISTRY, check, latest
from lakelet.errors import AlreadyExists, InvalidInput, LakeError, NotFound
from lakelet.model import Document
from lakelet.services import Parameters
from lakelet.services.glue.errors import detail
from lakelet.services.glue.subject import Subject, cut
from lakelet.services.glue.tags import arn, forget, tag

_MOST_VERSIONS = 25


class Registries(Subject):
    """The operations on registries, schemas and their versions."""

    def create_registry(self, params: Parameters) -> Document:
        name = params["RegistryName"]
        with self._lake.database.transaction():
            self._lake.catalog.registry.create_registry(name, params.get("Description"))
            tag(self._lake, f"registry/{name}", params.get("Tags"))
        return {**self._registry_names(name), **params}

    def get_registry(self, params: Parameters) -> Document:
        return self._registry(_registry(params))

    def list_registries(self, params: Parameters) -> Document:
        names = [each["RegistryName"] for each in self._lake.catalog.registry.registries()]
        return cut(params, "Registries", [self._registry(name) for name in names])

    def update_registry(self, params: Parameters) -> Document:
        name = _registry(params)
        self._lake.catalog.registry.update_registry(name, params["Description"])
        return self._registry_names(name)

    def delete_registry(self, params: Parameters) -> Document:
        name = _registry(params)
        with self._lake.database.transaction():
            self._lake.catalog.registry.delete_registry(name)
            forget(self._lake, f"registry/{name}")
        return {**self._registry_names(name), "Status": "DELETING"}

    # Schemas ----------------------------------------------------------------------------------

    def create_schema(self, params: Parameters) -> Document:
        registry, name = _registry(params), params["SchemaName"]
        with self._lake.database.transaction():
            schema = self._lake.catalog.registry.create_schema(registry, params)
            tag(self._lake, f"schema/{registry}/{name}", params.get("Tags"))
        made: Document = {**self._shown_schema(schema), "Tags": params.get("Tags")}
        if schema["Versions"]:
            [version] = schema["Versions"]
            made["SchemaVersionId"] = version["SchemaVersionId"]
            made["SchemaVersionStatus"] = version["Status"]
        return made

    def get_schema(self, params: Parameters) -> Document:
        schema = self._lake.catalog.registry.schema(*_schema(params["SchemaId"]))
        return self._shown_schema(schema)

    def list_schemas(self, params: Parameters) -> Document:
        wanted = _registry(params) if params.get("RegistryId") else None
        found = self._lake.catalog.registry.schemas(wanted)
        return cut(params, "Schemas", [self._shown_schema(each) for each in found])

    def update_schema(self, params: Parameters) -> Document:
        registry, name = _schema(params["SchemaId"])
        compatibility, description = params.get("Compatibility"), params.get("Description")
        self._lake.catalog.registry.update_schema(registry, name, compatibility, description)
        return self._schema_names(registry, name)

    def delete_schema(self, params: Parameters) -> Document:
        registry, name = _schema(params["SchemaId"])
        with self._lake.database.transaction():
            self._lake.catalog.registry.delete_schema(registry, name)
            forget(self._lake, f"schema/{registry}/{name}")
        return {**self._schema_names(registry, name), "Status": "DELETING"}

    def check_schema_version_validity(self, params: Parameters) -> Document:
        try:
            check(params["DataFormat"], params["SchemaDefinition"])
        except InvalidInput as error:
            return {"Valid": False, "Error": error.message}
        return {"Valid": True}

    # Versions ---------------------------------------------------------------------------------

    def register_schema_version(self, params: Parameters) -> Document:
        registry, name = _schema(params["SchemaId"])
        definition = params["SchemaDefinition"]
        found = self._lake.catalog.registry.register(registry, name, definition)
        return {each: found[each] for each in ("SchemaVersionId", "VersionNumber", "Status")}

    def get_schema_version(self, params: Parameters) -> Document:
        registry, name, number = self._version_place(params)
        schemas = self._lake.catalog.registry
        version = schemas.version(registry, name, number)
        return {
            **version,
            "SchemaArn": arn(self._lake, f"schema/{registry}/{name}"),
            "DataFormat": schemas.schema(registry, name)["DataFormat"],
        }

    def get_schema_by_definition(self, params: Parameters) -> Document:
        registry, name = _schema(params["SchemaId"])
        schemas = self._lake.catalog.registry
        found = schemas.by_definition(registry, name, params["SchemaDefinition"])
        return {
            "SchemaVersionId": found["SchemaVersionId"],
            "SchemaArn": arn(self._lake, f"schema/{registry}/{name}"),
            "DataFormat": schemas.schema(registry, name)["DataFormat"],
            "Status": found["Status"],
            "CreatedTime": found["CreatedTime"],
        }

    def list_schema_versions(self, params: Parameters) -> Document:
        registry, name = _schema(params["SchemaId"])
        place = arn(self._lake, f"schema/{registry}/{name}")
        versions = self._lake.catalog.registry.schema(registry, name)["Versions"]
        return cut(params, "Schemas", [{**each, "SchemaArn": place} for each in versions])

    def delete_schema_versions(self, params: Parameters) -> Document:
        registry, name = _schema(params["SchemaId"])
        errors = []
        for number in _numbers(params["Versions"]):
            try:
                self._lake.catalog.registry.delete_version(registry, name, number)
            except LakeError as error:
                errors.append({"VersionNumber": number, "ErrorDetails": detail(error)})
        return {"SchemaVersionErrors": errors}

    def get_schema_versions_diff(self, params: Parameters) -> Document:
        registry, name = _schema(params["SchemaId"])
        texts = [
            self._lake.catalog.registry.version(registry, name, _number(params[member]))
            for member in ("FirstSchemaVersionNumber", "SecondSchemaVersionNumber")
        ]
        one, other = (each["SchemaDefinition"].splitlines(keepends=True) for each in texts)
        return {"Diff": "".join(difflib.unified_diff(one, other))}

    # Metadata ---------------------------------------------------------------------------------

    def put_schema_version_metadata(self, params: Parameters) -> Document:
        pair = params["MetadataKeyValue"]

        def add(kept: list[Document]) -> list[Document]:
            if any(_is(each, pair) for each in kept):
                raise AlreadyExists(
                    "Resource already exist for schema version id:"
                    f" {version['SchemaVersionId']}, metadata key: {pair['MetadataKey']},"
                    f" metadata value: {pair['MetadataValue']}"
                )
            return [*kept, {**pair, "CreatedTime": datetime.now(UTC).isoformat()}]

        version = self.get_schema_version(params)
        self._lake.catalog.registry.change_metadata(version["SchemaVersionId"], add)
        return self._metadata_answer(params, version)

    def remove_schema_version_metadata(self, params: Parameters) -> Document:
        pair = params["MetadataKeyValue"]

        def remove(kept: list[Document]) -> list[Document]:
            left = [each for each in kept if not _is(each, pair)]
            if len(left) == len(kept):
                raise NotFound("The metadata is not found.")
            return left

        version = self.get_schema_version(params)
        self._lake.catalog.registry.change_metadata(version["SchemaVersionId"], remove)
        return self._metadata_answer(params, version)

    def query_schema_version_metadata(self, params: Parameters) -> Document:
        version = self.get_schema_version(params)
        found: Document = {}
        for each in version["Metadata"]:
            if _is_wanted(each, params.get("MetadataList") or ()):
                value, created = each["MetadataValue"], each["CreatedTime"]
                info = {"MetadataValue": value, "CreatedTime": created}
                if each["MetadataKey"] in found:
                    first = found[each["MetadataKey"]]
                    first.setdefault("OtherMetadataValueList", []).append(info)
                else:
                    found[each["MetadataKey"]] = info
        page = cut(params, "MetadataInfoMap", list(found.items()))
        return {
            **page,
            "MetadataInfoMap": dict(page["MetadataInfoMap"]),
            "SchemaVersionId": version["SchemaVersionId"],
        }

    def _metadata_answer(self, params: Parameters, version: Document) -> Document:
        registry, name, _ = self._lake.catalog.registry.place(version["SchemaVersionId"])
        return {
            **self._schema_names(registry, name),
            **params["MetadataKeyValue"],
            "LatestVersion": bool((params.get("SchemaVersionNumber") or {}).get("LatestVersion")),
            "VersionNumber": version["VersionNumber"],
            "SchemaVersionId": version["SchemaVersionId"],
        }

    def _version_place(self, params: Parameters) -> tuple[str, str, int | None]:
        identifier = params.get("SchemaVersionId")
        if identifier:
            return self._lake.catalog.registry.place(identifier)
        if not params.get("SchemaId"):
            raise InvalidInput("Provide either SchemaId or SchemaVersionId.")
        registry, name = _schema(params["SchemaId"])
        return registry, name, _number(params.get("SchemaVersionNumber") or {})

    def _registry(self, name: str) -> Document:
        return {**self._lake.catalog.registry.registry(name), **self._registry_names(name)}

    def _registry_names(self, name: str) -> Document:
        return {"RegistryName": name, "RegistryArn": arn(self._lake, f"registry/{name}")}

    def _schema_names(self, registry: str, name: str) -> Document:
        return {
            "RegistryName": registry,
            "RegistryArn": arn(self._lake, f"registry/{registry}"),
            "SchemaName": name,
            "SchemaArn": arn(self._lake, f"schema/{registry}/{name}"),
        }

    def _shown_schema(self, schema: Document) -> Document:
        versions = schema["Versions"]
        return {
            **schema,
            **self._schema_names(schema["RegistryName"], schema["SchemaName"]),
            "LatestSchemaVersion": latest(schema),
            "NextSchemaVersion": 1 + max((each["VersionNumber"] for each in versions), default=0),
        }


def _registry(params: Parameters) -> str:
    """The registry that a request names. Raises InvalidInput."""
    given = params.get("RegistryId") or {}
    if given.get("RegistryName") and given.get("RegistryArn"):
        raise InvalidInput(
            "One of registryName or registryArn has to be provided, both cannot be provided."
        )
    name = given.get("RegistryName") or (given.get("RegistryArn") or "").rpartition("/")[2]
    return str(name or DEFAULT_REGISTRY)


def _schema(given: Document) -> tuple[str, str]:
    """Registry and name of the schema that a SchemaId names. Raises InvalidInput."""
    if given.get("SchemaArn"):
        parts = given["SchemaArn"].split("/")
        if len(parts) != 3:
            raise InvalidInput("The SchemaArn is not valid.")
        return parts[1], parts[2]
    if not given.get("SchemaName"):
        raise InvalidInput("One of (registryName and schemaName) or schemaArn has to be provided.")
    return given.get("RegistryName") or DEFAULT_REGISTRY, given["SchemaName"]


def _number(given: Document) -> int | None:
    """None for the latest. Raises InvalidInput."""
    if given.get("LatestVersion"):
        return None
    if not given.get("VersionNumber"):
        raise InvalidInput("One of version number (or) latest version is required.")
    return int(given["VersionNumber"])


def _numbers(text: str) -> list[int]:
    """`3` or `2-5`."""
    match = re.fullmatch(r"(\d+)(?:-(\d+))?", text)
    if match is None:
        raise InvalidInput("The versions are not valid.")
    first = int(match[1])
    last = int(match[2] or first)
    if last - first >= _MOST_VERSIONS:
        raise InvalidInput(f"At most {_MOST_VERSIONS} versions can be deleted at once.")
    return list(range(first, last + 1))


def _is(kept: Document, pair: Document) -> bool:
    return all(kept[member] == pair[member] for member in ("MetadataKey", "MetadataValue"))


def _is_wanted(kept: Document, wanted: Sequence[Document]) -> bool:
    """Whether it is what one of the pairs says, of which either part may be left out."""
    return not wanted or any(
        all(kept[member] == value for member, value in pair.items()) for pair in wanted
    )
