"""python -m reports: what was found, drawn again from a results.jsonl.

page         RESULTS [-o FILE]                            report.html
summary      RESULTS                                      the terminal's summary
gate         RESULTS [--expectations FILE] [--strict FILE]   the exit status, and why
compare      ONE OTHER                                    requirements whose verdicts differ; exit 1 if any does
expectations RESULTS                                      a first draft of known failures, as TOML
lacks        RESULTS                                      a first draft of a strict list, as TOML
speed        RESULTS                                      figures, and the slowest tests
"""

import argparse
import os
import sys
from pathlib import Path

from . import compare, demands, gate, page, results, skeletons, speed, summary


def main(arguments: list[str] | None = None) -> int:
    asked = _parser().parse_args(arguments)
    try:
        return asked.does(asked)
    except BrokenPipeError:  # as in `| head`: nobody reads on, and nothing is wrong
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except (results.ResultsError, demands.UsageError, OSError) as error:
        print(error, file=sys.stderr)
        return gate.USAGE


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser("python -m reports", description="Views of a run's results.jsonl.")
    views = parser.add_subparsers(metavar="VIEW", required=True)
    for does in (_page, _summary, _gate, _compare, _expectations, _lacks, _speed):
        view = views.add_parser(does.__name__.strip("_"), help=does.__doc__, description=does.__doc__)
        view.add_argument("results", type=Path, metavar="RESULTS", help="a results.jsonl")
        view.set_defaults(does=does)
        if does is _page:
            view.add_argument("-o", "--output", type=Path, metavar="FILE", help="default: report.html beside RESULTS")
        if does is _gate:
            view.add_argument("--expectations", type=Path, metavar="FILE", help="known failures")
            view.add_argument("--strict", type=Path, metavar="FILE", help="known skips: no other is accepted")
        if does is _compare:
            view.add_argument("other", type=Path, metavar="OTHER", help="the results.jsonl to compare with")
    return parser


def _page(asked: argparse.Namespace) -> int:
    """Draw report.html."""
    target = asked.output or asked.results.with_name("report.html")
    page.write(results.read(asked.results), target)
    return _print([str(target)])


def _summary(asked: argparse.Namespace) -> int:
    """What a terminal shows at the end of the run."""
    return _print(summary.lines(results.read(asked.results)))


def _gate(asked: argparse.Namespace) -> int:
    """Judge the run by what was expected; the exit status is pytest's."""
    known = demands.expectations(asked.expectations) if asked.expectations else []
    strict = demands.lacks(asked.strict) if asked.strict else None
    verdict = gate.judge(results.read(asked.results), known, strict)
    _print([*verdict.lines, f"gate: exit {verdict.exit}"])
    return verdict.exit


def _compare(asked: argparse.Namespace) -> int:
    """Tell on which requirements two runs differ."""
    one, other = results.read(asked.results), results.read(asked.other)
    _print(compare.lines(one, other))
    return int(bool(compare.differences(one, other)))


def _expectations(asked: argparse.Namespace) -> int:
    """Write a first draft of an expectations file."""
    return _print([skeletons.expectations(results.read(asked.results))])


def _lacks(asked: argparse.Namespace) -> int:
    """Write a first draft of a strict list."""
    return _print([skeletons.lacks(results.read(asked.results))])


def _speed(asked: argparse.Namespace) -> int:
    """Tell how fast the run was, and which tests were the slowest."""
    return _print(speed.lines(results.read(asked.results)))


def _print(lines: list[str]) -> int:
    sys.stdout.writelines(f"{line}\n" for line in lines)
    sys.stdout.flush()
    return 0


if __name__ == "__main__":
    sys.exit(main())
