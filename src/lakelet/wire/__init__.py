"""HTTP ↔ plain dicts in botocore's own shape, by botocore's service models at run time.

A request is routed (which service, which operation), parsed, validated; a result or an error is
serialised in the service's protocol. Nothing here knows what an operation does.
"""
