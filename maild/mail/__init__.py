"""Understanding an incoming mail: pure, bytes in, values out; no library's object leaves this room."""
