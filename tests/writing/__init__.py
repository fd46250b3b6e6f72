"""CTAS, INSERT and UNLOAD: what appears, under which names, and what a failure leaves."""
