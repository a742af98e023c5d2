"""Level standard: what users do first, tried with things of our own that are removed again."""
