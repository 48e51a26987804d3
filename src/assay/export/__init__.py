"""Reports and inventories in the formats others read."""
