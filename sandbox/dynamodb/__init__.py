"""DynamoDB whose calls are atomic."""
