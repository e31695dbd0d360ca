"""One file a step; `down_revision` chains them."""
