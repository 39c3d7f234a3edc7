"""What the commands of ``ipbot`` do, one file a command; they print, the rest of the product does not."""
