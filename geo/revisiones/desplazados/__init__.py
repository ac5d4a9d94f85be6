"""E-DESP: edificios corridos más que sus vecinos."""
