"""The tools people have: what they send, read as our own facts, and what we tell them.

To connect another tool: a file with its signature and its translation, one with its client, a
route in `service/routes/connect.py`, and a line in `service/connect/deliver.py` for what is fetched
or told later.
"""
