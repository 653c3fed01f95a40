"""Strangers' mails are understood in child processes with limits on memory, CPU and wall time (RELIABILITY 4.3)."""
