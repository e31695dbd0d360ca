"""The tools people have: what they send, read as our own facts, and what we tell them.

To connect another tool: a file with its signature and its translation, one with its client, a
route in `service/api/connect.py`, and a line in `service/jobs/run_deliveries.py` for what is
fetched or told later.
"""
