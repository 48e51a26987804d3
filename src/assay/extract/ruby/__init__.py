"""Ruby: installed gem specifications and Bundler lock files."""
