"""The edges where mail comes in: bytes and an envelope, handed to the desk through its door."""
