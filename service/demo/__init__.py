"""The demo: simulated trials played through the real HTTP calls of a real server."""
