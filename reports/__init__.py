"""What was found: pages, verdicts and exit statuses drawn from a results.jsonl."""
