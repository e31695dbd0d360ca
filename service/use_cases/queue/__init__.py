"""A rep's work: claims, reassignment, objections."""
