"""Java: archives nested to any depth, and the manifests and lock files of Maven and Gradle."""
