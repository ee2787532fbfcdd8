"""What comes in live: messages are put on disk first (`log`), and settled into the facts soon after (`settling`)."""
