"""A bundle made of an archive that somebody else wrote: nothing in it is trusted.

    source   a file, a directory or standard input: a plain root file system, or an OCI image layout
    layout   index → manifest → config and layers, each blob held against its digest and its size
    streams  bytes on their way: decompressed, measured, hashed
    tar      an archive's entries, one by one
    tree     the root file system: entries put in their places, and never anywhere else
    layers   one changeset after the other, whiteouts included
    image    the image's config made into the runtime's, with users looked up in the tree

All faults of what was given are `faults.Fault`, one line each; what the host cannot do is an OSError.
"""
