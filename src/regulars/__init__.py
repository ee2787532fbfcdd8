"""Regulars: who the customers are, what each group is worth, and what to do about it."""

from regulars.shop import Shop

__all__ = ["Shop"]
