"""Crawlers: list, group into tables, classify samples, merge schemas, put into the catalogue."""
