"""The infrastructure of Otto's machine-to-machine platform, as AWS CDK code."""
