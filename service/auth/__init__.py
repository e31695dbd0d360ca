"""Who calls: keys, signatures, sessions, single sign-on, links, allowances, the actor of a call."""
