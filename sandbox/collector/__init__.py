"""A stand-in for the OpenTelemetry collector: takes spans, puts segments into X-Ray."""
