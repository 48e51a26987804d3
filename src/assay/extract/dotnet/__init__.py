""".NET: dependency files, lock files, project files and assemblies."""
