"""What commands print: tables, summaries, and commands to run next."""
