"""Pydantic models of what comes in and goes out, and how a body is parsed."""
