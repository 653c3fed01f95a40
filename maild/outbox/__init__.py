"""Mails out: words from templates (`render`), bytes from values (`compose`), patience (`backoff`)."""
