"""The documents of the specification as types, with the specification's own names: config, state, features.

For the type checker only: nothing imports this module at run time, and the config stays the JSON that it is.
What is true of every field at run time is in `config/valid_values/fields.py`.
"""

from __future__ import annotations

from typing import Literal, NotRequired, TypedDict

Namespaces = Literal["pid", "network", "mount", "ipc", "uts", "user", "cgroup", "time"]


class Root(TypedDict):
    path: str
    readonly: NotRequired[bool]


class IDMapping(TypedDict):
    containerID: int
    hostID: int
    size: int


class Mount(TypedDict):
    destination: str
    source: NotRequired[str]
    type: NotRequired[str]
    options: NotRequired[list[str]]
    uidMappings: NotRequired[list[IDMapping]]
    gidMappings: NotRequired[list[IDMapping]]


class ConsoleSize(TypedDict):
    height: int
    width: int


class User(TypedDict):
    uid: int
    gid: int
    umask: NotRequired[int]
    additionalGids: NotRequired[list[int]]


class RLimit(TypedDict):
    type: str
    soft: int
    hard: int


class Capabilities(TypedDict, total=False):
    bounding: list[str]
    effective: list[str]
    inheritable: list[str]
    permitted: list[str]
    ambient: list[str]


class Scheduler(TypedDict):
    policy: str
    nice: NotRequired[int]
    priority: NotRequired[int]
    flags: NotRequired[list[str]]
    runtime: NotRequired[int]
    deadline: NotRequired[int]
    period: NotRequired[int]


IOPriority = TypedDict("IOPriority", {"class": str, "priority": int})


class ExecCPUAffinity(TypedDict, total=False):
    initial: str
    final: str


class Process(TypedDict):
    args: list[str]
    cwd: str
    user: User
    terminal: NotRequired[bool]
    consoleSize: NotRequired[ConsoleSize]
    env: NotRequired[list[str]]
    rlimits: NotRequired[list[RLimit]]
    capabilities: NotRequired[Capabilities]
    noNewPrivileges: NotRequired[bool]
    oomScoreAdj: NotRequired[int]
    scheduler: NotRequired[Scheduler]
    ioPriority: NotRequired[IOPriority]
    execCPUAffinity: NotRequired[ExecCPUAffinity]
    apparmorProfile: NotRequired[str]
    selinuxLabel: NotRequired[str]


class Hook(TypedDict):
    path: str
    args: NotRequired[list[str]]
    env: NotRequired[list[str]]
    timeout: NotRequired[int]


class Hooks(TypedDict, total=False):
    prestart: list[Hook]
    createRuntime: list[Hook]
    createContainer: list[Hook]
    startContainer: list[Hook]
    poststart: list[Hook]
    poststop: list[Hook]


class Namespace(TypedDict):
    type: Namespaces
    path: NotRequired[str]


class TimeOffset(TypedDict, total=False):
    secs: int
    nanosecs: int


class NetworkDevice(TypedDict, total=False):
    name: str


class Device(TypedDict):
    type: Literal["c", "b", "u", "p"]
    path: str
    major: NotRequired[int]
    minor: NotRequired[int]
    fileMode: NotRequired[int]
    uid: NotRequired[int]
    gid: NotRequired[int]


class DeviceRule(TypedDict):
    allow: bool
    type: NotRequired[Literal["a", "c", "b"]]
    major: NotRequired[int]
    minor: NotRequired[int]
    access: NotRequired[str]


class Memory(TypedDict, total=False):
    limit: int
    reservation: int
    swap: int
    kernel: int
    kernelTCP: int
    swappiness: int
    disableOOMKiller: bool
    useHierarchy: bool
    checkBeforeUpdate: bool


class CPU(TypedDict, total=False):
    shares: int
    quota: int
    burst: int
    period: int
    realtimeRuntime: int
    realtimePeriod: int
    cpus: str
    mems: str
    idle: int


class PIDs(TypedDict, total=False):
    limit: int


class WeightDevice(TypedDict):
    major: int
    minor: int
    weight: NotRequired[int]
    leafWeight: NotRequired[int]


class ThrottleDevice(TypedDict):
    major: int
    minor: int
    rate: int


class BlockIO(TypedDict, total=False):
    weight: int
    leafWeight: int
    weightDevice: list[WeightDevice]
    throttleReadBpsDevice: list[ThrottleDevice]
    throttleWriteBpsDevice: list[ThrottleDevice]
    throttleReadIOPSDevice: list[ThrottleDevice]
    throttleWriteIOPSDevice: list[ThrottleDevice]


