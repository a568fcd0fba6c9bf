"""The AWS endpoint of the sandbox: moto's server, extended."""
