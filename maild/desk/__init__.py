"""The only room that opens a transaction: accept, receive, tick, deliver, act."""
