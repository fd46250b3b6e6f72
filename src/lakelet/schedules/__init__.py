"""Schedules of crawlers, triggers and column statistics: when they are due, and who looks."""
