"""From a situation to one offer, or to the reasons why not: values in, values out.

    policy = load_policy(Path("policy.toml"))
    decision = decide(situation, policy, now)

Errors: `PolicyError` (a file that does not load; every problem with line and column) and
`FxError` (a rate nobody can know). A refusal is a value, never an error.
"""
