"""The pytest plugin: options, the sandbox around the run, the fixtures of a test, and what is made of its end."""

import itertools
import json
import os
import shutil
from collections.abc import Generator, Iterator
from pathlib import Path
from typing import Any

import pytest

from bundles import contracts
from conformance import catalogue

from . import allure_story, evidence, judged, libc, mutants, outcomes, recorder, residue, runtime, sandbox, selection
from .container import Config, Container
from .runtime import Runtime

pytest_plugins = tuple(
    f"conformance.harness.{name}"
    for name in (
        "resources",
        "block_devices",
        "callers",
        "canaries",
        "delegation",
        "elsewhere",
        "existing_cgroups",
        "experimental_devices",
        "features",
        "huge_pages",
        "kernel_log",
        "limits",
        "network_devices",
        "resctrl",
        "rdma_devices",
        "notify_agent",
        "statuses",
        "strangers",
        "trials",
        "impossible",
    )
)

JUDGED = pytest.StashKey[judged.Judged]()
COMPARED = pytest.StashKey["tuple[str, Any, Any] | None"]()


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("oci", "OCI runtime conformance")
    group.addoption("--runtime", metavar="COMMAND", help="the runtime under test; may have arguments")
    group.addoption("--spec-version", metavar="RELEASE", help="judge by this release of the specification")
    group.addoption("--runtime-timeout", type=float, default=10.0, metavar="SECONDS", help="for each operation")
    group.addoption("--contested", action="store_true", help="let contested requirements turn the run red")
    group.addoption("--advice", action="store_true", help="let advice that is not followed turn the run red")
    group.addoption("--keep", metavar="DIR", help="copy the bundles of failed tests here")
    group.addoption("--no-sandbox", action="store_true", help="run in the host's own namespaces")
    group.addoption("--sandbox-size", default="2g", metavar="SIZE", help="limit of the run's tmpfs, as for mount(8)")
    group.addoption("--tools-required", action="store_true", help="a test whose tool is missing fails, not skips")
    group.addoption(
        "--stand-in", action="append", choices=["resctrl"], help="show the runtime an imitation of what the host lacks"
    )
    selection.add_options(group)
    mutants.add_options(group)


# --- before anything is collected ------------------------------------------------------------------------------------


def is_worker(config: pytest.Config) -> bool:
    return hasattr(config, "workerinput")


@pytest.hookimpl(tryfirst=True)
def pytest_cmdline_main(config: pytest.Config) -> int | None:
    if is_worker(config) or config.option.help or config.option.version:
        return None
    try:
        selection.check(config)
    except selection.Unknown as problem:
        raise pytest.UsageError(str(problem)) from None
    if config.option.list_requirements:
        selection.list_requirements(config)
        return 0
    if config.option.collectonly:
        return None
    return prepare(config)


def prepare(config: pytest.Config) -> int | None:
    """Enter the sandbox and ask the runtime what it is; an exit status where there is nothing to go on with."""
    wanted = selection.concerns_a_runtime(config.args)
    command: tuple[str, ...] = ()
    if wanted:
        command = usable(config)
    if os.geteuid() == 0 and not config.option.no_sandbox:
        enter_sandbox(config)
    if not wanted:
        return None
    sandbox.adopt_orphans()
    try:
        scratch = sandbox.scratch()
        command = runtime.launcher(command, scratch / "bin")
        config.stash[JUDGED] = judged.judge(
            command, config.option.runtime or runtime.EMBEDDED, timeout(config), config.option.spec_version, scratch
        )
        mutants.prepare(config, command, scratch / "bin")
    except judged.DoesNotRun as problem:
        print(f"{config.option.runtime or runtime.EMBEDDED}: {problem}")
        return 1
    except runtime.Unusable as problem:
        raise pytest.UsageError(str(problem)) from None
    except OSError as problem:
        raise pytest.UsageError(f"{problem.filename or sandbox.scratch()}: {problem.strerror}") from None
    except KeyboardInterrupt:
        return 2
    return None


def usable(config: pytest.Config) -> tuple[str, ...]:
    """The runtime's command; a UsageError of one line where this run cannot begin."""
    if os.geteuid() != 0:
        raise pytest.UsageError("containers are made by root: run this as root (sudo), or name only paths without them")
    release = config.option.spec_version
    if release is not None and release not in catalogue.RELEASES:
        raise pytest.UsageError(f"--spec-version={release}: not one of {', '.join(catalogue.RELEASES)}")
    for option in ("report_dir", "keep"):
        directory = getattr(config.option, option, None)
        if directory and not config.option.no_sandbox and sandbox.hides(Path(directory)):
            raise pytest.UsageError(f"{directory}: /run is the sandbox's own, name a directory elsewhere")
        if directory and (problem := recorder.writable(Path(directory))):
            raise pytest.UsageError(f"{directory}: {problem}")
    try:
        return runtime.find(config.option.runtime or runtime.EMBEDDED)
    except runtime.Unusable as problem:
        raise pytest.UsageError(str(problem)) from None


