"""AWS's data lake on one machine: S3, Glue and Athena, offline."""

__version__ = "0.1.0"
