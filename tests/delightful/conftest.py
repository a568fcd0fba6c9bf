"""How far the property tests search."""

from hypothesis import settings

# A deadline measures the machine, not the code; fifty examples keep `make unit` short.
settings.register_profile("unit", max_examples=50, deadline=None)
settings.load_profile("unit")
