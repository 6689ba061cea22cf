"""What all API views share: the error shape, strict JSON, cursors, limits, the document."""
