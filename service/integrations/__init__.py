"""The tools people have: what they send, read as our own facts, and what we tell them.

To connect another tool: see contract.py, which every connector keeps; a client where we call it,
and a line in `service/jobs/run_deliveries.py` for what is fetched or told later.
"""
