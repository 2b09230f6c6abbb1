"""Random SQL over a random schema, as Postgres would take it: what the proof
`dialect` asks of two servers. Everything depends on the seed alone.

What an answer may depend on without being wrong (the order of rows that tie,
which of several errors comes first, the clock) is never asked for: it is
avoided where a statement is made, not forgiven where answers are compared."""
