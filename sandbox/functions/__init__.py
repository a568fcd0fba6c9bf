"""Lambda functions that really run the code of their zip."""
