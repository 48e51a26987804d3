"""From CVSS, exploit facts and the vendor's word to a severity, a score and its explanation."""
