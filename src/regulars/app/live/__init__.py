"""What comes in live: the address that libraries send to, the thread that settles, and the page that shows it."""
