"""The lake as AWS's endpoint: requests in, responses out, by a socket or in the same process."""
