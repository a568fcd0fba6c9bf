"""The model's part: what the rules left open is asked of a language model, and judged."""
