"""Athena's DDL: what it makes of the catalogue, how it is shown, in which words it fails."""
