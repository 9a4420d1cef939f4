"""Tables: read, their values understood in one way, fields learned, feature crosses made."""
