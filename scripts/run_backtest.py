"""`fg-backtest` under the name of the specification: FRED's training set unless told otherwise."""

from fg_backtest.cli import main

main()
