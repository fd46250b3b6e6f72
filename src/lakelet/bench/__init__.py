"""Benchmarks of query patterns: queries over every layout of their tables, timed and priced.

`suite` says what to run, `layouts` how tables are laid out anew, `targets` where; `running` does
it and gives `report`'s Report, which `tables`, `page` and `comparing` show.
"""
