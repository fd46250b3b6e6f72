"""Crawlers: list, classify samples, group folders into tables, merge schemas, put them."""
