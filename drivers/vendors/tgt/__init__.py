"""tgt (the Linux SCSI target framework, tgtd) over a shell: ``tgtadm`` and backing files.

How the schema maps to it (tgtadm(8); behaviour seen on tgt 1.0.85):

- A *pool* is a folder below the one that the profile names (``pools``), a *volume* a file in it. A file that is there
  is taken as it is: what makes volumes (``fallocate``, or ``truncate`` with ``>``) can only ever lengthen a file.
- An *export* is a target; its name carries the export's, after the pattern of the profile. Targets of others are shown
  by their whole names. LUN 0 of each is the controller, and can be no volume.
- A mask stands on a target, not on a LUN. A target that nobody was let into lets nobody in; the entry ``ALL`` lets in
  everybody, and is shown as an initiator of that name.
- tgtd forgets all when it ends. The files stay, so that targets, LUNs and masks are made again as they were. It would
  name each volume to its initiators by the numbers of target and LUN; these may be others then, so each volume is given
  a name of its own (``scsi_id``), made of the array's and its own.
- A LUN keeps the size that its file had when it was attached: a volume that grew is attached again.
"""

from drivers.vendors.tgt.driver import Tgt

DRIVER = Tgt
