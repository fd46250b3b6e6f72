"""`lakelet bench`: suites, layouts, reports and what the command does with them."""
