"""Model files of strangers: read and asked in a process of their own, whose memory and time are bounded."""
