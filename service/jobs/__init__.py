"""What runs beside the calls: the worker and each of its steps."""
