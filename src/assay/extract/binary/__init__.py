"""Executables: the few parts of ELF, PE and Mach-O files that state what was built into them."""
