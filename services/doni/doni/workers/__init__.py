"""What makes other services agree with the record, one per service."""
