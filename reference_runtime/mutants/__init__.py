"""The runtime with one requirement broken, so that the suite's tests can prove that they can fail.

Each module, named as the section is, has a table `MUTANTS`: requirement → what is changed, once for each mutant. The
second mutant of a requirement is called `ID/2`.
"""
