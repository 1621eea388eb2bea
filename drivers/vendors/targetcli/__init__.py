"""LIO, the SCSI target of the Linux kernel, over a shell: ``targetcli`` to change, the kernel's configfs to read.

How the schema maps to it (targetcli(8), and the files of target_core_mod and iscsi_target_mod below
/sys/kernel/config/target):

- Pools are folders and volumes files in them (:mod:`drivers.storage.files`); a volume that is shown has a storage
  object ``fileio`` of its own name.
- An export is a target with one portal group; its name carries the export's, after the pattern of the profile.
- A machine is an ACL of that group, to which every LUN is mapped under its own number; a LUN that is not mapped for one
  of them is not shown. A group that lets in whoever asks (``generate_node_acls``) is shown with the initiator ``ALL``.
- A storage object keeps the size that its file had when it was made: a volume that grew is taken out and put in again.
- LIO deletes a target from under its sessions, so they are looked at once more before that is sent.
"""

from drivers.vendors.targetcli.driver import Lio

DRIVER = Lio