def enter_sandbox(config: pytest.Config) -> None:
    try:
        sandbox.enter(config.option.sandbox_size)
    except sandbox.NoSandbox as problem:
        raise pytest.UsageError(f"no sandbox can be made here: {problem}; --no-sandbox runs without one") from None
    if config.option.basetemp is None:
        config.option.basetemp = str(sandbox.scratch() / "pytest")


def timeout(config: pytest.Config) -> float:
    return config.option.runtime_timeout


# --- the run ---------------------------------------------------------------------------------------------------------


def pytest_configure(config: pytest.Config) -> None:
    selection.choose_paths(config)
    config.results_path = None  # type: ignore[attr-defined]  # read by reports.plugin, which knows nothing of us
    given: dict[str, Any] = getattr(config, "workerinput", {})
    if "judged" in given:
        config.stash[JUDGED] = judged.Judged(**given["judged"])
        mutants.receive(config, given["mutants"])
    if JUDGED in config.stash:
        sandbox.adopt_orphans()


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: Any) -> None:
    if JUDGED in node.config.stash:
        node.workerinput["judged"] = node.config.stash[JUDGED].plain()
        node.workerinput["mutants"] = mutants.given(node.config)


@pytest.hookimpl(tryfirst=True)
def pytest_sessionstart(session: pytest.Session) -> None:
    config = session.config
    residue.AT_FIRST.update(residue.mounted())
    if JUDGED in config.stash and not is_worker(config) and not mutants.wanted(config):
        directory = Path(getattr(config.option, "report_dir", None) or config.rootpath / "reports" / "latest")
        workers = len(getattr(config.option, "tx", None) or ()) or 1
        recording = recorder.Recorder(directory / "results.jsonl", config.stash[JUDGED], workers)
        config.pluginmanager.register(recording, "recorder")
        config.results_path = recording.path  # type: ignore[attr-defined]  # as above


def pytest_report_header(config: pytest.Config) -> list[str]:
    if JUDGED not in config.stash:
        return []
    from .host import description

    found, host = config.stash[JUDGED], description()
    return [
        f"runtime: {found.named} ({found.command[0]}, sha256 {found.sha256[:16]}…)",
        f"version: {'; '.join(found.version_words.splitlines()[:4])}",
        f"claims: {found.claims or 'no release'}; judged by {found.specification}: {found.why}",
        f"host: Linux {host['kernel']} {host['architecture']}, {host['distribution']}, cgroup {host['cgroup']}",
        f"security modules: {', '.join(host['lsm']) or 'none told'}; lacking: {', '.join(host['lacks']) or 'nothing'}",
    ]


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    release = config.stash[JUDGED].specification if JUDGED in config.stash else None
    selection.select(items, config, release)
    mutants.select(items, config)
    for item in items:
        if requirement := selection.requirement_of(item):
            item.user_properties += [
                ("requirement", requirement.id),
                ("level", requirement.level),
                ("specification", requirement.link(release or catalogue.RELEASES[-1])),
            ]
            if allure_story.wanted(config):
                allure_story.label(item, requirement, release or catalogue.RELEASES[-1])


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    mutants.parametrize(metafunc)


# --- fixtures --------------------------------------------------------------------------------------------------------


@pytest.fixture
def mutant(request: pytest.FixtureRequest) -> tuple[str, ...] | None:
    """The command of the mutant that this test is run on; None in any other run."""
    _, command = getattr(request, "param", ("", None))
    return command and tuple(command)


@pytest.fixture(name="runtime")
def runtime_fixture(pytestconfig: pytest.Config, mutant: tuple[str, ...] | None) -> Runtime:
    """The runtime under test."""
    found = pytestconfig.stash[JUDGED]
    return Runtime(mutant or tuple(found.command), timeout(pytestconfig), found.features, found.visible)


@pytest.fixture
def spec_version(pytestconfig: pytest.Config) -> str:
    """The release of the specification that this run judges by."""
    return pytestconfig.stash[JUDGED].specification


@pytest.fixture
def config(spec_version: str) -> Config:
    """A fresh ordinary config, in the specification's own JSON."""
    return contracts.ordinary() | {"ociVersion": spec_version}


NUMBERS = itertools.count(1)


@pytest.fixture
def place(request: pytest.FixtureRequest) -> Iterator[Path]:
    """A directory of this test's own, removed after it."""
    worker = os.environ.get("PYTEST_XDIST_WORKER", "main")
    directory = sandbox.scratch() / worker / f"{next(NUMBERS)}"
    directory.mkdir(parents=True)
    yield directory
    shutil.rmtree(directory)


