"""After a gap: `backfill` reads missed messages, `crash_recovery` resumes unfinished turns."""
