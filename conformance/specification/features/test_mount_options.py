"""features.md#featuresMountOptions"""

from conformance import requirement
from conformance.harness.features import not_taken, possible
from conformance.harness.trials import asking_for_option

#: The options of config.md, less those that the kernel takes as a file system's own, whoever does not know them.
WORDS = """
    atime bind defaults dev diratime exec idmap iversion loud noatime nodev nodiratime noexec noiversion norelatime
    nostrictatime nosuid nosymfollow private ratime rbind rdev rdiratime relatime remount rexec ridmap rnoatime rnodev
    rnodiratime rnoexec rnorelatime rnostrictatime rnosuid rnosymfollow rprivate rrelatime rro rrw rshared rslave
    rstrictatime rsuid rsymfollow runbindable shared silent slave strictatime suid symfollow tmpcopyup unbindable
"""
#: Words of tmpfs, devpts, proc, overlay, ext4 and xfs, without their values.
WORDS_OF_FILE_SYSTEMS = """
    barrier commit context data defcontext discard errors fscontext gid hidepid huge inode32 inode64 journal_checksum
    logbufs lowerdir metacopy mode mpol newinstance nobarrier nodiscard noquota nr_blocks nr_inodes prjquota ptmxmode
    redirect_dir rootcontext size subset uid upperdir usrquota volatile workdir xino
"""


@requirement("feat.mountOptions")
def test_every_option_that_is_listed_is_known(features, trials):
    """What is not taken may be known all the same, and be too much for the kernel."""
    listed = possible(features.names("mountOptions"), asking_for_option)

    refused = not_taken(listed, lambda options: trials.mount_options(*options))

    assert [option for option in refused if not trials.knows_option(option)] == []


@requirement("feat.mountOptions.complete")
def test_every_option_that_is_known_is_listed(features, trials):
    unlisted = possible(set(WORDS.split()).difference(features.names("mountOptions")), asking_for_option)

    assert [option for option in sorted(unlisted) if trials.knows_option(option)] == []


@requirement("feat.mountOptions.no-fs")
def test_no_option_of_a_file_system_is_listed(features):
    listed = features.names("mountOptions")

    assert [option for option in listed if option.partition("=")[0] in WORDS_OF_FILE_SYSTEMS.split()] == []
