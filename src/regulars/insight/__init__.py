"""What the data says: one module (or package) an analysis, found by its name, see `regulars.insight.common`."""
