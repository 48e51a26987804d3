"""From a target to readable trees: directories, images, registries, archives, with limits against hostile input."""
