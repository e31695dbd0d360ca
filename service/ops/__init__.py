"""What a scraper and an operator see of a running process."""
