"""Glue's documents ↔ the dataclasses that the inside of the lake works with."""

from collections.abc import Mapping, Sequence
from typing import Any

from lakelet.model import Column, Document, StorageDescriptor, Table


def table(document: Document) -> Table:
    """A table or view from Glue's Table."""
    return Table(
        database=document["DatabaseName"],
        name=document["Name"],
        storage=storage(document.get("StorageDescriptor") or {}),
        partition_keys=columns(document.get("PartitionKeys") or ()),
        parameters=document.get("Parameters") or {},
        table_type=document.get("TableType") or "EXTERNAL_TABLE",
        description=document.get("Description"),
        view_original_text=document.get("ViewOriginalText"),
        version_id=document.get("VersionId", "0"),
    )


def storage(document: Mapping[str, Any]) -> StorageDescriptor:
    """A StorageDescriptor; a member that Glue lacks is empty."""
    serde = document.get("SerdeInfo") or {}
    return StorageDescriptor(
        columns=columns(document.get("Columns") or ()),
        location=document.get("Location") or "",
        input_format=document.get("InputFormat") or "",
        output_format=document.get("OutputFormat") or "",
        serde=serde.get("SerializationLibrary") or "",
        serde_parameters=serde.get("Parameters") or {},
        parameters=document.get("Parameters") or {},
        bucket_columns=tuple(document.get("BucketColumns") or ()),
        number_of_buckets=max(document.get("NumberOfBuckets") or 0, 0),
        compressed=bool(document.get("Compressed")),
    )


def columns(documents: Sequence[Document]) -> tuple[Column, ...]:
    """Columns, their names in lower case; one without a type is a string."""
    return tuple(
        Column(each["Name"].lower(), each.get("Type") or "string", each.get("Comment"))
        for each in documents
    )


def storage_document(of: StorageDescriptor) -> Document:
    """Glue's StorageDescriptor."""
    return {
        "Columns": column_documents(of.columns),
        "Location": of.location,
        "InputFormat": of.input_format,
        "OutputFormat": of.output_format,
        "Compressed": of.compressed,
        "NumberOfBuckets": of.number_of_buckets or -1,
        "SerdeInfo": {
            "SerializationLibrary": of.serde,
            "Parameters": dict(of.serde_parameters),
        },
        "BucketColumns": list(of.bucket_columns),
        "SortColumns": [],
        "Parameters": dict(of.parameters),
        "StoredAsSubDirectories": False,
    }


def partition_document(table: Table, values: Sequence[str], location: str) -> Document:
    """Glue's PartitionInput of a table's partition that is read as the table is."""
    storage = {**storage_document(table.storage), "Location": location}
    return {"Values": list(values), "StorageDescriptor": storage}


def column_documents(of: Sequence[Column]) -> list[Document]:
    """Glue's Columns; a comment that there is none of is left out."""
    return [
        {
            "Name": each.name,
            "Type": each.type,
            **({} if each.comment is None else {"Comment": each.comment}),
        }
        for each in of
    ]
