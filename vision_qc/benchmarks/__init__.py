"""Published data sets, scored the way their papers do."""
