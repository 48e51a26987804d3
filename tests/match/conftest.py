"""The builders of matching_world.py become importable: tests of this folder share them, fixtures would not do in parameters."""

import sys
from pathlib import Path

sys.path.append(str(Path(__file__).parent))
