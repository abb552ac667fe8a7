"""A small E-utilities server over real HTTP, well-behaved or misbehaving by name.

python -m tests.eutils --port 8000 --xml records.xml.gz --scenario flaky
"""
