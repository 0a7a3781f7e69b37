"""The weekly report of a park: forecasts, work orders and spares in one text, as Markdown and as a page."""