@pytest.fixture
def rootfs(place: Path, pytestconfig: pytest.Config) -> Iterator[Path]:
    """This test's own root file system, writable from outside; the bundle's `rootfs`."""
    directory = place / "bundle" / "rootfs"
    directory.mkdir(parents=True)
    judged.overlay(Path(pytestconfig.stash[JUDGED].rootfs), directory, place)
    yield directory
    libc.umount(str(directory))


@pytest.fixture
def container(runtime: Runtime, config: Config, rootfs: Path, place: Path) -> Iterator[Container]:
    """A container of `config` and `rootfs`, not yet created; removed after the test, and nothing may be left of it."""
    residue.OURS.clear()
    residue.OURS.update(sandbox.children())
    worker = os.environ.get("PYTEST_XDIST_WORKER", "main")
    made = Container(runtime, place, config, f"oci-{worker}-{place.name}-{os.getpid()}")
    yield made
    __tracebackhide__ = True
    try:
        made.remove()
    finally:
        made.abandon()


# --- what is made of a test's end ------------------------------------------------------------------------------------


def pytest_assertrepr_compare(config: pytest.Config, op: str, left: object, right: object) -> None:
    config.stash[COMPARED] = (op, left, right)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    if report.skipped and item.config.option.tools_required and "apt-get install" in report.longreprtext:
        report.outcome = "failed"
    requirement = selection.requirement_of(item)
    if requirement is None or JUDGED not in item.config.stash:
        return report
    raised = call.excinfo.value if call.excinfo else None
    item.stash.setdefault(evidence.ENDINGS, []).append((call.when, raised, item.config.stash.get(COMPARED, None)))
    item.stash[evidence.SECONDS] = item.stash.get(evidence.SECONDS, 0.0) + call.duration
    item.config.stash[COMPARED] = None
    if mutants.wanted(item.config):
        return mutants.judge(item, report, raised, item.config.stash[JUDGED])
    tell(item, requirement, report, raised)
    if call.when == "call" and allure_story.wanted(item.config):
        found = evidence.arguments(item)
        allure_story.attach(found.get("container"), found.get("runtime"))
    if call.when == "teardown":
        written = evidence.line(item, requirement, item.config.stash[JUDGED].specification, also_red(item.config))
        # As text: xdist, which sends it with the report, does not take every string.
        report.line = json.dumps(written)  # type: ignore[attr-defined]  # read by the recorder
    return report


def tell(
    item: pytest.Item, requirement: catalogue.Requirement, report: pytest.TestReport, raised: BaseException | None
) -> None:
    """Give the report the suite's own outcome, and a failure its evidence."""
    outcome = outcomes.outcome(raised, requirement, also_red(item.config))
    if outcome == outcomes.PASSED:
        return
    report.verdict = outcome  # type: ignore[attr-defined]  # read by pytest_report_teststatus
    if report.outcome != "failed":
        return
    found = evidence.arguments(item)
    if "container" in found and "runtime" in found:
        item.stash[evidence.REPLAY] = evidence.replay_of(found["container"], found["runtime"])
        if item.config.option.keep:
            lost = evidence.keep(found["container"], Path(item.config.option.keep), item.nodeid)
            report.sections += [("not kept", lost)] if lost else []
    item.stash[evidence.TRACE] = report.longreprtext[-20000:]
    report.sections[:0] = evidence.sections(requirement, item.config.stash[JUDGED].specification, item)
    if outcome not in outcomes.RED:
        report.outcome = "skipped"
        report.longrepr = (str(item.path), item.location[1] or 0, f"{outcome}: {evidence.reason(raised)}")


def also_red(config: pytest.Config) -> set[str]:
    """What this run is asked to count as failures."""
    asked = {outcomes.CONTESTED: config.option.contested, outcomes.ADVICE: config.option.advice}
    return {outcome for outcome, wanted in asked.items() if wanted}


def pytest_report_teststatus(report: pytest.TestReport) -> tuple[str, str, str] | None:
    verdict = getattr(report, "verdict", None)
    if verdict is None or verdict == outcomes.PASSED:
        return None
    letter, word = outcomes.SHOWN.get(verdict, ("s", verdict.upper()))
    return verdict if verdict not in outcomes.RED else "failed", letter, word


def pytest_sessionfinish(session: pytest.Session) -> None:
    mutants.finish(session)


def pytest_unconfigure(config: pytest.Config) -> None:
    if config.option.no_sandbox and not is_worker(config) and sandbox.VARIABLE in os.environ:
        shutil.rmtree(os.environ.pop(sandbox.VARIABLE), ignore_errors=True)
