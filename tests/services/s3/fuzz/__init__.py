"""The same random requests to lakelet and to a real MinIO, and where the answers differ.

`python -m tests.services.s3.fuzz [--seed N] [--sequences N]` starts both and prints the shortest
requests that are answered otherwise.
"""
