"""What the service does, one use case a file, each within one transaction.

Layers, high to low: policies, queue, intake, views, offers, leads, access.
"""
