"""The strict readers: bytes in, a value or one error out."""
