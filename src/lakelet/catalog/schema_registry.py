"""The schema registry: registries, schemas in them, and the versions of each."""

import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

from lakelet.catalog import avro_schemas
from lakelet.catalog.records import Records
from lakelet.database import Database
from lakelet.errors import InvalidInput, NotEmpty, NotFound
from lakelet.model import Document

DEFAULT_REGISTRY = "default-registry"
_REGISTRY, _SCHEMA, _VERSION = "registry", "schema", "schema version"
_UNCHECKED = {"NONE", "DISABLED"}


class SchemaRegistry:
    """Glue's registries. A schema's record holds all its versions, the oldest first."""

    def __init__(self, database: Database, records: Records) -> None:
        self._database = database
        self._records = records

    # Registries -------------------------------------------------------------------------------

    def create_registry(self, name: str, description: str | None) -> None:
        """Raises AlreadyExists."""
        now = _now()
        document = {
            "RegistryName": name,
            "Description": description,
            "Status": "AVAILABLE",
            "CreatedTime": now,
            "UpdatedTime": now,
        }
        refusal = f"Registry already exists. RegistryName: {name}"
        self._records.create(_REGISTRY, name, document, refusal)

    def registry(self, name: str) -> Document:
        """Raises NotFound."""
        refusal = f"Registry is not found. RegistryName: {name}"
        return self._records.need(_REGISTRY, name, refusal)

    def registries(self) -> list[Document]:
        return [found for _, found in self._records.listed(_REGISTRY)]

    def update_registry(self, name: str, description: str) -> None:
        """Raises NotFound."""
        with self._database.transaction():
            changed = {"Description": description, "UpdatedTime": _now()}
            self._records.put(_REGISTRY, name, {**self.registry(name), **changed})

    def delete_registry(self, name: str) -> None:
        """With its schemas. Raises NotFound."""
        with self._database.transaction():
            self.registry(name)
            for schema in self.schemas(name):
                self.delete_schema(name, schema["SchemaName"])
            self._records.delete(_REGISTRY, name)

    # Schemas ----------------------------------------------------------------------------------

    def create_schema(self, registry: str, given: Document) -> Document:
        """With its first version where there is a definition; gives the schema's record.

        Raises NotFound, AlreadyExists, InvalidInput.
        """
        name, data_format = given["SchemaName"], given["DataFormat"]
        compatibility = given.get("Compatibility") or "NONE"
        _check_compatibility(data_format, compatibility)
        now = _now()
        with self._database.transaction():
            if registry == DEFAULT_REGISTRY and not self._records.get(_REGISTRY, registry):
                self.create_registry(registry, None)
            self.registry(registry)
            document = {
                "RegistryName": registry,
                "SchemaName": name,
                "Description": given.get("Description"),
                "DataFormat": data_format,
                "Compatibility": compatibility,
                "SchemaCheckpoint": 1,
                "SchemaStatus": "AVAILABLE",
                "CreatedTime": now,
                "UpdatedTime": now,
                "Versions": [],
            }
            refusal = f"Schema already exists. SchemaName: {name}"
            self._records.create(_SCHEMA, f"{registry}/{name}", document, refusal)
            if given.get("SchemaDefinition"):
                self._add(document, given["SchemaDefinition"])
            return document

    def schema(self, registry: str, name: str) -> Document:
        """Raises NotFound."""
        refusal = (
            f"Schema is not found. RegistryName: {registry}, SchemaName: {name}, SchemaArn: null"
        )
        return self._records.need(_SCHEMA, f"{registry}/{name}", refusal)

    def schemas(self, registry: str | None = None) -> list[Document]:
        """Of one registry or of all. Raises NotFound."""
        if registry is not None:
            self.registry(registry)
        prefix = "" if registry is None else f"{registry}/"
        return [found for _, found in self._records.listed(_SCHEMA, prefix)]

    def update_schema(
        self, registry: str, name: str, compatibility: str | None, description: str | None
    ) -> None:
        """Raises NotFound, InvalidInput."""

        def change(schema: Document) -> None:
            if compatibility is not None:
                _check_compatibility(schema["DataFormat"], compatibility)
                schema["Compatibility"] = compatibility
            if description is not None:
                schema["Description"] = description

        self._change(registry, name, change)

    def delete_schema(self, registry: str, name: str) -> None:
        """With its versions. Raises NotFound."""
        with self._database.transaction():
            for version in self.schema(registry, name)["Versions"]:
                self._records.delete(_VERSION, version["SchemaVersionId"])
            self._records.delete(_SCHEMA, f"{registry}/{name}")

    # Versions ---------------------------------------------------------------------------------

    def register(self, registry: str, name: str, definition: str) -> Document:
        """The version of a definition: a new one, FAILURE if it breaks the schema's rule of
        compatibility, or the one that has it already. Raises NotFound, InvalidInput."""
        with self._database.transaction():
            schema = self.schema(registry, name)
            for version in schema["Versions"]:
                if _same(schema["DataFormat"], version["SchemaDefinition"], definition):
                    found: Document = version
                    return found
            if schema["Compatibility"] == "DISABLED":
                raise InvalidInput(
                    "Compatibility DISABLED does not allow versioning."
                    f" SchemaId: SchemaId(schemaArn=null, schemaName={name},"
                    f" registryName={registry})"
                )
            return self._add(schema, definition)

    def version(self, registry: str, name: str, number: int | None) -> Document:
        """A version by its number, the latest for None. Raises NotFound."""
        versions = self.schema(registry, name)["Versions"]
        for version in reversed(versions):
            if number in (version["VersionNumber"], None) and (
                number is not None or version["Status"] == "AVAILABLE"
            ):
                found: Document = version
                return found
        raise NotFound(
            f"Schema version is not found. RegistryName: {registry}, SchemaName: {name},"
            f" VersionNumber: {number}"
        )

    def place(self, version_id: str) -> tuple[str, str, int]:
        """Registry, schema and number of a version. Raises NotFound."""
        refusal = f"Schema version is not found. SchemaVersionId: {version_id}"
        found = self._records.need(_VERSION, version_id, refusal)
        return found["RegistryName"], found["SchemaName"], found["VersionNumber"]

    def by_definition(self, registry: str, name: str, definition: str) -> Document:
        """Raises NotFound."""
        schema = self.schema(registry, name)
        for version in schema["Versions"]:
            if _same(schema["DataFormat"], version["SchemaDefinition"], definition):
                found: Document = version
                return found
        raise NotFound(
            f"Schema is not found. RegistryName: {registry}, SchemaName: {name}, SchemaArn: null"
        )

    def delete_version(self, registry: str, name: str, number: int) -> None:
        """Raises NotFound, and NotEmpty for the first version while there are others."""

        def change(schema: Document) -> None:
            version = self.version(registry, name, number)
            if number == schema["SchemaCheckpoint"] and len(schema["Versions"]) > 1:
                raise NotEmpty("The checkpoint version can't be deleted while others stand.")
            schema["Versions"] = [each for each in schema["Versions"] if each != version]
            self._records.delete(_VERSION, version["SchemaVersionId"])

        self._change(registry, name, change)

    def change_metadata(
        self, version_id: str, change: Callable[[list[Document]], list[Document]]
    ) -> None:
        """Replaces the metadata of a version, a list of key, value and time. Raises NotFound."""
        registry, name, number = self.place(version_id)

        def apply(schema: Document) -> None:
            for version in schema["Versions"]:
                if version["VersionNumber"] == number:
                    version["Metadata"] = change(version["Metadata"])

        self._change(registry, name, apply)

    def _change(self, registry: str, name: str, change: Callable[[Document], None]) -> None:
        with self._database.transaction():
            schema = self.schema(registry, name)
            change(schema)
            schema["UpdatedTime"] = _now()
            self._records.put(_SCHEMA, f"{registry}/{name}", schema)

    def _add(self, schema: Document, definition: str) -> Document:
        check(schema["DataFormat"], definition)
        registry, name = schema["RegistryName"], schema["SchemaName"]
        number = 1 + max((each["VersionNumber"] for each in schema["Versions"]), default=0)
        version: Document = {
            "SchemaVersionId": str(uuid4()),
            "SchemaDefinition": definition,
            "VersionNumber": number,
            "Status": "AVAILABLE" if _is_compatible(schema, definition) else "FAILURE",
            "CreatedTime": _now(),
            "Metadata": [],
        }
        schema["Versions"].append(version)
        schema["UpdatedTime"] = version["CreatedTime"]
        self._records.put(_SCHEMA, f"{registry}/{name}", schema)
        place = {"RegistryName": registry, "SchemaName": name, "VersionNumber": number}
        self._records.put(_VERSION, version["SchemaVersionId"], place)
        return version


