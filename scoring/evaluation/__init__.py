"""How good a model is: metrics, time slices, the choice, drift, leakage."""
