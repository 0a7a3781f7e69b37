"""When people work: shifts, breaks, public holidays, shutdowns; in local time of the plant."""
