"""Row patterns: a pattern becomes a program, and a program finds the matches among rows."""
