"""Analyses on the pages: run as jobs, kept while the facts stand still, shown with their moment."""
