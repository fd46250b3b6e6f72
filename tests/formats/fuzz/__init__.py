"""Tables that nobody wrote, compared with a live Trino over the same files; run by hand."""
