"""Statements of Hive's grammar that do not parse, with what a real Hive's parser says of them."""
