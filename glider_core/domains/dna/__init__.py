"""DNA: binding strength of a 36-letter sequence, one feature per letter."""
