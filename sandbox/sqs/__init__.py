"""SQS: attributes that stay as they were set."""
