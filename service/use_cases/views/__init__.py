"""What is read and shown: timelines, replays, effects, the audit. Nothing here writes."""
