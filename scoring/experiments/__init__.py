"""Reading randomised data: what an offer changed.

A `Trial` holds who was assigned what and what came of it; `Plan` fixes when a verdict may fall;
`read_effect` tells the difference, and `read_doses` which size of an extra is worth most.
"""
