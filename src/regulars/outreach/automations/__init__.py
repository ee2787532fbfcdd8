"""Messages that go out by themselves: when somebody enters or leaves a segment, after days in it, or on a date."""
