"""Los hallazgos de las revisiones automáticas."""