def check(data_format: str, definition: str) -> None:
    """Raises InvalidInput for a definition that is none; one of PROTOBUF is not read."""
    if data_format == "AVRO":
        avro_schemas.parse(definition)
    elif data_format == "JSON":
        try:
            json.loads(definition)
        except (ValueError, RecursionError) as error:
            message = f"Schema definition of JSON data format is invalid: {error}"
            raise InvalidInput(message) from error


def latest(schema: Document) -> int:
    """The number of the last version that is available, 0 for none."""
    numbers = (v["VersionNumber"] for v in schema["Versions"] if v["Status"] == "AVAILABLE")
    return max(numbers, default=0)


def _check_compatibility(data_format: str, compatibility: str) -> None:
    if data_format != "AVRO" and compatibility not in _UNCHECKED:
        raise InvalidInput(
            f"Compatibility {compatibility} of {data_format} schemas is not available in lakelet:"
            " choose NONE or DISABLED"
        )


def _is_compatible(schema: Document, definition: str) -> bool:
    """By the schema's mode ("Schema versioning and compatibility" of Glue's guide)."""
    mode: str = schema["Compatibility"]
    before = [v["SchemaDefinition"] for v in schema["Versions"] if v["Status"] == "AVAILABLE"]
    if mode in _UNCHECKED or not before:
        return True
    new = avro_schemas.parse(definition)
    olds = [avro_schemas.parse(each) for each in before]
    olds = olds if mode.endswith("_ALL") else olds[-1:]
    backward = mode.startswith("FORWARD") or all(avro_schemas.reads(new, old) for old in olds)
    forward = mode.startswith("BACKWARD") or all(avro_schemas.reads(old, new) for old in olds)
    return backward and forward


def _same(data_format: str, one: str, other: str) -> bool:
    if data_format == "PROTOBUF":
        return one == other
    return bool(_parsed(one) == _parsed(other))


def _parsed(text: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return text


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds")
