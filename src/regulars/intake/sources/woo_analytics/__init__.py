"""WooCommerce, Analytics > Orders and Analytics > Customers > Download: the headers are in the admin's language."""