class HugepageLimit(TypedDict):
    pageSize: str
    limit: int


class InterfacePriority(TypedDict):
    name: str
    priority: int


class Network(TypedDict, total=False):
    classID: int
    priorities: list[InterfacePriority]


class RDMA(TypedDict, total=False):
    hcaHandles: int
    hcaObjects: int


class Resources(TypedDict, total=False):
    devices: list[DeviceRule]
    memory: Memory
    cpu: CPU
    pids: PIDs
    unified: dict[str, str]
    blockIO: BlockIO
    hugepageLimits: list[HugepageLimit]
    network: Network
    rdma: dict[str, RDMA]


class IntelRdt(TypedDict, total=False):
    closID: str
    l3CacheSchema: str
    memBwSchema: str
    schemata: list[str]
    enableMonitoring: bool


class MemoryPolicy(TypedDict):
    mode: str
    nodes: NotRequired[str]
    flags: NotRequired[list[str]]


class Personality(TypedDict):
    domain: Literal["LINUX", "LINUX32"]
    flags: NotRequired[list[str]]


class SeccompArgument(TypedDict):
    index: int
    value: int
    op: str
    valueTwo: NotRequired[int]


class SeccompRule(TypedDict):
    names: list[str]
    action: str
    errnoRet: NotRequired[int]
    args: NotRequired[list[SeccompArgument]]


class Seccomp(TypedDict):
    defaultAction: str
    defaultErrnoRet: NotRequired[int]
    architectures: NotRequired[list[str]]
    flags: NotRequired[list[str]]
    listenerPath: NotRequired[str]
    listenerMetadata: NotRequired[str]
    syscalls: NotRequired[list[SeccompRule]]


class Linux(TypedDict, total=False):
    namespaces: list[Namespace]
    uidMappings: list[IDMapping]
    gidMappings: list[IDMapping]
    timeOffsets: dict[str, TimeOffset]
    devices: list[Device]
    netDevices: dict[str, NetworkDevice]
    cgroupsPath: str
    resources: Resources
    intelRdt: IntelRdt
    memoryPolicy: MemoryPolicy
    sysctl: dict[str, str]
    seccomp: Seccomp
    rootfsPropagation: Literal["shared", "slave", "private", "unbindable"]
    maskedPaths: list[str]
    readonlyPaths: list[str]
    mountLabel: str
    personality: Personality


class Config(TypedDict):
    ociVersion: str
    root: Root
    mounts: NotRequired[list[Mount]]
    process: NotRequired[Process]
    hostname: NotRequired[str]
    domainname: NotRequired[str]
    hooks: NotRequired[Hooks]
    annotations: NotRequired[dict[str, str]]
    linux: NotRequired[Linux]


class State(TypedDict):
    ociVersion: str
    id: str
    status: str
    bundle: str
    pid: NotRequired[int]
    annotations: NotRequired[dict[str, str]]


class ContainerProcessState(TypedDict):
    ociVersion: str
    fds: list[str]
    pid: int
    state: State
    metadata: NotRequired[str]


class Cgroup(TypedDict):
    v1: bool
    v2: bool
    systemd: bool
    systemdUser: bool
    rdma: bool


class Switch(TypedDict):
    enabled: bool


class SeccompFeatures(TypedDict):
    enabled: bool
    actions: list[str]
    operators: list[str]
    archs: list[str]
    knownFlags: list[str]
    supportedFlags: list[str]


class MemoryPolicyFeatures(TypedDict):
    modes: list[str]
    flags: list[str]


class MountExtensions(TypedDict):
    idmap: Switch


class IntelRdtFeatures(TypedDict):
    enabled: bool
    schemata: bool
    monitoring: bool


class LinuxFeatures(TypedDict):
    namespaces: list[str]
    capabilities: list[str]
    cgroup: Cgroup
    seccomp: SeccompFeatures
    apparmor: Switch
    selinux: Switch
    memoryPolicy: MemoryPolicyFeatures
    mountExtensions: MountExtensions
    intelRdt: IntelRdtFeatures
    netDevices: Switch


class Features(TypedDict):
    ociVersionMin: str
    ociVersionMax: str
    hooks: list[str]
    mountOptions: list[str]
    linux: LinuxFeatures
    annotations: dict[str, str]
    potentiallyUnsafeConfigAnnotations: list[str]
