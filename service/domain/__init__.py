"""Pure rules: no SQL, no HTTP, no Pydantic, nothing of the running process."""
