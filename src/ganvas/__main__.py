"""python -m ganvas"""

from .cli.main import main

main()
