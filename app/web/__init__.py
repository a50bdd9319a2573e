"""What the front doors share: who asks, the gate, refusals, languages, limits."""
