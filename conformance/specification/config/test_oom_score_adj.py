"""config.md#configLinuxProcess: oomScoreAdj"""

import pytest

from conformance import generates_an_error, requirement


@requirement("oom.set")
@pytest.mark.parametrize("score", [-500, 1, 123, 1000])
def test_the_score_is_the_configured_one(config, container, score):
    config["process"]["oomScoreAdj"] = score

    assert container.run().facts.oom_score_adj == str(score)


@requirement("oom.set")
def test_a_score_of_0_is_set_whatever_the_caller_has(config, container, oom_score):
    config["process"]["oomScoreAdj"] = 0

    assert container.run().facts.oom_score_adj == "0"


@requirement("oom.set")
def test_the_score_is_set_for_a_user_without_privilege(config, container):
    config["process"] |= {"user": {"uid": 1000, "gid": 1000}, "capabilities": {}, "oomScoreAdj": 123}

    assert container.run().facts.oom_score_adj == "123"


@requirement("oom.unset")
def test_without_a_score_the_callers_stays(container, oom_score):
    assert container.run().facts.oom_score_adj == str(oom_score)


@requirement("oom.range")
@pytest.mark.parametrize("score", [-1001, 1001])
def test_a_score_that_is_none_is_an_error(config, container, another, score):
    config["process"]["oomScoreAdj"] = 1000
    another().create()

    config["process"]["oomScoreAdj"] = score

    with generates_an_error():
        container.create()
        container.start()
